/** New sessions a second, and how many of them may come at once (B-354, B-355). */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** `perSecond` 0: no limit. `burst` 0: one second's worth. `now` in milliseconds. */
  constructor(perSecond: number, burst: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#burst = burst > 0 ? burst : Math.max(perSecond, 1);
    this.#now = now;
    this.#tokens = this.#burst;
    this.#at = now();
  }

  /** False: too many. */
  take(): boolean {
    if (this.#perSecond === 0) return true;
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
