/** What one expression of a filter changes in the event and the next ones see (P-120), as the original answers. */
import { Check, decodeJson, Entity, Event, EventFilter, ObjectMeta } from "@sensu-ts/core";
import { Sandbox } from "@sensu-ts/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../observe/silent-log.ts";
import { passes } from "./filter.ts";
import { sandboxScripts } from "./scripts.ts";

const metadata = (name: string) => ObjectMeta.create({ name, namespace: "default" });
const event = Event.create({
  entity: Entity.create({ metadata: metadata("web-1"), entity_class: "proxy" }),
  check: Check.create({ metadata: metadata("cpu"), status: 1 }),
});
const sandbox = new Sandbox();
const scripts = sandboxScripts(sandbox, { get: async () => event, list: async () => [event] });
beforeAll(() => sandbox.start());
afterAll(() => sandbox.stop());

const passing = (expressions: readonly string[], action = "allow") =>
  passes(
    { scripts, log: silentLog, now: () => 0 },
    EventFilter.create({ metadata: metadata("f"), action, expressions: [...expressions] }),
    event,
  );

test.each<{ expressions: string[]; passes: boolean; action?: string }>([
  { expressions: ["event.check.labels['x'] = '1'", "event.check.labels.x == '1'"], passes: true },
  { expressions: ["event.check.status = 7; true", "event.check.status == 7"], passes: true },
  { expressions: ["event.check.status = 7; true", "true", "event.check.status == 7"], passes: true },
  { expressions: ["event.foo = '1'; true", "event.foo == '1'"], passes: true },
  { expressions: ["event.check.foo = '1'; true", "event.check.foo == '1'"], passes: true },
  { expressions: ["delete event.check.status; true", "event.check.status === undefined"], passes: true },
  { expressions: ["event.check.status = 9; event.nope.x", "event.check.status == 9"], passes: true },
  { expressions: ["var leaked = 1; true", "typeof leaked == 'undefined'"], passes: true },
  { expressions: ["event = {}; true", "event.check.name == 'cpu'"], passes: true },
  {
    expressions: ["JSON.stringify = null; event.x = 1; true", "event.x == 1 && JSON.stringify({}) == '{}'"],
    passes: true,
  },
  { expressions: ["event.x = 1; event.self = event; true", "event.check.name == 'cpu'"], passes: true },
  {
    expressions: ["event.check.status = sensu.EventStatus('cpu')[0] + 4; true", "event.check.status == 5"],
    passes: true,
  },
  { expressions: ["event.check.status = 7; true", "event.check.status == 1"], passes: false },
  { action: "deny", expressions: ["event.check.status = 7; false", "event.check.status == 7"], passes: false },
])("$action $expressions", async ({ expressions, passes: wanted, action }) => {
  expect(await passing(expressions, action)).toBe(wanted);
});

test.each([
  ["allow", false],
  ["deny", true],
])("%s: no window is open when none is given (P-113)", async (action, wanted) => {
  const when = decodeJson(
    EventFilter,
    `{"metadata":{"name":"f"},"action":"allow","expressions":[],"when":{"days":{}}}`,
  ).when;
  const filter = EventFilter.create({
    metadata: metadata("f"),
    action,
    when,
    expressions: [String(action === "allow")],
  });
  expect(await passes({ scripts, log: silentLog, now: () => 0 }, filter, event)).toBe(wanted);
});

test("the next filter sees the event as it was", async () => {
  await passing(["event.check.status = 7; true", "true"]);
  expect(await passing(["event.check.status == 1", "true"])).toBe(true);
  expect(event.check?.status).toBe(1);
});
