/** How much was received and is not committed: above the bound senders stop, below half of it they go on (P-3). */
export class Pressure {
  readonly #maxBytes: number;
  readonly #saturation = new Set<() => void>();
  readonly #drain = new Set<() => void>();
  #bytes = 0;
  #events = 0;
  #saturated = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get events(): number {
    return this.#events;
  }

  get saturated(): boolean {
    return this.#saturated;
  }

  /** One event more. */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#events++;
    if (this.#saturated || this.#bytes <= this.#maxBytes) return;
    this.#saturated = true;
    for (const callback of this.#saturation) callback();
  }

  remove(bytes: number, events = 1): void {
    this.#bytes -= bytes;
    this.#events -= events;
    if (!this.#saturated || this.#bytes > this.#maxBytes / 2) return;
    this.#saturated = false;
    for (const callback of this.#drain) callback();
  }

  onSaturated(callback: () => void): () => void {
    this.#saturation.add(callback);
    return () => this.#saturation.delete(callback);
  }

  onDrain(callback: () => void): () => void {
    this.#drain.add(callback);
    return () => this.#drain.delete(callback);
  }
}
