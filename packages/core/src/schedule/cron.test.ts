import { expect, test } from "vitest";
import { SensuError } from "../errors.ts";
import { parseCron } from "./cron.ts";

const after = (iso: string) => Date.parse(iso);
const iso = (ms: number | undefined) => (ms === undefined ? "never" : new Date(ms).toISOString());

/** Expression, instant before, the following firings. */
const firings: [string, string, string[]][] = [
  ["* * * * *", "2024-01-01T00:00:00Z", ["2024-01-01T00:01:00.000Z", "2024-01-01T00:02:00.000Z"]],
  ["  ? * * * *", "2024-01-01T00:00:30.500Z", ["2024-01-01T00:01:00.000Z"]],
  [
    "10/20 * * * *",
    "2024-01-01T00:00:00Z",
    ["2024-01-01T00:10:00.000Z", "2024-01-01T00:30:00.000Z", "2024-01-01T00:50:00.000Z", "2024-01-01T01:10:00.000Z"],
  ],
  [
    "0-10/5,30 4 * * *",
    "2024-01-01T04:05:00Z",
    ["2024-01-01T04:10:00.000Z", "2024-01-01T04:30:00.000Z", "2024-01-02T04:00:00.000Z"],
  ],
  ["0 0 1 Jan *", "2024-01-01T00:00:00Z", ["2025-01-01T00:00:00.000Z"]],
  ["0 0 29 feb *", "2024-03-01T00:00:00Z", ["2028-02-29T00:00:00.000Z"]],
  ["0 0 * * MON-wed", "2024-01-03T00:00:00Z", ["2024-01-08T00:00:00.000Z", "2024-01-09T00:00:00.000Z"]],
  // Odd days or Mondays: a step is a restriction.
  [
    "0 0 */2 * 1",
    "2024-01-05T00:00:00Z",
    ["2024-01-07T00:00:00.000Z", "2024-01-08T00:00:00.000Z", "2024-01-09T00:00:00.000Z"],
  ],
  ["0 0 */1 * 1", "2024-01-05T00:00:00Z", ["2024-01-08T00:00:00.000Z", "2024-01-15T00:00:00.000Z"]],
  ["@hourly", "2024-01-01T00:00:00Z", ["2024-01-01T01:00:00.000Z"]],
  ["@weekly", "2024-01-01T00:00:00Z", ["2024-01-07T00:00:00.000Z"]],
  ["@yearly", "2024-06-01T00:00:00Z", ["2025-01-01T00:00:00.000Z"]],
  ["@every 1h30m10s", "2024-01-01T00:00:00.700Z", ["2024-01-01T01:30:10.000Z"]],
  ["@every 300ms", "2024-01-01T00:00:00.000Z", ["2024-01-01T00:00:01.000Z"]],
  ["@every 1500ms", "2024-01-01T00:00:00.000Z", ["2024-01-01T00:00:01.000Z"]],
  ["TZ=Europe/Berlin 30 12 * * *", "2024-01-01T00:00:00Z", ["2024-01-01T11:30:00.000Z"]],
  ["CRON_TZ=Asia/Kolkata @daily", "2024-01-01T00:00:00Z", ["2024-01-01T18:30:00.000Z"]],
  // 02:30 does not exist on 10 March 2024 in New York.
  ["TZ=America/New_York 30 2 * * *", "2024-03-09T12:00:00Z", ["2024-03-11T06:30:00.000Z"]],
  // 01:30 exists twice on 3 November 2024.
  [
    "TZ=America/New_York 30 1 * * *",
    "2024-11-03T00:00:00Z",
    ["2024-11-03T05:30:00.000Z", "2024-11-03T06:30:00.000Z", "2024-11-04T06:30:00.000Z"],
  ],
  // Midnight does not exist on 4 November 2018 in Sao Paulo.
  ["TZ=America/Sao_Paulo 0 0 * * *", "2018-11-03T12:00:00Z", ["2018-11-05T02:00:00.000Z"]],
  ["TZ=America/Sao_Paulo 0 5 4 11 *", "2018-10-20T12:00:00Z", ["2018-11-04T07:00:00.000Z"]],
  ["0 0 31 2 *", "2024-01-01T00:00:00Z", ["never"]],
  [", * * * *", "2024-01-01T00:00:00Z", ["never"]],
];

test.each(firings)("%s after %s", (expression, from, expected) => {
  const schedule = parseCron(expression);
  let at = after(from);
  for (const wanted of expected) {
    const found = schedule.next(at);
    expect(iso(found)).toBe(wanted);
    if (found === undefined) return;
    at = found;
  }
});

test("without a prefix the host's zone holds", () => {
  expect(iso(parseCron("0 6 * * *", "America/New_York").next(after("2024-07-01T00:00:00Z")))).toBe(
    "2024-07-01T10:00:00.000Z",
  );
});

const rejected: [string, string][] = [
  ["", "empty spec string"],
  ["0 0 0 * * *", "expected exactly 5 fields, found 6: [0 0 0 * * *]"],
  [" @daily", "expected exactly 5 fields, found 1: [@daily]"],
  ["* * * * 7", "end of range (7) above maximum (6): 7"],
  ["* * * * 1-7", "end of range (7) above maximum (6): 1-7"],
  ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
  ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
  ["*/0 * * * *", "step of range should be a positive number: */0"],
  ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
  ["1/2/3 * * * *", "too many slashes: 1/2/3"],
  ["*/-1 * * * *", "negative number (-1) not allowed: -1"],
  ["* * L * *", 'failed to parse int from L: strconv.Atoi: parsing "L": invalid syntax'],
  ["* * 15W * *", 'failed to parse int from 15W: strconv.Atoi: parsing "15W": invalid syntax'],
  ["* * * * 1#2", 'failed to parse int from 1#2: strconv.Atoi: parsing "1#2": invalid syntax'],
  ["@reboot", "unrecognized descriptor: @reboot"],
  ["@every x", 'failed to parse duration @every x: time: invalid duration "x"'],
  ["TZ=Mars/Base * * * * *", "provided bad location Mars/Base: unknown time zone Mars/Base"],
  ["TZ=+01:00 * * * * *", "provided bad location +01:00: unknown time zone +01:00"],
  ["TZ=UTC", "expected exactly 5 fields, found 0: []"],
];

test.each(rejected)("refuses %j", (expression, text) => {
  const parse = () => parseCron(expression);
  expect(parse).toThrow(SensuError);
  expect(parse).toThrow(expect.objectContaining({ code: "invalid", message: text }));
});
