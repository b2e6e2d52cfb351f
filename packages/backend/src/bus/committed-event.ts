/** An event after its commit: what pipelines, the event log and live pages see. Never changed by a consumer. */
import { type Check, Event, encodeProto, int, isSilenced, previousStatus } from "@sensu-ts/core";
import type { EventKey } from "@sensu-ts/store";

export interface CommittedEvent {
  readonly namespace: string;
  readonly entity: string;
  /** Empty for a metrics-only event, which is never stored. */
  readonly check: string;
  /** See {@link eventId}. */
  readonly id: string;
  /** Revision in the event store; 0 when it was not stored (registration, deregistration, metrics only). */
  readonly revision: number;
  /** Of the check; 0 when there is none. */
  readonly status: number;
  /** Result before this one, from the history; undefined when there was none. */
  readonly previousStatus: number | undefined;
  readonly silenced: boolean;
  readonly hasMetrics: boolean;
  /** Of the entity, Unix seconds. */
  readonly lastSeen: number;
  /** What the check is apart from this result: the fields of the result itself may be empty. */
  readonly definition: Check | undefined;
  /** Every event with this very `definition` names the same pipelines and handlers. */
  readonly repeated: boolean;
  /**
   * Full event: metrics and untruncated output included (P-66). Most events are never looked at as a whole, so it may
   * lie in bytes that are used again: who wants it after the publish asks for it, or calls `keep`, before.
   */
  readonly event: Event;
  keep(): void;
  /** A protobuf Event of one's own; as with `event`, before the publish is over. */
  encode(): Uint8Array;
}

/** How the events of one key are told from others; unlike the store's key it takes any names. */
export function eventId({ namespace, entity, check }: EventKey): string {
  return `${namespace}/${entity}/${check}`;
}

/** Of an event that is there as a whole. */
export function committedEvent(key: EventKey, event: Event, revision: number): CommittedEvent {
  return new WholeEvent(key, event, revision);
}

class WholeEvent implements CommittedEvent {
  readonly namespace: string;
  readonly entity: string;
  readonly check: string;
  readonly revision: number;
  readonly event: Event;
  readonly repeated = false;

  constructor({ namespace, entity, check }: EventKey, event: Event, revision: number) {
    this.namespace = namespace;
    this.entity = entity;
    this.check = check;
    this.event = event;
    this.revision = revision;
  }

  get id(): string {
    return eventId(this);
  }

  get status(): number {
    return this.event.check?.status ?? 0;
  }

  get previousStatus(): number | undefined {
    return this.event.check && previousStatus(this.event.check);
  }

  get silenced(): boolean {
    return isSilenced(this.event);
  }

  get hasMetrics(): boolean {
    return this.event.metrics !== undefined;
  }

  get lastSeen(): number {
    return int(this.event.entity?.last_seen ?? 0);
  }

  get definition(): Check | undefined {
    return this.event.check;
  }

  keep(): void {}

  encode(): Uint8Array {
    return encodeProto(Event, this.event);
  }
}
