/** The cron dialect of checks and service components: R-91, P-14 to P-17. */
import { invalid } from "../errors.ts";
import { parseDuration } from "../options/duration.ts";
import { startOfDay, type Zone, zone } from "./zone.ts";

export interface CronSchedule {
  /** First firing strictly after an instant (unix ms), or `undefined` when there is none within five years (P-17). */
  next(afterMs: number): number | undefined;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTE: Bounds = { min: 0, max: 59, names: [] };
const HOUR: Bounds = { min: 0, max: 23, names: [] };
const DAY: Bounds = { min: 1, max: 31, names: [] };
const MONTH: Bounds = { min: 1, max: 12, names: MONTHS };
const WEEKDAY: Bounds = { min: 0, max: 6, names: WEEKDAYS };

const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const EVERY = "@every ";

/** Matching numbers of one field; `any`: holds a plain star or question mark, whose step is at most 1 (P-15). */
interface Field {
  readonly has: readonly boolean[];
  readonly any: boolean;
}

/**
 * `hostZone` is the IANA name of the zone that holds without a `TZ=` prefix. Throws `SensuError("invalid")` with the
 * original's text; validation of checks puts `check cron string is invalid: ` before it.
 */
export function parseCron(text: string, hostZone = "UTC"): CronSchedule {
  if (text === "") throw invalid("empty spec string");
  let zoneName = hostZone;
  let expression = text;
  const prefix = /^(?:CRON_)?TZ=([^ ]*)( |$)/.exec(text);
  if (prefix !== null) {
    zoneName = prefix[1] as string;
    if (zoneName === "Local") zoneName = hostZone;
    expression = text.slice(prefix[0].length).trim();
  }
  const where = location(zoneName);
  if (expression.startsWith("@")) {
    if (expression.startsWith(EVERY)) return every(expression);
    const named = Object.hasOwn(DESCRIPTORS, expression) ? DESCRIPTORS[expression] : undefined;
    if (named === undefined) throw invalid(`unrecognized descriptor: ${expression}`);
    expression = named;
  }
  const words = expression.split(/\s+/).filter((word) => word !== "");
  if (words.length !== 5) throw invalid(`expected exactly 5 fields, found ${words.length}: [${words.join(" ")}]`);
  const [minute, hour, day, month, weekday] = words as [string, string, string, string, string];
  const fields: Fields = {
    minute: field(minute, MINUTE),
    hour: field(hour, HOUR),
    day: field(day, DAY),
    month: field(month, MONTH),
    weekday: field(weekday, WEEKDAY),
  };
  return { next: (afterMs) => next(fields, where, afterMs) };
}

function location(name: string): Zone {
  try {
    return zone(name);
  } catch (cause) {
    throw invalid(`provided bad location ${name}: ${(cause as Error).message}`, cause);
  }
}

/** Counted from the last firing, on whole seconds. */
function every(expression: string): CronSchedule {
  const text = expression.slice(EVERY.length);
  const duration = parseDuration(text);
  if (duration === undefined) {
    throw invalid(`failed to parse duration ${expression}: time: invalid duration ${JSON.stringify(text)}`);
  }
  const delay = Math.max(1000, Math.floor(duration / 1000) * 1000);
  return { next: (afterMs) => Math.floor(afterMs / 1000) * 1000 + delay };
}

function field(text: string, bounds: Bounds): Field {
  const has: boolean[] = Array.from({ length: bounds.max + 1 }, () => false);
  let any = false;
  for (const range of text.split(",")) {
    if (range === "") continue;
    const { start, end, step, star } = parseRange(range, bounds);
    for (let value = start; value <= end; value += step) has[value] = true;
    any ||= star && step === 1;
  }
  return { has, any };
}

function parseRange(text: string, bounds: Bounds): { start: number; end: number; step: number; star: boolean } {
  const slashes = text.split("/");
  const hyphens = (slashes[0] as string).split("-");
  const first = hyphens[0] as string;
  const star = first === "*" || first === "?";
  let start = bounds.min;
  let end = bounds.max;
  if (!star) {
    start = numberOrName(first, bounds.names, bounds.min);
    end = start;
    if (hyphens.length > 2) throw invalid(`too many hyphens: ${text}`);
    if (hyphens.length === 2) end = numberOrName(hyphens[1] as string, bounds.names, bounds.min);
  }
  let step = 1;
  if (slashes.length > 2) throw invalid(`too many slashes: ${text}`);
  if (slashes.length === 2) {
    step = number(slashes[1] as string);
    if (hyphens.length === 1) end = bounds.max;
  }
  if (start < bounds.min) throw invalid(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (end > bounds.max) throw invalid(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw invalid(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw invalid(`step of range should be a positive number: ${text}`);
  return { start, end, step, star };
}

function numberOrName(text: string, names: readonly string[], first: number): number {
  const index = names.indexOf(text.toLowerCase());
  return index >= 0 ? index + first : number(text);
}

function number(text: string): number {
  const parsing = `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}`;
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`${parsing}: invalid syntax`);
  const value = Number(text);
  if (Math.abs(value) >= 2 ** 63) throw invalid(`${parsing}: value out of range`);
  if (value < 0) throw invalid(`negative number (${value}) not allowed: ${text}`);
  return value;
}

interface Fields {
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

const MINUTE_MS = 60_000;
const YEARS = 5;

/**
 * Walks instants, not wall clocks: an hour that the clock skips is never met, one that it repeats is met twice (P-16).
 */
function next(fields: Fields, where: Zone, afterMs: number): number | undefined {
  let at = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  let lastYear: number | undefined;
  for (;;) {
    const wall = new Date(at + where.offset(at));
    const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()];
    lastYear ??= year + YEARS;
    if (year > lastYear) return undefined;
    if (!fields.month.has[month + 1]) {
      at = startOfDay(where, year, month + 1, 1);
    } else if (!dayMatches(fields, day, wall.getUTCDay())) {
      at = startOfDay(where, year, month, day + 1);
    } else if (!fields.hour.has[wall.getUTCHours()]) {
      at += (60 - wall.getUTCMinutes()) * MINUTE_MS;
    } else {
      const minute = wall.getUTCMinutes();
      const found = fields.minute.has.indexOf(true, minute);
      if (found === minute) return at;
      at += ((found < 0 ? 60 : found) - minute) * MINUTE_MS;
    }
  }
}

/** P-15. */
function dayMatches(fields: Fields, day: number, weekday: number): boolean {
  const byDay = fields.day.has[day] === true;
  const byWeekday = fields.weekday.has[weekday] === true;
  return fields.day.any || fields.weekday.any ? byDay && byWeekday : byDay || byWeekday;
}
