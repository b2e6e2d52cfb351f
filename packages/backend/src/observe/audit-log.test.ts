import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Rule } from "@sensu-ts/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AuditLog } from "./audit-log.ts";
import { silentLog } from "./silent-log.ts";
import { testLog } from "./test-log.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "audit-"));
  file = path.join(folder, "audit.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const clock = { now: () => 1_700_000_000_123 };
const ann = { username: "ann", groups: [], provider: { id: "basic" }, address: "192.0.2.7" };
const allowed = { allowed: true, by: { namespace: "dev", binding: "editors", rule: Rule.create() }, dangling: [] };
const refused = { allowed: false, dangling: [] };
const ask = (verb: "get" | "update" | "delete", resource: string, name = "cpu") => ({
  ...{ verb, resource, namespace: "dev", name },
});
const lines = (name = file) =>
  readFileSync(name, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("writes and refusals are in it, reads and agents are not, keys are masked (S-315)", async () => {
  const audit = new AuditLog({ file, log: silentLog, clock });
  await audit.start();
  audit.record(ann, ask("update", "checks"), allowed);
  audit.record(ann, ask("get", "checks"), allowed);
  audit.record(ann, ask("get", "checks"), refused);
  audit.record({ username: "web-1", groups: [] }, ask("update", "events"), refused);
  audit.record(ann, ask("delete", "apikeys", "the-secret"), refused);
  await audit.stop();
  const common = { time: "2023-11-14T22:13:20.123Z", user: "ann", provider: "basic", address: "192.0.2.7" };
  const checks = { ...common, resource: "checks", namespace: "dev", name: "cpu" };
  expect(lines()).toEqual([
    { ...checks, verb: "update", decision: "allowed", binding: "dev/editors" },
    { ...checks, verb: "get", decision: "denied", binding: "" },
    { ...checks, verb: "delete", resource: "apikeys", name: "***", decision: "denied", binding: "" },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o640);
});

test("lines go on in a new file after a rotation", async () => {
  const audit = new AuditLog({ file, log: silentLog, clock });
  await audit.start();
  audit.record(ann, ask("update", "checks", "before"), allowed);
  renameSync(file, `${file}.1`);
  await audit.reopen();
  audit.record(ann, ask("update", "checks", "after"), allowed);
  await audit.stop();
  expect([lines(`${file}.1`), lines()].map((some) => some.map(({ name }) => name))).toEqual([["before"], ["after"]]);
});

test("what cannot wait any more is lost, and said", async () => {
  const log = testLog();
  const audit = new AuditLog({ file, log, clock, maxWaiting: 2 });
  await audit.start();
  for (let i = 0; i < 5; i++) audit.record(ann, ask("update", "checks"), allowed);
  await audit.stop();
  expect(lines()).toHaveLength(2);
  expect(log.lines).toEqual([expect.stringContaining("error: the audit log has lost 3 line(s)")]);
});
