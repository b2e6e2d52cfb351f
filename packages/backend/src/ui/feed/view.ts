/** What all live views have in common: they collect changes cheaply and say what to send when the feed asks. */
import type { CommittedEvent } from "../../bus/committed-event.ts";
import type { DeletedEvent } from "../../bus/topics.ts";
import type { Frame, StatusCounts } from "../wire.ts";

/** One round of flushing: what all views of a namespace need is asked once. */
export interface Round {
  /** Milliseconds. */
  readonly now: number;
  /** The store has been busy enough with pages: do not ask it now. */
  readonly mayAsk: boolean;
  counts(namespace: string): Promise<StatusCounts>;
}

export interface View {
  readonly namespace: string;
  /** Asks the store for everything a new page needs. */
  load(): Promise<void>;
  /** The frames that show what the view knows now. */
  snapshot(): readonly Frame[];
  /** Entities whose every event this view wants; lists of what is on screen. */
  watches(): Iterable<string>;
  /** An event of a watched entity, or one that `moved`: new, or of another status or silence than before. */
  offer(event: CommittedEvent, moved: boolean): void;
  remove(event: DeletedEvent): void;
  /** An entity of the namespace came, changed or went. */
  entitiesChanged(): void;
  /** Frames for what was collected since the last call. Never called while an earlier call is running. */
  flush(round: Round): Promise<readonly Frame[]>;
  /** Something was collected, or is due. */
  readonly dirty: boolean;
}
