import type { Event } from "@sensu-ts/core";

/** An event after its commit: what pipelines, the event log and live pages see. Never changed by a consumer. */
export interface CommittedEvent {
  readonly namespace: string;
  readonly entity: string;
  /** Empty for a metrics-only event, which is never stored. */
  readonly check: string;
  /** Full event: metrics and untruncated output included (P-66). */
  readonly event: Event;
  /** Revision in the event store; 0 when it was not stored (registration, deregistration, metrics only). */
  readonly revision: number;
}

export interface DeletedEvent {
  readonly namespace: string;
  readonly entity: string;
  readonly check: string;
}

/** Name of each topic and what travels on it. */
export interface Topics {
  readonly event: CommittedEvent;
  readonly eventDeleted: DeletedEvent;
}
