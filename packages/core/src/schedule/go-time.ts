/** Strict readers of the two time texts resources carry, with the error texts of the original's parser. */
import { invalid, type SensuError } from "../errors.ts";

/** One piece of a layout: how it is written in error texts and what it accepts. */
type Piece = readonly [name: string, pattern: RegExp];

const digits = (name: string, pattern = /^\d{2}/): Piece => [name, pattern];
const literal = (text: string): Piece => [text, text === "." ? /^\./ : new RegExp(`^${text}`)];

const RFC3339 = "2006-01-02T15:04:05Z07:00";
const RFC3339_PIECES: readonly Piece[] = [
  digits("2006", /^\d{4}/),
  literal("-"),
  digits("01"),
  literal("-"),
  digits("02"),
  literal("T"),
  digits("15"),
  literal(":"),
  digits("04"),
  literal(":"),
  ["05", /^\d{2}(?:[.,]\d+)?/],
  ["Z07:00", /^(?:Z|[+-]\d{2}:\d{2})/],
];

const KITCHEN = "3:04PM";
const KITCHEN_PIECES: readonly Piece[] = [digits("3", /^\d{1,2}/), literal(":"), digits("04"), ["PM", /^(?:AM|PM)/]];

function split(text: string, layout: string, pieces: readonly Piece[]): string[] {
  const found: string[] = [];
  let rest = text;
  for (const [name, pattern] of pieces) {
    const match = pattern.exec(rest);
    if (match === null) {
      throw invalid(`parsing time ${quote(text)} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(name)}`);
    }
    found.push(match[0]);
    rest = rest.slice(match[0].length);
  }
  if (rest !== "") throw invalid(`parsing time ${quote(text)}: extra text: ${quote(rest)}`);
  return found;
}

const quote = (text: string) => JSON.stringify(text);

function outOfRange(text: string, part: string): SensuError {
  return invalid(`parsing time ${quote(text)}: ${part} out of range`);
}

export interface ZonedInstant {
  /** Unix milliseconds. */
  readonly ms: number;
  /** Minutes east of UTC that the text says. */
  readonly offsetMinutes: number;
}

/** RFC 3339 with `T` and a zone. Throws `SensuError("invalid")`. */
export function parseRfc3339(text: string): ZonedInstant {
  const pieces = split(text, RFC3339, RFC3339_PIECES);
  const number = (index: number) => Number((pieces[index] as string).replace(",", "."));
  const [year, month, day, hour, minute, second] = [0, 2, 4, 6, 8, 10].map(number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12) throw outOfRange(text, "month");
  if (hour > 23) throw outOfRange(text, "hour");
  if (minute > 59) throw outOfRange(text, "minute");
  if (second >= 60) throw outOfRange(text, "second");
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (day < 1 || date.getUTCMonth() !== month - 1) throw outOfRange(text, "day");
  date.setUTCHours(hour, minute, 0, Math.floor(second * 1000));
  const zone = pieces[11] as string;
  let offsetMinutes = 0;
  if (zone !== "Z") {
    const [zoneHours, zoneMinutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))];
    if (zoneHours > 24) throw outOfRange(text, "time zone offset hour");
    if (zoneMinutes >= 60) throw outOfRange(text, "time zone offset minute");
    offsetMinutes = (zone[0] === "-" ? -1 : 1) * (zoneHours * 60 + zoneMinutes);
  }
  return { ms: date.getTime() - offsetMinutes * 60_000, offsetMinutes };
}

/** `h:mmAM` or `hh:mmPM`, blanks ignored; minutes since midnight. Throws `SensuError("invalid")`. */
export function parseKitchen(given: string): number {
  const text = given.replaceAll(" ", "");
  const [hourText, , minuteText, half] = split(text, KITCHEN, KITCHEN_PIECES) as [string, string, string, string];
  const [hour, minute] = [Number(hourText), Number(minuteText)];
  if (hour > 12) throw outOfRange(text, "hour");
  if (minute > 59) throw outOfRange(text, "minute");
  const base = half === "PM" && hour < 12 ? hour + 12 : half === "AM" && hour === 12 ? 0 : hour;
  return base * 60 + minute;
}
