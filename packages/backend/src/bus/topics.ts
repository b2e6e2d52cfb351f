import type { CommittedEvent } from "./committed-event.ts";

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
