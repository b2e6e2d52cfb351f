import { setTimeout as delay } from "node:timers/promises";

/** Lets `rate` takes a second pass, after a burst of `burst`; a rate of 0 is no limit. One taker at a time. */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** `now` gives milliseconds. */
  constructor(rate: number, burst: number, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#burst = burst;
    this.#now = now;
    this.#tokens = burst;
    this.#at = now();
  }

  /** Milliseconds until the token just taken is there. */
  reserve(): number {
    if (this.#rate <= 0) return 0;
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#rate) - 1;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#rate) * 1000;
  }

  async take(signal: AbortSignal): Promise<void> {
    const wait = this.reserve();
    if (wait > 0) await delay(wait, undefined, { signal }).catch(() => undefined);
  }
}
