/** Waits between connection attempts (W-70). */
export interface BackoffSettings {
  readonly minMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
}

export class Backoff {
  readonly #settings: BackoffSettings;
  readonly #random: () => number;
  #attempts = 0;
  #wait: number;

  constructor(settings: BackoffSettings, random: () => number = Math.random) {
    this.#settings = settings;
    this.#random = random;
    this.#wait = settings.minMs;
  }

  /** Milliseconds before the next attempt; the first of an outage is immediate. */
  next(): number {
    if (this.#attempts++ === 0) return 0;
    const wait = Math.min(this.#wait, this.#settings.maxMs);
    const grown = this.#wait * this.#settings.multiplier;
    // Beyond the maximum the exact number no longer matters; the bound keeps it finite.
    this.#wait = Math.min(grown + this.#random() * grown, Number.MAX_SAFE_INTEGER);
    return wait;
  }

  /** A new outage starts afresh. */
  reset(): void {
    this.#attempts = 0;
    this.#wait = this.#settings.minMs;
  }
}
