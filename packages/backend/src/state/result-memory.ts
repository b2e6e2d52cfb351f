/** What merging needs of the last result of each key, kept in memory for the keys used last. */
import { type Check, type Event, int, type PreviousResult } from "@sensu-ts/core";

export interface RememberedResult extends PreviousResult {
  /** Revision in the store, or the one it will have when the commit under way is done. */
  readonly revision: number;
  /** Seconds; 0 is none. */
  readonly ttl: number;
}

export function rememberedResult(check: Check, revision: number): RememberedResult {
  return {
    history: check.history,
    last_ok: check.last_ok,
    occurrences: check.occurrences,
    occurrences_watermark: check.occurrences_watermark,
    revision,
    ttl: int(check.ttl),
  };
}

/** `undefined` result: nothing is stored under the key. */
export function rememberedEvent(event: Event | undefined, revision: number): RememberedResult | undefined {
  return event?.check && rememberedResult(event.check, revision);
}

/** Keys are joined event keys. About one KiB a key. */
export class ResultMemory {
  readonly #limit: number;
  readonly #results = new Map<string, RememberedResult>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#results.size;
  }

  get(key: string): RememberedResult | undefined {
    return this.#results.get(key);
  }

  set(key: string, result: RememberedResult): void {
    // Deleting first moves the key to the young end.
    this.#results.delete(key);
    this.#results.set(key, result);
    if (this.#results.size <= this.#limit) return;
    const oldest = this.#results.keys().next();
    if (!oldest.done) this.#results.delete(oldest.value);
  }

  delete(key: string): void {
    this.#results.delete(key);
  }
}
