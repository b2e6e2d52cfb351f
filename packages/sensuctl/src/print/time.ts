/** Times as the original prints them (C-57). `seconds` are Unix seconds. */
import { type Int64, int } from "@sensu-ts/core";
import { zoneAbbreviation } from "./zone.ts";

const two = (value: number) => String(Math.trunc(value)).padStart(2, "0");

function parts(seconds: number): { date: string; clock: string; offsetMinutes: number } {
  const time = new Date(seconds * 1000);
  return {
    date: `${String(time.getFullYear()).padStart(4, "0")}-${two(time.getMonth() + 1)}-${two(time.getDate())}`,
    clock: `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`,
    offsetMinutes: -time.getTimezoneOffset(),
  };
}

function offset(minutes: number, separator: string): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(size / 60)}${separator}${two(size % 60)}`;
}

/** `2023-11-14 22:13:20 +0000 UTC` in the local zone. */
export function localTime(seconds: Int64): string {
  const { date, clock, offsetMinutes } = parts(int(seconds));
  return `${date} ${clock} ${offset(offsetMinutes, "")} ${zoneAbbreviation(int(seconds), offsetMinutes)}`;
}

/** As {@link localTime}, `N/A` for 0. */
export function localTimeOrNone(seconds: Int64): string {
  return int(seconds) === 0 ? "N/A" : localTime(seconds);
}

/** RFC 3339 in the local zone. */
export function rfc3339(seconds: Int64): string {
  const { date, clock, offsetMinutes } = parts(int(seconds));
  return `${date}T${clock}${offsetMinutes === 0 ? "Z" : offset(offsetMinutes, ":")}`;
}
