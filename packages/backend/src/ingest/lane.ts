/** Merged events that wait for a commit, and the commits under way (P-52: keepalives have a lane of their own). */
import type { EventWrite } from "@sensu-ts/store";
import type { CommittedEvent } from "../bus/topics.ts";
import { StoredBytes } from "../state/stored-bytes.ts";
import type { Draft } from "./draft.ts";

export interface Item {
  readonly draft: Draft;
  readonly previousTtl: number;
  readonly committed: CommittedEvent;
}

export class Lane {
  /** Commits allowed at once. */
  readonly width: number;
  readonly bytes: StoredBytes;
  ready: Item[] = [];
  readyBytes = 0;
  /** Those of `ready` that are stored (all but metrics only), in the same order. */
  writes: EventWrite[] = [];
  commits = 0;
  /** Batches that are stored and wait for room on the bus after their commit was given free. */
  handingOver = 0;
  flushAsked = false;
  lastFlush = 0;

  constructor(width: number, capacity?: number) {
    this.width = width;
    this.bytes = new StoredBytes(capacity);
  }

  get idle(): boolean {
    return this.ready.length === 0 && this.commits === 0 && this.handingOver === 0;
  }
}
