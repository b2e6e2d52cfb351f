/** What all live views have in common: they collect changes cheaply and say what to send when the feed asks. */
import type { CommittedEvent, DeletedEvent } from "../../bus/topics.ts";
import type { Frame } from "../wire.ts";

export interface View {
  readonly namespace: string;
  /** Everything a new page needs. Asks the store; called once when the view opens and after changes were dropped. */
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
  /**
   * Frames for what was collected since the last call. May ask the store, rarely: `now` is milliseconds. Never called
   * while an earlier call of the same view is running.
   */
  flush(now: number): Promise<readonly Frame[]>;
  /** Something was collected, or is due. */
  readonly dirty: boolean;
}
