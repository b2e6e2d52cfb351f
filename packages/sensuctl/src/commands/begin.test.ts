import { expect, test } from "vitest";
import { parseBegin } from "./begin.ts";

const seconds = (text: string) => Date.parse(text) / 1000;

test.each([
  ["now", 1000],
  ["0", 1000],
  ["2030-01-02T15:04:05Z", seconds("2030-01-02T15:04:05Z")],
  ["2030-05-10 07:04:00 -08:00", seconds("2030-05-10T15:04:00Z")],
  ["Jan 02 2030 3:04PM UTC", seconds("2030-01-02T15:04:00Z")],
  ["Jul 02 2030 12:04AM America/New_York", seconds("2030-07-02T04:04:00Z")],
])("%s", (text, wanted) => expect(parseBegin(text, 1_000_500)).toBe(wanted));

test.each([
  "tomorrow",
  "x2030-01-02T15:04:05Z",
  "2030-01-02T15:04:05Zx",
  "Jan 32 2030 3:04PM",
  "Jan 2 2030 3:04PM",
  "2030-01-02",
  "",
])("%j is no time", (text) => expect(() => parseBegin(text, 0)).toThrow(`unknown format for provided date ${text}`));
test.each([
  ["Jan 02 2030 13:04PM UTC", "hour"],
  ["Feb 30 2030 3:04PM UTC", "day"],
  ["2030-02-30T15:04:05Z", "day"],
])("%j is refused: the %s is out of range", (text, part) =>
  expect(() => parseBegin(text, 0)).toThrow(`parsing time ${JSON.stringify(text)}: ${part} out of range`),
);
test("an unknown zone is named", () =>
  expect(() => parseBegin("Jan 02 2030 3:04PM Mars/Base", 0)).toThrow("unknown time zone Mars/Base"));
