import { afterAll, beforeAll, expect, test } from "vitest";
import { Sandbox } from "./sandbox.ts";

const sandbox = new Sandbox();
beforeAll(() => sandbox.start());
afterAll(() => sandbox.stop());

const event = JSON.stringify({
  check: { status: 2, metadata: { name: "cpu", labels: { tier: "1" } } },
  entity: { metadata: { name: "web-1" } },
});

test.each([
  ["event.check.status == 2", true],
  ["event.check.status", true],
  ["event.check.status === 0", false],
  ["''", false],
  ["event.check.name == 'cpu' && event.entity.metadata.name == 'web-1'", true],
  ["event.check.labels.tier == '1'", true],
  ["hour(3600) == 1 && minute(61) == 1 && weekday(0) == 4", true],
  ["event.check.output == nil", true],
  ["var x = 1; x == 1", true],
  ["typeof process + typeof require + typeof globalThis.fetch == 'undefinedundefinedundefined'", true],
  ["this.constructor.constructor('return typeof process')() == 'undefined'", true],
])("%s", async (expression, truth) => {
  expect(await sandbox.test(expression, { event })).toBe(truth);
});

test.each([
  ["event.nothing.here", /TypeError/],
  ["event.check.status ==", /SyntaxError/],
  ["throw new Error('no')", /no/],
])("%s fails with the script's error", async (expression, message) => {
  await expect(sandbox.test(expression, { event })).rejects.toThrow(message);
});

test("a function returns a text, or changes its objects", async () => {
  expect(await sandbox.call("return NAME + event.check.status", { event }, { NAME: "x" })).toBe("x2");
  const changed = await sandbox.call("event.check.labels.tier = '2'; event.check.name = 'mem';", { event }, {});
  expect(JSON.parse((changed as Record<string, string>)["event"] ?? "")).toMatchObject({
    check: { metadata: { name: "mem", labels: { tier: "2" } } },
  });
  await expect(sandbox.call("return 5", { event }, {})).rejects.toThrow('bad mutator result: got "number"');
});

test("an endless loop and a huge allocation end their own script only", async () => {
  await expect(sandbox.test("while (true) {}", {}, { timeoutMs: 50 })).rejects.toThrow(/interrupted/);
  await expect(
    sandbox.test(
      "var a = []; var s = 'x'; while (true) { s += s; a.push(s + a.length); }",
      {},
      { memoryBytes: 8 << 20 },
    ),
  ).rejects.toThrow();
  expect(await sandbox.test("1 == 1", {})).toBe(true);
});

test("while one script loops others go on", async () => {
  const two = new Sandbox(2);
  await using _ = { [Symbol.asyncDispose]: () => two.stop() };
  const order: string[] = [];
  const endless = two.test("while (true) {}", {}, { timeoutMs: 1500 }).catch(() => order.push("endless"));
  for (let i = 0; i < 20; i++) await two.test("true", {});
  order.push("others");
  await endless;
  expect(order).toEqual(["others", "endless"]);
});

test.each([
  "leaked = 1",
  "Array.prototype.leaked = 1; Object.prototype.leaked = 1",
  "JSON.parse = function () { return { check: { status: 99 } } }; Math.max = null; __flatten = null",
  "Object.freeze(globalThis); Object.freeze(Object.prototype)",
  "leaked = []; for (var i = 0; i < 1e5; i++) leaked.push('a long enough text ' + i)",
  "(function () { leaked = 1; throw new Error('gone') })()",
  "(function again() { leaked = 1; again() })()",
  "leaked = 1; while (true) {}",
])("one script leaves nothing to the next: %s", async (script) => {
  await sandbox.call(script, {}, {}, { timeoutMs: 200 }).catch(() => undefined);
  const intact =
    "typeof leaked == 'undefined' && [].leaked === undefined && ({}).leaked === undefined && Math.max(1, 2) == 2";
  expect(await sandbox.test(`${intact} && event.check.status == 2`, { event })).toBe(true);
  await sandbox.call("Object.prototype.x = 1; fresh = 1", {}, {});
});

test("scripts draw different random numbers", async () => {
  const drawn = new Set<unknown>();
  for (let i = 0; i < 20; i++) drawn.add(await sandbox.call("return String(Math.random())", {}, {}));
  expect(drawn.size).toBe(20);
});

test("syntax is checked without running", async () => {
  expect(await sandbox.checkSyntax("event.check.status == 0")).toBeUndefined();
  expect(await sandbox.checkSyntax("event.check.status ==")).toMatch(/SyntaxError/);
});

const entities = [
  { metadata: { name: "web-1", labels: { tier: "1" } }, entity_class: "proxy" },
  { metadata: { name: "web-2" }, entity_class: "proxy" },
  { metadata: { name: "db-1", labels: { tier: "1" } }, entity_class: "agent" },
].map((entity) => JSON.stringify(entity));

test.each([
  [["entity.entity_class == 'proxy'"], [0, 1], undefined],
  [["entity.entity_class == 'proxy'", "entity.name.indexOf('1') > 0"], [0], undefined],
  // One that throws is false for its value only.
  [["entity.labels.tier == '1'"], [0, 2], expect.stringMatching(/TypeError/)],
  // What an expression declares is not there for the next value.
  [["var seen = typeof seen == 'undefined' ? 1 : seen + 1; seen == 1"], [0, 1, 2], undefined],
  [["true", "entity.metadata = undefined; true"], [0, 1, 2], undefined],
])("select %j", async (expressions, selected, error) => {
  expect(await sandbox.select(expressions, "entity", entities)).toMatchObject({ selected, error });
});

test("the time limit is that of all values together", async () => {
  const endless = sandbox.select(["entity.name == 'web-1' || (function () { for (;;); })()"], "entity", entities, {
    timeoutMs: 50,
  });
  await expect(endless).rejects.toMatchObject({ code: "invalid" });
  expect(await sandbox.test("true", {})).toBe(true);
});
