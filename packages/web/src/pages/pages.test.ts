import { expect, test } from "vitest";
import type { Event, Silenced } from "../data/objects.ts";
import type { EventRow } from "../data/wire.ts";
import { type CheckForm, checkOf, problemsOf } from "./checks/new-check.ts";
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
