/** Questions that filters, silences and pages ask of an event (P-64). */
import type { Check } from "../types/check.ts";
import type { Event } from "../types/event.ts";

export function isIncident(event: Event): boolean {
  return event.check !== undefined && event.check.status !== 0;
}

/** The result is good and the one before it was not. */
export function isResolution(event: Event): boolean {
  return event.check !== undefined && isResolvedCheck(event.check);
}

/** Result before this one, from the history, whose last entry is the result itself; undefined when there was none. */
export function previousStatus({ history }: Check): number | undefined {
  return history.at(-2)?.status;
}

export function isResolvedCheck(check: Check): boolean {
  return check.status === 0 && (previousStatus(check) ?? 0) !== 0;
}

export function isSilenced(event: Event): boolean {
  return event.check !== undefined && event.check.silenced.length > 0;
}
