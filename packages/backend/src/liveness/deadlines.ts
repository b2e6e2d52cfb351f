/**
 * Moments that something is due, by id. Moving one to a later moment costs no more than a map lookup, because every
 * result of every check does it.
 */
export interface Deadline<T> {
  readonly id: string;
  readonly value: T;
  /** Milliseconds since 1970. */
  due: number;
  /** Grows whenever the deadline is moved by something that happened. */
  generation: number;
  /** Second under which it is filed; not later than `due`. */
  filed: number;
}

export class Deadlines<T> {
  readonly #byId = new Map<string, Deadline<T>>();
  readonly #bySecond = new Map<number, Deadline<T>[]>();
  /** All seconds up to this one were taken. */
  #swept = 0;

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Deadline<T> | undefined {
    return this.#byId.get(id);
  }

  values(): Iterable<Deadline<T>> {
    return this.#byId.values();
  }

  /** Sets or moves. */
  set(id: string, value: T, due: number): void {
    const known = this.#byId.get(id);
    const deadline: Deadline<T> = { id, value, due, generation: (known?.generation ?? 0) + 1, filed: -1 };
    if (known && known.filed >= 0 && due >= known.due) {
      Object.assign(known, { value, due, generation: deadline.generation });
      return;
    }
    // One that comes earlier is filed anew; the old entry no longer is the one in the map.
    this.#byId.set(id, deadline);
    this.#file(deadline);
  }

  delete(id: string): void {
    this.#byId.delete(id);
  }

  /** Those due at `now`, taken out of the files but not forgotten: `set` or `delete` follows for each. */
  take(now: number): readonly Deadline<T>[] {
    const until = Math.floor(now / 1000);
    const due: Deadline<T>[] = [];
    for (const second of this.#secondsUpTo(until)) {
      const deadlines = this.#bySecond.get(second) ?? [];
      this.#bySecond.delete(second);
      for (const deadline of deadlines) {
        if (this.#byId.get(deadline.id) !== deadline) continue;
        if (deadline.due > now) {
          this.#file(deadline);
        } else {
          deadline.filed = -1;
          due.push(deadline);
        }
      }
    }
    this.#swept = until;
    return due;
  }

  #secondsUpTo(until: number): readonly number[] {
    const steps = until - this.#swept;
    if (steps > this.#bySecond.size) return [...this.#bySecond.keys()].filter((second) => second <= until);
    return Array.from({ length: Math.max(steps + 1, 0) }, (_, i) => this.#swept + i);
  }

  #file(deadline: Deadline<T>): void {
    deadline.filed = Math.floor(deadline.due / 1000);
    const same = this.#bySecond.get(deadline.filed);
    if (same) same.push(deadline);
    else this.#bySecond.set(deadline.filed, [deadline]);
  }
}
