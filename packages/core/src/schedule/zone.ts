/** Wall clocks of IANA time zones, by Intl. */
import { invalid } from "../errors.ts";

export interface Zone {
  /** Milliseconds east of UTC at an instant (unix ms). */
  offset(ms: number): number;
}

const UTC: Zone = { offset: () => 0 };
const known = new Map<string, Zone>();
/** Resources can name any zone; there are some 600 names, so this bound only meets spellings. */
const MOST_KNOWN = 1000;

/** Throws `SensuError("invalid")`: `unknown time zone X`. */
export function zone(name: string): Zone {
  if (name === "" || name === "UTC") return UTC;
  const seen = known.get(name);
  if (seen !== undefined) return seen;
  // Intl also takes `+01:00`, which is no IANA name.
  if (!/^[A-Za-z]/.test(name)) throw invalid(`unknown time zone ${name}`);
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw invalid(`unknown time zone ${name}`, cause);
  }
  const found: Zone = { offset: (ms) => wallClock(format, ms) - Math.floor(ms / 1000) * 1000 };
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, found);
  return found;
}

/** The wall clock at an instant, as if it were UTC; whole seconds. */
function wallClock(format: Intl.DateTimeFormat, ms: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(ms)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const DAY = 86_400_000;

/** First instant of a local date: midnight, or where the clock lands when midnight is skipped. `month` counts from 0. */
export function startOfDay(where: Zone, year: number, month: number, day: number): number {
  const wall = Date.UTC(year, month, day);
  const before = wall - where.offset(wall - DAY);
  const after = wall - where.offset(wall + DAY);
  for (const candidate of [Math.min(before, after), Math.max(before, after)]) {
    if (candidate + where.offset(candidate) >= wall) return candidate;
  }
  return Math.max(before, after);
}
