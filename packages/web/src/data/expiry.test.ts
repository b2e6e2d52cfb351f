import { expect, test } from "vitest";
import { endingSoon, groupsOf, leftText, monthsOf, treeOf, urgencyOf } from "./expiry.ts";
import type { CertificateRow } from "./wire.ts";

const NOW = Date.UTC(2026, 10, 27, 12) / 1000;
const DAY = 86_400;

const row = (days: number, more: Partial<CertificateRow> = {}) =>
  ({ role: "server", not_after: NOW + days * DAY, subject: `CN=d${days}`, problems: [], sans: [], ...more }) as never;

test("certificates fall into groups by whole days left, the soonest first", () => {
  const groups = groupsOf(
    [40, 29.9, 30, 6.9, 7, -0.1, 0.5, 13, 20].map((days) => row(days)),
    NOW,
  );
  expect(groups.map(({ title, rows }) => `${title}: ${rows.map((one) => one.subject.slice(4)).join(" ")}`)).toEqual([
    "Expired: -0.1",
    "Under 7 days: 0.5 6.9",
    "Under 14 days: 7 13",
    "Under 21 days: 20",
    "Under 30 days: 29.9",
    "Later: 30 40",
  ]);
});

test("the words for what is left, and how urgent it is", () => {
  const told = [-2.5, -0.1, 0.3, 1.2, 6.9, 7, 29.9, 30].map((days) => [
    leftText(row(days), NOW),
    urgencyOf(row(days), NOW),
  ]);
  expect(told).toEqual([
    ["ended 2 days ago", "critical"],
    ["ended today", "critical"],
    ["ends today", "critical"],
    ["1 day left", "critical"],
    ["6 days left", "critical"],
    ["7 days left", "warning"],
    ["29 days left", "warning"],
    ["30 days left", "passing"],
  ]);
  expect(urgencyOf(row(90, { problems: [{ code: "x", text: "y" }] }), NOW)).toBe("critical");
});

test("a revocation list is late in the last tenth of its time only", () => {
  const list = (days: number) => row(days, { role: "crl", not_before: NOW + (days - 30) * DAY });
  expect([29, 4, 2, 0.5].map((days) => urgencyOf(list(days), NOW))).toEqual([
    "passing",
    "passing",
    "warning",
    "warning",
  ]);
  expect(endingSoon([list(29), list(2)], NOW, 30 * DAY).length).toBe(1);
});

test("the banner counts from the set time on, revocation lists without an end never", () => {
  const told = (days: number) =>
    endingSoon([row(30), row(29), row(-1), row(0, { not_after: 0 })], NOW, days * DAY).map(({ subject }) => subject);
  expect(told(30)).toEqual(["CN=d-1", "CN=d29"]);
  expect(told(31)).toEqual(["CN=d-1", "CN=d29", "CN=d30"]);
  expect(told(0)).toEqual(["CN=d-1"]);
});

test("the calendar begins with this month and gathers equal days", () => {
  const months = monthsOf([row(1), row(1), row(3), row(10), row(400), row(-60)], NOW);
  expect(months).toHaveLength(12);
  expect(months[0]).toEqual({
    key: "2026-11",
    count: 3,
    days: [
      { day: "2026-11-28", count: 2 },
      { day: "2026-11-30", count: 1 },
    ],
  });
  expect(months.map(({ key }) => key).slice(1, 3)).toEqual(["2026-12", "2027-01"]);
  expect(months.reduce((sum, { count }) => sum + count, 0)).toBe(4);
});

test("the tree hangs leaves and lists under their authority, known or not, each once", () => {
  const ca = (subject: string, issuer: string) => row(90, { role: "ca", subject, issuer });
  const rows = [
    ca("CN=Root", "CN=Root"),
    ca("CN=Root", "CN=Root"),
    ca("CN=Sub", "CN=Root"),
    row(5, { subject: "CN=b1", issuer: "CN=Sub" }),
    row(5, { role: "crl", subject: "", issuer: "CN=Root" }),
    row(5, { subject: "CN=public", issuer: "CN=R11, O=LE" }),
  ];
  const names = (branches: ReturnType<typeof treeOf>): unknown =>
    branches.map(({ name, below }) => (below.length === 0 ? name : [name, names(below)]));
  expect(names(treeOf(rows))).toEqual([
    ["CN=Root", [["CN=Sub", ["b1"]], "Revocation list of Root"]],
    ["CN=R11, O=LE", ["public"]],
  ]);
});
