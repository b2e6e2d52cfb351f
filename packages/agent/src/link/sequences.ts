/** Counters per check name, and `keepalive`, that start at 1 on every connection (W-62, W-96). */
export class Sequences {
  #last = new Map<string, number>();

  next(name: string): number {
    const value = (this.#last.get(name) ?? 0) + 1;
    this.#last.set(name, value);
    return value;
  }

  reset(): void {
    this.#last = new Map();
  }
}
