/** What merging needs of the last result of each key, kept in memory for the keys used last. */
import {
  type Check,
  type CheckHistory,
  type CheckState,
  checkState,
  type Event,
  HISTORY_LENGTH,
  type Int64,
  int,
  nextOccurrences,
  nextWatermark,
  type PreviousResult,
  stateChange,
} from "@sensu-ts/core";

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

export function rememberedEvent(event: Event, revision: number): RememberedResult | undefined {
  return event.check && rememberedResult(event.check, revision);
}

/** What a result became, in numbers. */
export interface MergedResult {
  /** Revision of the result before. */
  readonly expected: number;
  readonly previousTtl: number;
  readonly previousStatus: number | undefined;
  readonly change: number;
  readonly state: CheckState;
  readonly lastOk: number;
  readonly occurrences: number;
  readonly watermark: number;
  /** From `history` on lie `length` pairs of status and executed, oldest first. */
  readonly numbers: Float64Array;
  readonly history: number;
  readonly length: number;
}

/** Numbers before the history: revision, ttl, last ok, occurrences, watermark, length of the history. */
const HEAD = 6;
const SLOT = HEAD + 2 * HISTORY_LENGTH;
const FIRST_SLOTS = 1024;
/** Counters above it are left to the 64-bit arithmetic of the merge. */
const COUNTED_HERE = 2 ** 52;

/**
 * Keys are joined event keys. Results are kept as plain numbers in one array (384 bytes each): as objects, which live
 * just long enough to become old, they would make most of the collector's work.
 */
export class ResultMemory {
  readonly #limit: number;
  readonly #slots = new Map<string, number>();
  /** Key of each slot in use. */
  readonly #keys: (string | undefined)[] = [];
  readonly #free: number[] = [];
  #numbers = new Float64Array(FIRST_SLOTS * SLOT);
  /** 1: used since the hand passed; such a slot gets a second chance. */
  readonly #used: Uint8Array;
  #hand = 0;
  readonly #merged: { -readonly [K in keyof MergedResult]: MergedResult[K] } = {
    ...{ expected: 0, previousTtl: 0, previousStatus: undefined, change: 0, state: "passing", lastOk: 0 },
    ...{ occurrences: 0, watermark: 0, numbers: this.#numbers, history: 0, length: 0 },
  };

  constructor(limit: number) {
    this.#limit = limit;
    this.#used = new Uint8Array(limit);
  }

  get size(): number {
    return this.#slots.size;
  }

  get(key: string): RememberedResult | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    this.#used[slot] = 1;
    const numbers = this.#numbers;
    const at = slot * SLOT;
    const history: CheckHistory[] = [];
    const end = at + HEAD + 2 * (numbers[at + 5] as number);
    for (let i = at + HEAD; i < end; i += 2) {
      history.push({ status: numbers[i] as number, executed: numbers[i + 1] as number, flapping: false });
    }
    return {
      revision: numbers[at] as number,
      ttl: numbers[at + 1] as number,
      last_ok: numbers[at + 2] as number,
      occurrences: numbers[at + 3] as number,
      occurrences_watermark: numbers[at + 4] as number,
      history,
    };
  }

  /**
   * Merges a result into the one remembered, as `mergeCheck` does (P-57 to P-62), and remembers it under the next
   * revision. Undefined, and nothing done, when none is remembered. The answer is good until the next call.
   */
  advance(key: string, status: number, executed: number, definition: Check): MergedResult | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    this.#used[slot] = 1;
    const numbers = this.#numbers;
    const at = slot * SLOT;
    const from = at + HEAD;
    let length = numbers[at + 5] as number;
    const merged = this.#merged;
    merged.expected = numbers[at] as number;
    merged.previousTtl = numbers[at + 1] as number;
    merged.previousStatus = length === 0 ? undefined : (numbers[from + 2 * (length - 1)] as number);
    if (length === HISTORY_LENGTH) numbers.copyWithin(from, from + 2, from + 2 * length);
    else length++;
    numbers[from + 2 * (length - 1)] = status;
    numbers[from + 2 * length - 1] = executed;
    merged.numbers = numbers;
    merged.history = from;
    merged.length = length;
    merged.change = stateChange(length, (i) => numbers[from + 2 * i] as number);
    merged.state = checkState(status, definition, merged.change);
    merged.lastOk = merged.state === "passing" ? executed : (numbers[at + 2] as number);
    // Counters kept here stay exact as numbers: `isPlain` takes none near the end of them.
    merged.occurrences = int(nextOccurrences(numbers[at + 3] as number, merged.previousStatus, status));
    const watermark = numbers[at + 4] as number;
    merged.watermark = int(nextWatermark(watermark, merged.occurrences, merged.previousStatus, status));
    numbers[at] = merged.expected + 1;
    numbers[at + 1] = int(definition.ttl);
    numbers[at + 2] = merged.lastOk;
    numbers[at + 3] = merged.occurrences;
    numbers[at + 4] = merged.watermark;
    numbers[at + 5] = length;
    return merged;
  }

  /** A result with integers below 0 or beyond 2^53 is not kept: it is read again when it is needed. */
  set(key: string, result: RememberedResult): void {
    if (!isPlain(result)) {
      this.delete(key);
      return;
    }
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#newSlot();
      this.#slots.set(key, slot);
      this.#keys[slot] = key;
    }
    this.#used[slot] = 1;
    const numbers = this.#numbers;
    const at = slot * SLOT;
    const { history } = result;
    numbers[at] = result.revision;
    numbers[at + 1] = result.ttl;
    numbers[at + 2] = int(result.last_ok);
    numbers[at + 3] = int(result.occurrences);
    numbers[at + 4] = int(result.occurrences_watermark);
    numbers[at + 5] = history.length;
    for (let i = 0; i < history.length; i++) {
      const { status, executed } = history[i] as CheckHistory;
      numbers[at + HEAD + 2 * i] = status;
      numbers[at + HEAD + 2 * i + 1] = int(executed);
    }
  }

  delete(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    this.#keys[slot] = undefined;
    this.#free.push(slot);
  }

  #newSlot(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#keys.length >= this.#limit) return this.#evict();
    const slot = this.#keys.length;
    if ((slot + 1) * SLOT > this.#numbers.length) {
      const grown = new Float64Array(Math.min(this.#numbers.length * 2, this.#limit * SLOT));
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#keys.push(undefined);
    return slot;
  }

  /** All slots are in use: the first not used for a whole turn of the hand goes. */
  #evict(): number {
    for (;;) {
      const slot = this.#hand;
      this.#hand = (slot + 1) % this.#limit;
      if (this.#used[slot] === 1) {
        this.#used[slot] = 0;
        continue;
      }
      this.#slots.delete(this.#keys[slot] as string);
      return slot;
    }
  }
}

function isPlain({ history, last_ok, occurrences, occurrences_watermark }: RememberedResult): boolean {
  const exact = (value: Int64) => typeof value === "number" && value >= 0;
  if (!exact(last_ok) || !exact(occurrences) || !exact(occurrences_watermark)) return false;
  if (occurrences >= COUNTED_HERE || occurrences_watermark >= COUNTED_HERE) return false;
  if (history.length > HISTORY_LENGTH) return false;
  return history.every((entry) => exact(entry.executed) && !entry.flapping);
}
