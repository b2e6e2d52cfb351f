import { expect, test } from "vitest";
import { TimeWindowDays, TimeWindowRepeated } from "../types/shared.ts";
import { TimeWindowWhen } from "../types/time-window.ts";
import { inTimeWindow, subdued, validateSubdues, validateTimeWindow } from "./windows.ts";

const at = (iso: string) => Date.parse(iso);
const subdue = (begin: string, end: string, ...repeat: string[]) => TimeWindowRepeated.create({ begin, end, repeat });

/** 2024-01-01 is a Monday. */
const OFFICE = ["2024-01-01T09:00:00Z", "2024-01-01T17:00:00Z"] as const;
const NIGHT = ["2024-01-01T22:00:00+02:00", "2024-01-02T06:00:00+02:00"] as const;
const cases: [string, readonly [string, string], string[], string, boolean][] = [
  ["at begin", OFFICE, [], "2024-01-01T09:00:00Z", true],
  ["before begin", OFFICE, [], "2024-01-01T08:59:59.999Z", false],
  ["within the second after end", OFFICE, [], "2024-01-01T17:00:00.999Z", true],
  ["after that second", OFFICE, [], "2024-01-01T17:00:01Z", false],
  ["next day without repeat", OFFICE, [], "2024-01-02T10:00:00Z", false],
  ["daily", OFFICE, ["daily"], "2024-03-07T10:00:00Z", true],
  ["daily, before the first begin", OFFICE, ["daily"], "2023-12-31T10:00:00Z", false],
  ["daily at night, evening in its zone", NIGHT, ["daily"], "2024-02-05T20:30:00Z", true],
  ["daily at night, cut at midnight", NIGHT, ["daily"], "2024-02-05T23:30:00Z", false],
  ["mondays at night run into Tuesday", NIGHT, ["mondays"], "2024-02-05T23:30:00Z", true],
  ["mondays on a Tuesday evening", NIGHT, ["mondays"], "2024-02-06T20:30:00Z", false],
  ["saturdays do not cross Saturday night", NIGHT, ["saturdays"], "2024-02-10T23:30:00Z", false],
  ["fridays run into Saturday", NIGHT, ["fridays"], "2024-02-09T23:30:00Z", true],
  ["weekdays on Friday", OFFICE, ["weekdays"], "2024-02-09T10:00:00Z", true],
  ["weekdays on Saturday", OFFICE, ["weekdays"], "2024-02-10T10:00:00Z", false],
  ["weekends on Sunday", OFFICE, ["weekends"], "2024-02-11T10:00:00Z", true],
  ["weekly on Monday", OFFICE, ["weekly"], "2024-02-12T10:00:00Z", true],
  ["weekly on Tuesday", OFFICE, ["weekly"], "2024-02-13T10:00:00Z", false],
  ["monthly", OFFICE, ["monthly"], "2024-05-01T10:00:00Z", true],
  ["monthly, other day", OFFICE, ["monthly"], "2024-05-02T10:00:00Z", false],
  ["annually", OFFICE, ["annually"], "2026-01-01T10:00:00Z", true],
  ["annually, other month", OFFICE, ["annually"], "2026-02-01T10:00:00Z", false],
  ["several repeats", OFFICE, ["sundays", "tuesdays"], "2024-02-13T10:00:00Z", true],
];

test.each(cases)("subdue %s", (_name, [begin, end], repeat, now, expected) => {
  expect(
    subdued([subdue("2000-01-01T00:00:00Z", "2000-01-01T00:00:00Z"), subdue(begin, end, ...repeat)], at(now)),
  ).toBe(expected);
});

test("an unreadable subdue never holds", () => {
  expect(subdued([subdue("soon", "later")], 0)).toBe(false);
});

const layout = '"2006-01-02T15:04:05Z07:00"';
const refused: [TimeWindowRepeated, string][] = [
  [subdue("x", OFFICE[1]), `invalid begin time format: parsing time "x" as ${layout}: cannot parse "x" as "2006"`],
  [
    subdue(OFFICE[0], "2024-01-01 17:00:00Z"),
    `invalid end time format: parsing time "2024-01-01 17:00:00Z" as ${layout}: cannot parse " 17:00:00Z" as "T"`,
  ],
  [
    subdue(OFFICE[0], "2024-02-30T17:00:00Z"),
    'invalid end time format: parsing time "2024-02-30T17:00:00Z": day out of range',
  ],
  [subdue(OFFICE[1], OFFICE[0]), "end time must be after begin time"],
  [subdue(...OFFICE, "Mondays"), "invalid repeat period: Mondays"],
  [subdue(...OFFICE, "toString"), "invalid repeat period: toString"],
];

test.each(refused)("refuses subdue %#", (window, text) => {
  expect(() => validateSubdues([subdue(...OFFICE, "daily"), window])).toThrow(
    expect.objectContaining({ code: "invalid", message: `subdue 1 invalid: ${text}` }),
  );
});

const when = (days: Partial<TimeWindowDays>) => TimeWindowWhen.create({ days: TimeWindowDays.create(days) });

const windows: [string, TimeWindowWhen, string, boolean][] = [
  ["begin", when({ all: [{ begin: "9:00AM", end: "5:00 PM" }] }), "2024-01-01T09:00:00Z", true],
  ["end", when({ all: [{ begin: "9:00AM", end: "5:00 PM" }] }), "2024-01-01T17:00:00Z", true],
  ["after end", when({ all: [{ begin: "9:00AM", end: "5:00 PM" }] }), "2024-01-01T17:00:01Z", false],
  ["own weekday", when({ monday: [{ begin: "12:00AM", end: "12:30PM" }] }), "2024-01-01T12:30:00Z", true],
  ["other weekday", when({ tuesday: [{ begin: "12:00AM", end: "11:59PM" }] }), "2024-01-01T12:30:00Z", false],
  ["across midnight, evening", when({ all: [{ begin: "5:00 PM", end: "8:00AM" }] }), "2024-01-01T23:59:59.500Z", true],
  ["across midnight, morning", when({ all: [{ begin: "5:00 PM", end: "8:00AM" }] }), "2024-01-01T07:00:00Z", true],
  ["across midnight, noon", when({ all: [{ begin: "5:00 PM", end: "8:00AM" }] }), "2024-01-01T12:00:00Z", false],
  ["no window", when({}), "2024-01-01T12:00:00Z", false],
];

test.each(windows)("time window: %s", (_name, window, now, expected) => {
  validateTimeWindow(window);
  expect(inTimeWindow(window, at(now))).toBe(expected);
});

test.each(["25:00", "17:00", "5:00pm", "13:00PM", "5:60AM", "05PM", "5:00AMx"])("refuses the time %s", (text) => {
  expect(() => validateTimeWindow(when({ friday: [{ begin: "1:00AM", end: text }] }))).toThrow(/^parsing time/);
});
