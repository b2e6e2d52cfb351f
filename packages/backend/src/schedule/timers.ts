import type { Clock } from "@sensu-ts/runtime";
/**
 * Thousands of deadlines on one Node timer: a binary heap ordered by due time (unix ms). The wall clock is looked at
 * again at least once a second, so a step of the clock is noticed.
 */

export interface Deadline {
  cancel(): void;
}

interface Entry extends Deadline {
  readonly due: number;
  run: (() => void) | undefined;
}

const LONGEST_SLEEP_MS = 1000;

export class Timers {
  readonly #clock: Clock;
  readonly #heap: Entry[] = [];
  #cancelled = 0;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `run` once, at `due` or as soon after as the event loop allows; never before this returns. */
  at(due: number, run: () => void): Deadline {
    const entry: Entry = {
      due,
      run,
      cancel: () => {
        if (entry.run === undefined) return;
        entry.run = undefined;
        this.#cancelled++;
        this.#drop();
      },
    };
    this.#push(entry);
    this.#arm();
    return entry;
  }

  /** Forgets every deadline. */
  clear(): void {
    for (const entry of this.#heap) entry.run = undefined;
    this.#heap.length = 0;
    this.#cancelled = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined) return;
    const now = this.#clock.now();
    const wakesAt = Math.min(first.due, now + LONGEST_SLEEP_MS);
    if (this.#timer !== undefined && this.#wakesAt <= wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = wakesAt;
    // Node cuts a delay to whole milliseconds; rounding up avoids a wake just before the deadline.
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.ceil(wakesAt - now)));
  }

  #fire(): void {
    this.#timer = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    for (let first = this.#heap[0]; first !== undefined && first.due <= now; first = this.#heap[0]) {
      this.#pop();
      const run = first.run;
      first.run = undefined;
      if (run === undefined) this.#cancelled--;
      else run();
    }
    this.#arm();
  }

  /** Rebuilds the heap when most of it is cancelled. */
  #drop(): void {
    if (this.#cancelled < 64 || this.#cancelled * 2 < this.#heap.length) return;
    const live = this.#heap.filter((entry) => entry.run !== undefined);
    this.#heap.length = 0;
    this.#cancelled = 0;
    for (const entry of live) this.#push(entry);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((heap[parent] as Entry).due <= entry.due) break;
      heap[index] = heap[parent] as Entry;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as Entry).due < (heap[child] as Entry).due) child++;
      if ((heap[child] as Entry).due >= last.due) break;
      heap[index] = heap[child] as Entry;
      index = child;
    }
    heap[index] = last;
  }
}
