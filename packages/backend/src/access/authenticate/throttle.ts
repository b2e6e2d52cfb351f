import type { Clock } from "@sensu-ts/runtime";

export interface ThrottleOptions {
  readonly clock: Clock;
  /** Failures that cost nothing, so that a typing error is not felt. */
  readonly free?: number;
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
  /** Keys remembered; the oldest is forgotten first. */
  readonly maxKeys?: number;
  readonly wait?: (ms: number) => Promise<void>;
}

interface Failures {
  count: number;
  /** Earliest time of the next attempt, ms. */
  next: number;
}

/**
 * Slows guessing down: after a few failures each further attempt of the same (address, user) waits twice as long as the
 * one before, up to a limit. It never locks anyone out for good (S-208).
 */
export class Throttle {
  readonly #clock: Clock;
  readonly #free: number;
  readonly #first: number;
  readonly #longest: number;
  readonly #maxKeys: number;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #failures = new Map<string, Failures>();

  constructor(options: ThrottleOptions) {
    this.#clock = options.clock;
    this.#free = options.free ?? 5;
    this.#first = options.firstDelayMs ?? 200;
    this.#longest = options.longestDelayMs ?? 5000;
    this.#maxKeys = options.maxKeys ?? 10_000;
    this.#wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  /** Waits for the attempt's turn. False: so many attempts of this key wait already that this one is not made. */
  async admit(key: string): Promise<boolean> {
    const failures = this.#failures.get(key);
    if (!failures || failures.count < this.#free) return true;
    const now = this.#clock.now();
    const delay = this.#delay(failures.count);
    const turn = Math.max(now, failures.next);
    if (turn - now > 2 * this.#longest) return false;
    failures.next = turn + delay;
    if (turn > now) await this.#wait(turn - now);
    return true;
  }

  failed(key: string): void {
    const now = this.#clock.now();
    const failures = this.#failures.get(key) ?? { count: 0, next: 0 };
    failures.count++;
    if (failures.count >= this.#free) failures.next = Math.max(failures.next, now + this.#delay(failures.count));
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    if (this.#failures.size > this.#maxKeys) {
      const oldest = this.#failures.keys().next().value;
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  #delay(count: number): number {
    return Math.min(this.#longest, this.#first * 2 ** Math.min(20, count - this.#free));
  }
}
