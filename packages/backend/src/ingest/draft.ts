/** One event on its way from a sender to the store. */
import type { Entity, Event } from "@sensu-ts/core";
import type { EventKey } from "@sensu-ts/store";
import { type CommittedEvent, committedEvent } from "../bus/committed-event.ts";
import type { ReceivedParts } from "./frame-decoder.ts";

/** Collects the ids of a session's events that need not be sent again: committed, or refused for good (W-143). */
export interface SettledEvents {
  add(id: Uint8Array): void;
}

/** What is known of an event wherever it stands. */
export interface Taken {
  /** `check` is empty for metrics only. */
  readonly key: EventKey;
  /** The key joined. */
  readonly id: string;
  /** 16 bytes, or none; needed by `settled` only. */
  readonly eventId: Uint8Array;
  /** Bytes counted against the bound until the commit. */
  readonly size: number;
  /** `performance.now()` of its arrival. */
  readonly arrived: number;
  /** Called once, after the commit or the failure. */
  readonly done: ((error?: unknown) => void) | undefined;
  /** Of the agent's session, when the agent asked to be told. */
  readonly settled: SettledEvents | undefined;
}

/** Not merged yet. */
export interface Draft extends Taken {
  /** As received; with the entity it is attributed to once `entity` is set. */
  event: Event;
  /** Set once the event is attributed. */
  entity: Entity | undefined;
  /** Subscription that the received entity lacked; empty when none. */
  added: string;
  /** Dropped when the event does not go to the store as it came. */
  parts: ReceivedParts | undefined;
  /** Commits that met another writer. */
  conflicts: number;
}

/** Merged: waits for its commit, or is being published. */
export interface Item extends Taken {
  readonly previousTtl: number;
  readonly committed: CommittedEvent;
  /** To be merged once more, with what the store holds now. */
  again(): Draft;
  /** The bytes of its batch belong to others from now on. */
  release(): void;
}

export class MergedDraft implements Item {
  readonly key: EventKey;
  readonly id: string;
  readonly eventId: Uint8Array;
  readonly size: number;
  readonly arrived: number;
  readonly done: ((error?: unknown) => void) | undefined;
  readonly settled: SettledEvents | undefined;
  readonly previousTtl: number;
  readonly committed: CommittedEvent;
  readonly #draft: Draft;

  constructor(draft: Draft, event: Event, revision: number, previousTtl: number) {
    this.key = draft.key;
    this.id = draft.id;
    this.eventId = draft.eventId;
    this.size = draft.size;
    this.arrived = draft.arrived;
    this.done = draft.done;
    this.settled = draft.settled;
    this.previousTtl = previousTtl;
    this.committed = committedEvent(draft.key, event, revision);
    this.#draft = draft;
  }

  again(): Draft {
    return this.#draft;
  }

  release(): void {}
}
