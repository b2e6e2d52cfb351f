/** How much a check's status changed over its last results (P-59). */
import type { CheckHistory } from "../types/check.ts";

/** Results that are remembered; fewer give no state change. */
export const HISTORY_LENGTH = 21;

/** Weight of a change between entry i and i + 1: recent changes count more. */
const WEIGHTS = Array.from({ length: HISTORY_LENGTH - 1 }, (_, i) => 0.8 + 0.02 * i);

/** Percent, 0 to 98. `history` is oldest first. */
export function totalStateChange(history: readonly CheckHistory[]): number {
  return stateChange(history.length, (i) => (history[i] as CheckHistory).status);
}

/** As {@link totalStateChange}, of `length` results whose statuses are asked for by their place, oldest first. */
export function stateChange(length: number, statusAt: (index: number) => number): number {
  if (length < HISTORY_LENGTH) return 0;
  let sum = 0;
  let before = statusAt(0);
  for (let i = 1; i < HISTORY_LENGTH; i++) {
    const status = statusAt(i);
    if (status !== before) sum += WEIGHTS[i - 1] as number;
    before = status;
  }
  // The original calculates with 32-bit floats, and the truncation shows it.
  return Math.trunc(Math.fround(Math.fround(Math.fround(sum) / 20) * 100));
}
