import type { EventKey } from "@sensu-ts/store";
import type { CommittedEvent } from "./committed-event.ts";

export type DeletedEvent = EventKey;

/** Name of each topic and what travels on it. */
export interface Topics {
  readonly event: CommittedEvent;
  readonly eventDeleted: DeletedEvent;
}
