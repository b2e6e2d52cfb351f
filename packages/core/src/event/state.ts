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

export function isResolvedCheck(check: Check): boolean {
  const { history } = check;
  return check.status === 0 && history.length >= 2 && history[history.length - 2]?.status !== 0;
}

export function isSilenced(event: Event): boolean {
  return event.check !== undefined && event.check.silenced.length > 0;
}
