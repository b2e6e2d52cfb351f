/** What becomes of a result when it meets the stored one of the same entity and check (P-57 to P-63). */
import { type Int64, int, plus } from "../codec/schema.ts";
import type { Check, CheckHistory } from "../types/check.ts";
import type { Event } from "../types/event.ts";
import { HISTORY_LENGTH, totalStateChange } from "./flapping.ts";

/** All a merge needs of the stored event. A stored `Check` is one. */
export interface PreviousResult {
  /** Oldest first, at most 21. */
  readonly history: readonly CheckHistory[];
  readonly last_ok: Int64;
  readonly occurrences: Int64;
  readonly occurrences_watermark: Int64;
}

/** The check with history and everything calculated from it; all else is the incoming result's (P-63). */
export function mergeCheck(previous: PreviousResult | undefined, incoming: Check): Check {
  // A first result goes on from what the client sent.
  const before = previous ?? incoming;
  const history = extend(before.history, { status: incoming.status, executed: incoming.executed, flapping: false });
  const change = totalStateChange(history);
  const state = checkState(incoming.status, incoming, change);
  const last = history.length - 1;
  const earlier = last > 0 ? (history[last - 1] as CheckHistory).status : undefined;
  const occurrences = nextOccurrences(before.occurrences, earlier, incoming.status);
  const watermark = nextWatermark(before.occurrences_watermark, occurrences, earlier, incoming.status);
  return {
    ...incoming,
    history,
    total_state_change: change,
    state,
    last_ok: state === "passing" ? incoming.executed : before.last_ok,
    occurrences,
    occurrences_watermark: watermark,
  };
}

/** `now` is Unix seconds, taken when the event has no timestamp (P-65). An event without a check stays as it is. */
export function mergeEvent(previous: PreviousResult | undefined, incoming: Event, now: number): Event {
  const timestamp = int(incoming.timestamp) === 0 ? now : incoming.timestamp;
  if (!incoming.check) return incoming.timestamp === timestamp ? incoming : { ...incoming, timestamp };
  return { ...incoming, timestamp, check: mergeCheck(previous, incoming.check) };
}

function extend(history: readonly CheckHistory[], entry: CheckHistory): readonly CheckHistory[] {
  const longer = history.length < HISTORY_LENGTH ? history.slice() : history.slice(1 - HISTORY_LENGTH);
  longer.push(entry);
  return longer;
}

/** P-62. `earlier` is the status before, undefined when there was none. */
export function nextOccurrences(before: Int64, earlier: number | undefined, status: number): Int64 {
  return earlier === status ? plus(before, 1) : 1;
}

/** P-62. `occurrences` are those with this result. */
export function nextWatermark(before: Int64, occurrences: Int64, earlier: number | undefined, status: number): Int64 {
  if (status !== 0 && earlier === 0) return 1;
  return occurrences > before ? plus(before, 1) : before;
}

export type CheckState = "passing" | "failing" | "flapping";

/** P-60. The low threshold only switches the detection on. `change` is the total state change. */
export function checkState(
  status: number,
  { low_flap_threshold: low, high_flap_threshold: high }: Pick<Check, "low_flap_threshold" | "high_flap_threshold">,
  change: number,
): CheckState {
  if (low !== 0 && high !== 0 && change >= high) return "flapping";
  return status === 0 ? "passing" : "failing";
}
