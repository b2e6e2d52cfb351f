/** When a silence begins (C-90). */
import { Failure } from "../frame/failure.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const RFC3339 = /(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(Z|[+-]\d{2}:\d{2})/;
const SPACED = /(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) (Z|[+-]\d{2}:\d{2})/;
const LEGACY = /^([A-Z][a-z]{2}) (\d{2}) (\d{4}) (\d{1,2}):(\d{2})(AM|PM)\s*(\S*)$/;

/** Unix seconds. */
export function parseBegin(text: string, nowMs: number): number {
  if (text === "0" || text === "now") return Math.floor(nowMs / 1000);
  const exact = RFC3339.exec(text) ?? SPACED.exec(text);
  if (exact !== null) {
    const at = Date.parse(`${exact[1]}T${exact[2]}${exact[3]}`);
    if (!Number.isNaN(at)) return at / 1000;
  }
  const legacy = LEGACY.exec(text);
  const month = MONTHS.indexOf(legacy?.[1] ?? "");
  if (legacy !== null && month >= 0) {
    const [day, year, hour, minute] = legacy.slice(2, 6).map(Number) as [number, number, number, number];
    const hours = (hour % 12) + (legacy[6] === "PM" ? 12 : 0);
    return wallClock([year, month, day, hours, minute], legacy[7] ?? "");
  }
  throw new Failure(`unknown format for provided date ${text}`);
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
