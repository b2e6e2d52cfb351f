import { expect, test } from "vitest";
import { applyToEntities, applyToEvents } from "./apply-frame.ts";
import { refreshTime } from "./refresh-time.ts";
import { termOf, withTerm } from "./search-text.ts";
import { splitEvents } from "./sse.ts";
import { absolute, duration, isoTime, relative } from "./time.ts";
import type { EntitiesPage, EventRow, EventsPage } from "./wire.ts";

const row = (entity: string, status = 2) => ({ entity, check: "disk", status }) as EventRow;
const counts = { total: 3, passing: 0, warning: 0, critical: 3, unknown: 0 };
const page: EventsPage = { rows: [row("a"), row("b"), row("c")], matches: 3, counts, offset: 0, limit: 3 };
const names = (shown: EventsPage | undefined) => shown?.rows.map((item) => item.entity).join("");

test("frames move rows as the backend keeps them, never beyond the page", () => {
  expect(names(applyToEvents(page, { kind: "row", at: 0, event: row("c", 1) }))).toBe("cab");
  expect(names(applyToEvents(page, { kind: "row", at: 1, event: row("x") }))).toBe("axb");
  expect(names(applyToEvents(page, { kind: "gone", entity: "b", check: "disk" }))).toBe("ac");
  expect(names(applyToEvents(page, { kind: "gone", entity: "b", check: "other" }))).toBe("abc");
  expect(applyToEvents(page, { kind: "count", matches: 9, counts })?.matches).toBe(9);
  expect(applyToEvents(undefined, { kind: "gone", entity: "b", check: "disk" })).toBeUndefined();
  expect(names(applyToEvents(undefined, { kind: "events", page }))).toBe("abc");
});

test("an entity that is not on the page changes nothing", () => {
  const entities = { rows: [{ name: "a", status: 0 }], matches: 1, offset: 0, limit: 5 } as unknown as EntitiesPage;
  const change = (name: string) => applyToEntities(entities, { kind: "entity", row: { name, status: 2 } as never });
  expect(change("a")?.rows[0]?.status).toBe(2);
  expect(change("b")?.rows).toEqual(entities.rows);
});

test("server-sent events are cut at empty lines; comments and unfinished ones give nothing", () => {
  expect(splitEvents(": \n\ndata: 1\n\ndata: 2\ndata: 3\n\ndata: 4")).toEqual({
    events: ["1", "2\n3"],
    rest: "data: 4",
  });
  expect(splitEvents("")).toEqual({ events: [], rest: "" });
});

test("menus write into the search text and leave the rest", () => {
  expect(withTerm("status:incident disk", "status", "critical")).toBe("status:critical disk");
  expect(withTerm("status:incident disk", "status", undefined)).toBe("disk");
  expect(withTerm("", "entity", "web 1")).toBe('entity:"web 1"');
  expect(termOf('x entity:"web 1" y', "entity")).toBe("web 1");
  expect(termOf("mystatus:x", "status")).toBeUndefined();
});

test("times in words, with a clock that may be behind", () => {
  const at = 1_000_000;
  const said = [0, 9, 10, 59, 60, 7200, 172_800, -5, -30, -3700].map((ago) => relative(at - ago, at));
  expect(said).toEqual([
    "just now",
    "just now",
    "10 seconds ago",
    "59 seconds ago",
    "1 minute ago",
    "2 hours ago",
    "2 days ago",
    "in a few seconds",
    "in less than a minute",
    "in 1 hour",
  ]);
  expect([0.892, 1.5, 12.34, 60, 150, 3600, 5400].map(duration)).toEqual([
    "892ms",
    "1.50s",
    "12.3s",
    "1m",
    "2m 30s",
    "1h",
    "1h 30m",
  ]);
});

test("a time beyond any calendar is its end, not a failure", () => {
  expect(isoTime(9e15)).toBe("+275760-09-13T00:00:00.000Z");
  expect(isoTime(-9e15)).toBe("-271821-04-20T00:00:00.000Z");
  expect(absolute(9e15)).toContain("275760");
});

test("a token is renewed 90 s before its end, a short-lived one after two thirds, whatever this computer's clock says", () => {
  const date = "Fri, 27 Nov 2026 22:00:00 GMT";
  const sent = Date.parse(date) / 1000;
  for (const now of [sent, sent + 600, sent - 600]) {
    expect(refreshTime(sent + 300, date, now) - now).toBe(210);
    expect(refreshTime(sent + 9, date, now) - now).toBe(6);
    expect(refreshTime(sent - 5, date, now) - now).toBe(0);
  }
  expect(refreshTime(1300, null, 1000)).toBe(1210);
});
