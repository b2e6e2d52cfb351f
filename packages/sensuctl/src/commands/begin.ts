/** When a silence begins (C-90). */
import { Failure } from "../frame/failure.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const RFC3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(Z|[+-]\d{2}:\d{2})$/;
const SPACED = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) (Z|[+-]\d{2}:\d{2})$/;
const LEGACY = /^([A-Z][a-z]{2}) (0[1-9]|[12]\d|3[01]) (\d{4}) ([01]?\d):([0-5]\d)(AM|PM)(?: +(\S*))?$/;

/** Unix seconds. */
export function parseBegin(text: string, nowMs: number): number {
  if (text === "0" || text === "now") return Math.floor(nowMs / 1000);
  const exact = RFC3339.exec(text) ?? SPACED.exec(text);
  if (exact !== null) {
    const at = Date.parse(`${exact[1]}T${exact[2]}${exact[3]}`);
    const [year, month, day] = (exact[1] ?? "").split("-").map(Number) as [number, number, number];
    if (!Number.isNaN(at)) {
      requireDay(text, year, month - 1, day);
      return at / 1000;
    }
  }
  const legacy = LEGACY.exec(text);
  const month = MONTHS.indexOf(legacy?.[1] ?? "");
  if (legacy !== null && month >= 0) {
    const [day, year, hour, minute] = legacy.slice(2, 6).map(Number) as [number, number, number, number];
    if (hour > 12) throw new Failure(`parsing time ${JSON.stringify(text)}: hour out of range`);
    requireDay(text, year, month, day);
    const hours = (hour % 12) + (legacy[6] === "PM" ? 12 : 0);
    return wallClock([year, month, day, hours, minute], legacy[7] ?? "");
  }
  throw new Failure(`unknown format for provided date ${text}`);
}

/** A day that the month does not have would count as one of the next month. */
function requireDay(text: string, year: number, month: number, day: number): void {
  if (new Date(Date.UTC(year, month, day)).getUTCMonth() === month) return;
  throw new Failure(`parsing time ${JSON.stringify(text)}: day out of range`);
}

/** Seconds of a local time in a zone; an empty zone is this machine's. */
function wallClock(parts: readonly [number, number, number, number, number], zone: string): number {
  const [year, month, day, hour, minute] = parts;
  if (zone === "") return new Date(year, month, day, hour, minute).getTime() / 1000;
  const utc = Date.UTC(year, month, day, hour, minute);
  // Twice: the offset depends on the instant, which depends on the offset.
  const guess = utc - zoneOffset(zone, utc);
  return (utc - zoneOffset(zone, guess)) / 1000;
}

/** Milliseconds that the zone is ahead of UTC at an instant. */
function zoneOffset(zone: string, at: number): number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw new Failure(`unknown time zone ${zone}`);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - at;
}
