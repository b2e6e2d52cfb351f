import { Check, Entity, Event, ObjectMeta, SensuError } from "@sensu-ts/core";
import { Sandbox } from "@sensu-ts/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sandboxScripts } from "./scripts.ts";

const metadata = (name: string, labels = {}) => ObjectMeta.create({ name, namespace: "ops", labels });

function event(entity: string, check: string, status: number): Event {
  return Event.create({
    entity: Entity.create({ metadata: metadata(entity, { password: "p" }) }),
    check: Check.create({ metadata: metadata(check, { tier: "1" }), status }),
  });
}

const stored = [event("web-1", "cpu", 2), event("web-1", "disk", 0), event("db-1", "cpu", 0)];
const asked: string[] = [];
const sandbox = new Sandbox();
const scripts = sandboxScripts(sandbox, {
  async get({ namespace, entity, check }) {
    asked.push(`${namespace}/${entity}/${check}`);
    if (entity === "secret") throw new SensuError("denied");
    return stored.find((one) => one.entity?.metadata.name === entity && one.check?.metadata.name === check);
  },
  list: async () => stored,
});
const ask = (expression: string) => scripts.examine(event("web-1", "load", 1), [expression]).test(0);
beforeAll(() => sandbox.start());
afterAll(() => sandbox.stop());

test.each([
  ["sensu.EventStatus('cpu')[0] == 2", true],
  ["sensu.EventStatus('cpu', 'disk', {entity: 'db-1', check: 'cpu'}).join() == '2,0,0'", true],
  ["sensu.EventStatus().length == 0 && sensu.CheckDependencies()", true],
  ["sensu.CheckStatus('disk')[0] == 0", true],
  ["sensu.CheckDependencies('disk', [{entity: 'db-1', check: 'cpu'}])", true],
  ["sensu.CheckDependencies('disk', 'cpu')", false],
  ["sensu.FetchEvent('db-1', 'cpu').check.name == 'cpu'", true],
  ["sensu.FetchEvent('web-1', 'cpu').check.metadata.labels.tier == '1'", true],
  ["sensu.FetchEvent('web-1', 'cpu').entity.labels.password == 'REDACTED'", true],
  ["sensu.ListEvents().filter(function (e) { return e.check.status == 0; }).length == 2", true],
  // What one answer says decides the next question.
  ["sensu.EventStatus('cpu')[0] == 2 && sensu.EventStatus('disk')[0] == 0", true],
  [
    "(function () { try { return sensu.EventStatus('gone'); } catch (e) { return e.message == 'event web-1/gone not found'; } })()",
    true,
  ],
])("%s", async (expression, truth) => {
  expect(await ask(expression)).toBe(truth);
});

test.each([
  ["sensu.FetchEvent('web-1', 'gone')", /event web-1\/gone not found/],
  ["sensu.EventStatus({entity: 'secret', check: 'x'})", /unauthorized to perform action/],
  [
    "for (var i = 0; i < 50; i++) try { sensu.EventStatus('c' + i) } catch (e) { if (/known/.test(e)) throw e; }",
    /one question after/,
  ],
  ["var all = []; for (var i = 0; i < 5000; i++) all.push('c' + i); sensu.EventStatus(all)", /asks too much/],
])("%s is an error", async (expression, message) => {
  await expect(ask(expression)).rejects.toThrow(message);
});

test("reads stay in the event's namespace; each event is read once; mutators have no such object (P-125)", async () => {
  asked.length = 0;
  await ask("sensu.EventStatus('cpu', 'cpu') && sensu.FetchEvent('web-1', 'cpu')");
  expect(asked).toEqual(["ops/web-1/cpu"]);
  await expect(scripts.mutate("return typeof sensu", event("web-1", "load", 1), {}, 1000)).resolves.toBe("undefined");
});
