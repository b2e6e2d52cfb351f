export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that nobody can set and that stand still while the machine sleeps; absent where time is a test's. */
  steady?(): number;
}

export const SYSTEM_CLOCK: Clock = { now: () => Date.now(), steady: () => performance.now() };

/** Milliseconds: Node fires timers of more than this (24.8 days) at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
