/** Merged events that wait for a commit, and the commits under way (P-52: keepalives have a lane of their own). */
import type { EventWrite } from "@sensu-ts/store";
import { StoredBytes } from "../state/stored-bytes.ts";
import type { Item } from "./draft.ts";

export interface Batch {
  readonly items: readonly Item[];
  /** Those of `items` that are stored (all but metrics only), in the same order. */
  readonly writes: readonly EventWrite[];
  readonly bytes: StoredBytes;
}

export class Lane {
  /** Commits allowed at once. */
  readonly width: number;
  readonly #capacity: number;
  /** Bytes of the events in `ready`. */
  bytes: StoredBytes;
  readonly #spare: StoredBytes[] = [];
  ready: Item[] = [];
  readyBytes = 0;
  writes: EventWrite[] = [];
  commits = 0;
  /** Batches that are stored and wait for room on the bus after their commit was given free. */
  handingOver = 0;
  flushAsked = false;
  lastFlush = 0;

  constructor(width: number, capacity: number) {
    this.width = width;
    this.#capacity = capacity;
    this.bytes = new StoredBytes(capacity);
  }

  get idle(): boolean {
    return this.ready.length === 0 && this.commits === 0 && this.handingOver === 0;
  }

  /** All that is ready; its bytes stay as they are until `recycle`. */
  takeBatch(): Batch {
    const batch = { items: this.ready, writes: this.writes, bytes: this.bytes };
    this.ready = [];
    this.writes = [];
    this.readyBytes = 0;
    this.bytes = this.#spare.pop() ?? new StoredBytes(this.#capacity);
    return batch;
  }

  recycle({ items, bytes }: Batch): void {
    for (const item of items) item.release();
    bytes.reset();
    if (this.#spare.length < this.width) this.#spare.push(bytes);
  }
}
