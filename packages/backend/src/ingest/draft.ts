/** One event on its way from a sender to the store. */
import type { Entity, Event } from "@sensu-ts/core";
import type { EventKey } from "@sensu-ts/store";
import type { ReceivedParts } from "./frame-decoder.ts";

export interface Draft {
  /** `check` is empty for metrics only. */
  readonly key: EventKey;
  /** The key joined. */
  readonly id: string;
  /** As received; with the entity it is attributed to once `entity` is set. */
  event: Event;
  /** Set once the event is attributed. */
  entity: Entity | undefined;
  /** Subscription that the received entity lacked; empty when none. */
  added: string;
  /** Dropped when the event does not go to the store as it came. */
  parts: ReceivedParts | undefined;
  /** Counted against the bound until the commit. */
  readonly bytes: number;
  /** `performance.now()` of its arrival; 0 when nobody waits to know. */
  readonly arrived: number;
  /** Commits that met another writer. */
  conflicts: number;
  /** Called once, after the commit or the failure. */
  readonly done: ((error?: unknown) => void) | undefined;
  /** Of the agent's session, when the agent asked to be told. */
  readonly settled: SettledEvents | undefined;
}

/** Collects the ids of a session's events that need not be sent again: committed, or refused for good (W-143). */
export interface SettledEvents {
  add(id: Uint8Array): void;
}
