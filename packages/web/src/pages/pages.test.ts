import { expect, test } from "vitest";
import { boundsOf, pointSeconds } from "../data/metrics.ts";
import type { Event, Silenced } from "../data/objects.ts";
import { reasonsOf } from "../data/reasons.ts";
import type { EventRow } from "../data/wire.ts";
import { type CheckForm, checkOf, commonSubscriptions, problemsOf } from "./checks/new-check.ts";
import { covers, coversRow } from "./silences/covers.ts";

const FORM: CheckForm = {
  name: "check-disk",
  command: " check_disk -w 80% ",
  subscriptions: "linux, web  linux",
  schedule: "interval",
  interval: "30",
  cron: "",
  timeout: "",
  handlers: "",
};

test("a filled form becomes a check", () => {
  expect(problemsOf(FORM)).toEqual({});
  expect(checkOf("shop", FORM)).toEqual({
    metadata: { name: "check-disk", namespace: "shop" },
    command: "check_disk -w 80%",
    subscriptions: ["linux", "web"],
    handlers: [],
    publish: true,
    interval: 30,
  });
  const cron = { ...FORM, schedule: "cron" as const, cron: "*/5 * * * *", timeout: "10" };
  expect(checkOf("shop", cron)).toMatchObject({ cron: "*/5 * * * *", timeout: 10 });
  expect(checkOf("shop", cron)).not.toHaveProperty("interval");
  expect(checkOf("shop", { ...FORM, schedule: "none" })).toMatchObject({ publish: false });
});

test("what is wrong is said at its field", () => {
  const bad = { ...FORM, name: "a b", command: " ", subscriptions: " ,", interval: "0", timeout: "1.5" };
  expect(Object.keys(problemsOf(bad)).sort()).toEqual(["command", "interval", "name", "subscriptions", "timeout"]);
  expect(Object.keys(problemsOf({ ...FORM, schedule: "cron" }))).toEqual(["cron"]);
});

test("which silences cover an event", () => {
  const event = {
    entity: { metadata: { name: "web-01" }, entity_class: "agent", subscriptions: ["web", "linux"] },
    check: { metadata: { name: "disk" }, subscriptions: ["linux"] },
  } as unknown as Event;
  const entry = (subscription: string, check: string, more: Partial<Silenced> = {}) =>
    covers({ subscription, check, begin: 100, expire_at: 0, ...more } as Silenced, event, 200);
  expect(entry("entity:web-01", "disk")).toBe(true);
  expect(entry("entity:web-01", "")).toBe(true);
  expect(entry("", "disk")).toBe(true);
  expect(entry("linux", "*")).toBe(true);
  // The check does not go by this subscription (U-93).
  expect(entry("web", "disk")).toBe(false);
  expect(entry("entity:web-02", "disk")).toBe(false);
  expect(entry("", "load")).toBe(false);
  expect(entry("", "disk", { begin: 201 })).toBe(false);
  expect(entry("", "disk", { expire_at: 200 })).toBe(false);
  const proxy = { ...event, entity: { ...event.entity, entity_class: "proxy" } } as Event;
  expect(covers({ subscription: "web", begin: 100, expire_at: 0 } as Silenced, proxy, 200)).toBe(true);
});

test("a row is marked by live silences, and no longer when its silence was cleared", () => {
  const row = { entity: "web-01", check: "disk", silenced: ["linux:*"] } as unknown as EventRow;
  const entry = (name: string, subscription: string, check: string) =>
    coversRow({ metadata: { name }, subscription, check, begin: 100, expire_at: 0 } as unknown as Silenced, row, 200);
  expect(entry("entity:web-01:disk", "entity:web-01", "disk")).toBe(true);
  expect(entry("*:disk", "", "disk")).toBe(true);
  expect(entry("linux:*", "linux", "")).toBe(true);
  expect(entry("web:*", "web", "")).toBe(false);
  expect(entry("entity:web-02:disk", "entity:web-02", "disk")).toBe(false);
});

test("the annotations of thresholds are reasons, the deciding one first and said once", () => {
  const used = "The value of used exceeded the configured threshold (max: 90, actual: 95).";
  const reasons = reasonsOf({
    "sensu.io/output_metric_thresholds/free./min/warning": "The value of free exceeded the configured threshold.",
    "sensu.io/output_metric_thresholds/used/max/critical": used,
    "sensu.io/notifications/critical": used,
    other: "x",
  });
  expect(reasons).toEqual([
    { caption: "critical", bound: "", text: used },
    { caption: "warning", bound: "free./min", text: "The value of free exceeded the configured threshold." },
  ]);
  expect(reasonsOf(null)).toEqual([]);
});

test("thresholds count for points of their name and tags", () => {
  const point = { name: "used", value: 95, timestamp: 1, tags: [{ name: "disk", value: "/" }] };
  const thresholds = [
    { name: "used", tags: [{ name: "disk", value: "/" }], thresholds: [{ min: "1", max: "90", status: 2 }] },
    { name: "used", tags: [{ name: "disk", value: "/var" }], thresholds: [{ max: "1", status: 1 }] },
    { name: "free", thresholds: [{ max: "1", status: 1 }] },
  ];
  expect(boundsOf(point, thresholds)).toEqual([
    { text: "min 1", status: 2, broken: false },
    { text: "max 90", status: 2, broken: true },
  ]);
  expect([1.7e9, 1.7e12, 1.7e15, 1.7e18].map(pointSeconds)).toEqual([1.7e9, 1.7e9, 1.7e9, 1.7e9]);
});

test("subscriptions are offered by how many agents have them, their own names left out", () => {
  const agents = [
    ["web", "entity:a", "linux"],
    ["linux", "entity:b"],
    ["db", "linux", "web"],
  ].map((subscriptions) => ({
    subscriptions,
  }));
  expect(commonSubscriptions(agents)).toEqual(["linux", "web", "db"]);
});
