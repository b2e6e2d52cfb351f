import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Check, Entity, Event, encodeJson, ObjectMeta } from "@sensu-ts/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Bus } from "../bus/bus.ts";
import { committedEvent } from "../bus/committed-event.ts";
import { EventLog, type EventLogOptions } from "./event-log.ts";
import { silentLog } from "./silent-log.ts";

// Threads start, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let folder: string;
let file: string;
let bus: Bus;
let eventLog: EventLog;
let logged: string[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "event-log-"));
  file = path.join(folder, "events.log");
  bus = new Bus(silentLog);
  logged = [];
});
afterEach(async () => {
  await eventLog.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(more: Partial<EventLogOptions> = {}): Promise<void> {
  const note = (_fields: object, message: string) => void logged.push(message);
  const log = { ...silentLog, warn: note, error: note };
  eventLog = new EventLog({ file, bufferSize: 5000, bufferWaitMs: 1, encoders: 1, drainMs: 20_000, bus, log, ...more });
  await eventLog.start();
}

function event(i: number, output = "fine"): Event {
  const labels = { password: "p" };
  return Event.create({
    entity: Entity.create({ metadata: ObjectMeta.create({ name: "web-1", namespace: "default", labels }) }),
    check: Check.create({ metadata: ObjectMeta.create({ name: "cpu", namespace: "default" }), output }),
    sequence: i,
  });
}

const message = (one: Event, revision = 1, check = "cpu") =>
  committedEvent({ namespace: "default", entity: "web-1", check }, one, revision);

const lines = () => readFileSync(file, "utf8").split("\n").slice(0, -1);

test("a line an event, as the API shows it, in their order; registrations are no results (P-155)", async () => {
  await start();
  const events = Array.from({ length: 1000 }, (_, i) => event(i, `line\n${"x".repeat(i)}`));
  await bus.publishAll(
    "event",
    events.map((one) => message(one)),
  );
  await bus.publish("event", message(event(1), 0, "registration"));
  await bus.publish("event", message(Event.create({ sequence: 7 }), 0, ""));
  await eventLog.stop();
  expect(lines()).toEqual([...events, Event.create({ sequence: 7 })].map((one) => encodeJson(Event, one)));
  expect(lines()[0]).toContain('"password":"REDACTED"');
  expect(statSync(file).mode & 0o777).toBe(0o644);
});

test("several encoders write the same lines in any order", async () => {
  await start({ encoders: 3 });
  const events = Array.from({ length: 2000 }, (_, i) => event(i));
  for (const one of events) await bus.publish("event", message(one));
  await eventLog.stop();
  expect(lines().sort()).toEqual(events.map((one) => encodeJson(Event, one)).sort());
});

test("after a rotation lines go to the new file, none is lost", async () => {
  await start();
  await bus.publish("event", message(event(1)));
  renameSync(file, `${file}.1`);
  await eventLog.reopen();
  await bus.publish("event", message(event(2)));
  await eventLog.stop();
  const all = [`${file}.1`, file].map((one) => readFileSync(one, "utf8")).join("");
  expect(all.split("\n").length).toBe(3);
  expect(lines().at(-1)).toContain('"sequence":2');
});

test("a file that cannot be opened is a warning (P-156)", async () => {
  await start({ file: path.join(folder, "none", "events.log") });
  await bus.publish("event", message(event(1)));
  expect(logged).toEqual(["the event log cannot be opened, running without it"]);
});

test("a pipe that nobody reads holds up nobody: the oldest events are dropped and counted (P-156)", async () => {
  execFileSync("mkfifo", [file]);
  await start({ bufferSize: 10, drainMs: 100 });
  const large = event(1, "x".repeat(60_000));
  for (let i = 0; i < 1000; i++) await bus.publish("event", message(large));
  await eventLog.stop();
  expect(logged.join("\n")).toMatch(/the event buffer is full, \d{3} event\(s\) lost/);
});
