/** Repeated windows of `subdues` (R-92, P-18 to P-20) and daily windows of event filters (R-90, P-113). */
import { invalid } from "../errors.ts";
import type { TimeWindowRepeated, TimeWindowTimeRange } from "../types/shared.ts";
import type { TimeWindowWhen } from "../types/time-window.ts";
import { parseKitchen, parseRfc3339, type ZonedInstant } from "./go-time.ts";

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
const WEEKDAYS = [1, 2, 3, 4, 5];
const WEEKENDS = [6, 0];
const DAY_MS = 86_400_000;

/** A window being tried: all times are wall clocks in the zone of `begin`, written as if UTC. */
interface Window {
  readonly begin: Date;
  readonly lengthMs: number;
  readonly now: Date;
}

/** Each repeat value and when it matches; nothing is asked before `begin`. */
const REPEATS: Readonly<Record<string, (window: Window) => boolean>> = {
  annually: (window) =>
    window.now.getUTCMonth() === window.begin.getUTCMonth() &&
    window.now.getUTCDate() === window.begin.getUTCDate() &&
    today(window),
  monthly: (window) => window.now.getUTCDate() === window.begin.getUTCDate() && today(window),
  weekly: (window) => onWeekday(window, window.begin.getUTCDay()),
  weekdays: (window) => WEEKDAYS.some((day) => onWeekday(window, day)),
  weekends: (window) => WEEKENDS.some((day) => onWeekday(window, day)),
  daily: today,
  ...Object.fromEntries(DAYS.map((name, day) => [`${name}s`, (window: Window) => onWeekday(window, day)])),
};

function today(window: Window): boolean {
  return within(window, 0);
}

/** The weekday of the current Sunday to Saturday week. */
function onWeekday(window: Window, weekday: number): boolean {
  return within(window, weekday - window.now.getUTCDay());
}

function within({ begin, lengthMs, now }: Window, dayOffset: number): boolean {
  const start =
    Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()) +
    dayOffset * DAY_MS +
    ((begin.getUTCHours() * 60 + begin.getUTCMinutes()) * 60 + begin.getUTCSeconds()) * 1000;
  return now.getTime() >= start && now.getTime() < start + lengthMs + 1000;
}

/** Throws `SensuError("invalid")`, text without the place of the entry. */
export function validateRepeatedWindow(window: TimeWindowRepeated): void {
  const begin = readTime("begin", window.begin);
  const end = readTime("end", window.end);
  if (end.ms < begin.ms) throw invalid("end time must be after begin time");
  for (const repeat of window.repeat) {
    if (!Object.hasOwn(REPEATS, repeat)) throw invalid(`invalid repeat period: ${repeat}`);
  }
}

function readTime(which: string, text: string): ZonedInstant {
  try {
    return parseRfc3339(text);
  } catch (cause) {
    throw invalid(`invalid ${which} time format: ${(cause as Error).message}`, cause);
  }
}

/** Throws `SensuError("invalid")`: `subdue 0 invalid: …`. */
export function validateSubdues(subdues: readonly TimeWindowRepeated[]): void {
  for (const [index, window] of subdues.entries()) {
    try {
      validateRepeatedWindow(window);
    } catch (cause) {
      throw invalid(`subdue ${index} invalid: ${(cause as Error).message}`, cause);
    }
  }
}

/** Whether any of the windows holds now (unix ms). An entry that cannot be read never does. */
export function subdued(subdues: readonly TimeWindowRepeated[], nowMs: number): boolean {
  return subdues.some((window) => inRepeatedWindow(window, nowMs));
}

export function inRepeatedWindow(window: TimeWindowRepeated, nowMs: number): boolean {
  let begin: ZonedInstant;
  let end: ZonedInstant;
  try {
    begin = parseRfc3339(window.begin);
    end = parseRfc3339(window.end);
  } catch {
    return false;
  }
  if (nowMs < begin.ms) return false;
  if (window.repeat.length === 0) return nowMs < end.ms + 1000;
  const shift = begin.offsetMinutes * 60_000;
  const tried: Window = {
    begin: new Date(begin.ms + shift),
    lengthMs: end.ms - begin.ms,
    now: new Date(nowMs + shift),
  };
  return window.repeat.some((repeat) => Object.hasOwn(REPEATS, repeat) && REPEATS[repeat]?.(tried) === true);
}

/** Throws `SensuError("invalid")` when a time is not of the form `5:00PM`. */
export function validateTimeWindow(when: TimeWindowWhen | undefined): void {
  if (when === undefined) return;
  for (const ranges of [when.days.all, ...DAYS.map((day) => when.days[day])]) {
    for (const range of ranges) {
      parseKitchen(range.begin);
      parseKitchen(range.end);
    }
  }
}

/**
 * Whether now (unix ms) lies in a window of today or of every day, in UTC (P-113). Throws `SensuError("invalid")` at a
 * window that cannot be read.
 */
export function inTimeWindow(when: TimeWindowWhen, nowMs: number): boolean {
  const now = new Date(nowMs);
  const today = DAYS[now.getUTCDay()] as (typeof DAYS)[number];
  return [...when.days.all, ...when.days[today]].some((range) => inTimeRange(range, now));
}

function inTimeRange(range: TimeWindowTimeRange, now: Date): boolean {
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const sinceMidnight = now.getTime() - midnight;
  let begin = parseKitchen(range.begin) * 60_000;
  let end = parseKitchen(range.end) * 60_000;
  if (end < begin) {
    // Across midnight: today holds the end of yesterday's window and the begin of its own.
    if (sinceMidnight < end) begin = 0;
    else end = DAY_MS - 1;
  }
  return sinceMidnight >= begin && sinceMidnight <= end;
}
