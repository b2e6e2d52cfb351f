import { rm } from "node:fs/promises";
import type { Event } from "@sensu-ts/core";
import { expect, test } from "vitest";
import {
  agentEntity,
  checkEvent,
  eventually,
  startTestBackend,
  statuses,
  type TestBackendOptions,
  type TestClock,
} from "../gateway/test-backend.ts";
import { COMMITS } from "../ingest/commits.ts";
import { decodeStored } from "../state/stored-event.ts";
import { Deadlines } from "./deadlines.ts";

const START = 1_700_000_000;

function clockAt(seconds: number): TestClock {
  return {
    milliseconds: seconds * 1000,
    now() {
      return this.milliseconds;
    },
  };
}

async function start(options: TestBackendOptions = {}) {
  const clock = options.clock ?? clockAt(START);
  const backend = await startTestBackend({ ...options, clock });
  const stored = async (entity: string, check: string): Promise<Event | undefined> => {
    const found = await backend.events.get({ namespace: "default", entity, check });
    return found && decodeStored(found);
  };
  const at = async (seconds: number) => {
    clock.milliseconds = (START + seconds) * 1000;
    await backend.liveness.sweep();
    await backend.liveness.sweep();
    await backend.ingest.settled();
  };
  const keepalive = async (name: string, timeout: number, ttl: number, more = {}) => {
    const timestamp = Math.floor(clock.milliseconds / 1000);
    const event = checkEvent(
      agentEntity(name, more),
      "keepalive",
      { timeout, ttl, interval: 5 },
      { timestamp, sequence: 1 },
    );
    await backend.ingest.submit(await backend.liveness.keepalive(event));
  };
  return { ...backend, backend, stored, at, keepalive, clock };
}

test("a silent agent: warning, critical, repeated each period, resolved on return (P-91 to P-93)", async () => {
  await using run = await started();
  const { backend, at, stored, keepalive } = run;
  await keepalive("a1", 20, 30);
  await at(19);
  expect((await stored("a1", "keepalive"))?.check?.status).toBe(0);
  expect(backend.liveness.isAlive("default", "a1")).toBe(true);
  await at(20);
  expect((await stored("a1", "keepalive"))?.check).toMatchObject({
    status: 1,
    output: "No keepalive sent from a1 for 20 seconds (>= 20)",
  });
  expect(backend.liveness.isAlive("default", "a1")).toBe(false);
  await at(40);
  await at(60);
  const failing = (await stored("a1", "keepalive"))?.check;
  expect(failing).toMatchObject({
    status: 2,
    occurrences: 2,
    output: "No keepalive sent from a1 for 60 seconds (>= 30)",
  });
  await keepalive("a1", 20, 30);
  expect(statuses((await stored("a1", "keepalive"))?.check?.history)).toEqual([0, 1, 2, 2, 0]);
  await at(79);
  expect((await stored("a1", "keepalive"))?.check?.status).toBe(0);
});

test("the first keepalive registers once; the agent's state is stored (P-97, W-63)", async () => {
  await using run = await started();
  const { backend, at, keepalive } = run;
  await keepalive("new", 120, 0);
  await keepalive("new", 120, 0);
  expect(backend.seen.filter((one) => one.check === "registration")).toHaveLength(1);
  await at(1);
  expect((await backend.entities.read("default", "new"))?.subscriptions).toEqual(["linux", "entity:new"]);
});

test("handlers that are stuck hold up neither new agents, keepalives nor deadlines, and get all in order (P-52, P-97)", async () => {
  await using run = await started();
  const { backend, at, stored, clock } = run;
  const gate = Promise.withResolvers<void>();
  const handled: string[] = [];
  backend.bus.subscribe("event", {
    ...{ name: "stuck", capacity: 1, workers: 1 },
    handle: async ({ entity, check }) => {
      handled.push(`${entity} ${check}`);
      await gate.promise;
    },
  });
  // As a session does it: an offer waits for nobody.
  const sent = async (name: string, more = {}) => {
    const timestamp = Math.floor(clock.milliseconds / 1000);
    const event = checkEvent(agentEntity(name, more), "keepalive", { timeout: 20 }, { timestamp });
    backend.ingest.offer({ event: await backend.liveness.keepalive(event) }, "default", 100);
    await eventually(async () =>
      (await stored(name, "keepalive"))?.entity?.last_seen === timestamp ? true : undefined,
    );
  };
  for (const name of ["n1", "n2", "n3"]) await sent(name);
  await sent("leaves", { deregister: true });
  clock.milliseconds += 15_000;
  for (const name of ["n1", "n2", "n3"]) await sent(name);
  clock.milliseconds += 15_000;
  await backend.liveness.sweep();
  expect((await stored("n1", "keepalive"))?.check?.status).toBe(0);
  expect(await stored("leaves", "keepalive")).toBeUndefined();
  expect(handled).toEqual(["n1 registration"]);
  gate.resolve();
  await at(31);
  await eventually(() => (handled.length === 12 ? true : undefined));
  const first = ["n1", "n2", "n3", "leaves"].flatMap((name) => [`${name} registration`, `${name} keepalive`]);
  expect(handled).toEqual([...first, "n1 keepalive", "n2 keepalive", "n3 keepalive", "leaves keepalive"]);
});

test("an agent-managed configuration is replaced by the agent's (W-64)", async () => {
  await using run = await started();
  const { backend, keepalive } = run;
  const labels = { "sensu.io/managed_by": "sensu-agent" };
  const metadata = { ...agentEntity("man").metadata, labels };
  await keepalive("man", 120, 0, { metadata });
  await keepalive("man", 120, 0, { metadata, subscriptions: ["other"] });
  expect((await backend.entities.read("default", "man"))?.subscriptions).toEqual(["other", "entity:man"]);
});

test.each([
  ["timestamp 0", { timestamp: 0 }, {}, "invalid timestamp"],
  ["timeout below 5", { timestamp: 1 }, { timeout: 3 }, "less than 5"],
])("refused keepalive: %s", async (_, event, check, text) => {
  await using run = await started();
  const { backend } = run;
  expect(() => backend.liveness.keepalive(checkEvent(agentEntity("a"), "keepalive", check, event))).toThrow(text);
});

test("check TTL: failure repeats until a result comes; the ttl itself may change (P-70 to P-73)", async () => {
  await using run = await started();
  const { backend, at, stored } = run;
  const send = (ttl: number, seconds: number) =>
    backend.ingest.submit(checkEvent(agentEntity("t1"), "backup", { ttl, executed: START + seconds, ttl_status: 2 }));
  await backend.entities.create(agentEntity("t1"));
  await send(15, 0);
  await at(14);
  expect((await stored("t1", "backup"))?.check?.status).toBe(0);
  await at(15);
  expect((await stored("t1", "backup"))?.check).toMatchObject({
    ...{ status: 2, executed: START + 15, output: "Last check execution was 15 seconds ago" },
  });
  await at(30);
  expect((await stored("t1", "backup"))?.check?.occurrences).toBe(2);
  await send(60, 31);
  await at(89);
  expect((await stored("t1", "backup"))?.check?.status).toBe(0);
  await send(0, 89);
  await at(500);
  expect((await stored("t1", "backup"))?.check?.status).toBe(0);
});

test("no TTL alarm beside a failing keepalive, for a deleted entity or a forgotten event (P-72, P-75)", async () => {
  await using run = await started();
  const { backend, at, stored, keepalive } = run;
  await keepalive("q1", 10, 0);
  await backend.ingest.submit(checkEvent(agentEntity("q1"), "c", { ttl: 15 }));
  await at(10);
  await at(16);
  expect((await stored("q1", "c"))?.check?.status).toBe(0);
  await backend.entities.create(agentEntity("q2"));
  await backend.ingest.submit(checkEvent(agentEntity("q2"), "c", { ttl: 15 }));
  backend.liveness.forget({ namespace: "default", entity: "q2", check: "c" });
  await at(100);
  expect((await stored("q2", "c"))?.check?.status).toBe(0);
});

test("deregistration on expiry: entity and events go, handlers hear of it (P-98, P-99)", async () => {
  await using run = await started({ defaultHandler: "bye" });
  const { backend, at, keepalive } = run;
  await keepalive("eph", 10, 0, { deregister: true });
  await backend.ingest.submit(checkEvent(agentEntity("eph"), "c", { status: 2 }));
  await backend.ingest.submit(checkEvent(agentEntity("eph"), "load", { status: 0 }));
  const before = backend.seen.length;
  await at(10);
  expect(await backend.entities.read("default", "eph")).toBeUndefined();
  expect(await backend.events.count({ entity: "eph" })).toBe(0);
  const seen = backend.seen
    .slice(before)
    .map(({ check, event }) => [check, event.check?.status, event.check?.handlers]);
  expect(seen).toEqual([
    ["c", 0, []],
    ["load", 0, []],
    ["keepalive", 0, ["keepalive"]],
    ["deregistration", 1, ["bye"]],
  ]);
});

test("a deregistration that a kill cut short after its first step is finished by the next process", async () => {
  const first = await start({ defaultHandler: "bye" });
  await first.keepalive("cut", 10, 0, { deregister: true });
  await first.backend.ingest.submit(checkEvent(agentEntity("cut"), "c", { status: 2 }));
  await first.backend.entities.remove("default", "cut");
  await first.stop();
  const clock = clockAt(START + 1000);
  await using run = await started({ folder: first.folder, clock, defaultHandler: "bye" });
  await run.at(1100);
  expect(await run.backend.events.count({ entity: "cut" })).toBe(0);
  expect(run.backend.seen.map(({ check }) => check)).toEqual(["c", "keepalive", "deregistration"]);
});

test("deadlines survive a restart; our own downtime raises no alarm by itself (P-95)", async () => {
  const first = await start();
  await first.keepalive("r1", 20, 0);
  await first.keepalive("r2", 20, 0);
  await first.backend.ingest.submit(checkEvent(agentEntity("r1"), "c", { ttl: 30 }, { timestamp: START }));
  await first.stop();
  const clock = clockAt(START + 1000);
  await using run = await started({ folder: first.folder, clock });
  const { backend, at, stored, keepalive } = run;
  await at(1019);
  expect((await stored("r1", "keepalive"))?.check?.status).toBe(0);
  await keepalive("r2", 20, 0);
  await at(1020);
  expect((await stored("r1", "keepalive"))?.check).toMatchObject({
    ...{ status: 1, output: "No keepalive sent from r1 for 1020 seconds (>= 20)" },
  });
  expect((await stored("r2", "keepalive"))?.check?.status).toBe(0);
  expect(backend.liveness.isAlive("default", "r2")).toBe(true);
  await rm(first.folder, { recursive: true, force: true });
});

test.each([
  { what: "a plain check", entity_class: "agent", check: { ttl: 30 }, status: 1 },
  {
    what: "a ring's check for a proxy entity",
    entity_class: "proxy",
    check: { ttl: 30, round_robin: true },
    status: 1,
  },
  { what: "a ring's check", entity_class: "agent", check: { ttl: 30, round_robin: true }, status: 0 },
])("TTL of $what after a restart (P-40, P-71)", async ({ entity_class, check, status }) => {
  const first = await start();
  await first.backend.entities.create(agentEntity("t1", { entity_class }));
  await first.backend.ingest.submit(checkEvent(agentEntity("t1", { entity_class }), "c", check, { timestamp: START }));
  await first.stop();
  await using run = await started({ folder: first.folder, clock: clockAt(START + 100) });
  await run.at(131);
  expect((await run.stored("t1", "c"))?.check?.status).toBe(status);
});

async function started(options: TestBackendOptions = {}) {
  const all = await start(options);
  return { ...all, [Symbol.asyncDispose]: () => all.backend[Symbol.asyncDispose]() };
}

test("deadlines move forward and backward and are taken once", () => {
  const deadlines = new Deadlines<string>();
  deadlines.set("a", "a", 10_000);
  deadlines.set("b", "b", 20_000);
  deadlines.set("a", "a", 30_000);
  deadlines.set("b", "b", 5_000);
  expect(deadlines.take(9_999).map((one) => one.id)).toEqual(["b"]);
  expect(deadlines.take(25_000)).toEqual([]);
  expect(deadlines.take(30_000).map((one) => one.id)).toEqual(["a"]);
  deadlines.set("a", "again", 31_000);
  expect(deadlines.take(31_000).map((one) => one.value)).toEqual(["again"]);
  deadlines.set("a", "gone", 32_000);
  deadlines.delete("a");
  expect(deadlines.take(99_000)).toEqual([]);
});

test("a round-robin check's TTL is only logged, once (P-71)", async () => {
  await using run = await started();
  const { backend, at, stored } = run;
  await backend.entities.create(agentEntity("rr"));
  await backend.ingest.submit(checkEvent(agentEntity("rr"), "ring", { ttl: 15, round_robin: true }));
  await at(15);
  await at(40);
  expect((await stored("rr", "ring"))?.check?.status).toBe(0);
  expect(backend.log.lines.filter((line) => line.includes("round robin check ttl"))).toEqual([
    "warn: round robin check ttl not supported",
  ]);
});

test("a keepalive through the API is stored and then heard (P-47, P-96)", async () => {
  await using run = await started();
  const { backend, at, stored, clock } = run;
  const proxy = { ...agentEntity("router"), entity_class: "proxy" };
  const post = () => {
    const timestamp = Math.floor(clock.milliseconds / 1000);
    const check = { timeout: 20, ttl: 30, interval: 10, status: 2, output: "posted" };
    return backend.liveness.submit(checkEvent(proxy, "keepalive", check, { timestamp }), { createdBy: "ops" });
  };
  await post();
  const first = await stored("router", "keepalive");
  expect(first?.check).toMatchObject({
    ...{ status: 0, handlers: ["keepalive"], scheduler: "etcd", history: [{ status: 2 }, { status: 0 }] },
    output: "Keepalive last sent from router at 2023-11-14 22:13:20 +0000 UTC",
  });
  expect((await stored("router", "keepalive"))?.entity?.last_seen).toBe(START);
  await at(20);
  expect((await stored("router", "keepalive"))?.check).toMatchObject({
    ...{ status: 1, output: "No keepalive sent from router for 20 seconds (>= 20)" },
  });
  await post();
  expect((await stored("router", "keepalive"))?.entity?.last_seen).toBe(START + 20);
  await backend.stop();
  expect((await reopened(backend.folder, "router"))?.last_seen).toBe(START + 20);
});

test("a keepalive of an agent through the API registers it; one that keepalived refuses stays as it came", async () => {
  await using run = await started();
  const { backend, stored } = run;
  const post = (name: string, timeout: number) =>
    backend.liveness.submit(checkEvent(agentEntity(name), "keepalive", { timeout, interval: 10, output: "posted" }));
  await post("injected", 20);
  expect(await backend.entities.read("default", "injected")).toMatchObject({ entity_class: "agent" });
  await post("hasty", 4);
  expect((await stored("hasty", "keepalive"))?.check).toMatchObject({ output: "posted", history: [{ status: 0 }] });
});

async function reopened(folder: string, name: string) {
  const again = await startTestBackend({ folder });
  const entity = await again.entities.read("default", name);
  await again.stop();
  return entity;
}

test("while agents cannot be heard, none is taken for silent; afterwards each has its time (P-52)", async () => {
  await using run = await started({ ingest: { maxPendingBytes: 1000 } });
  const { backend, at, stored, keepalive, clock } = run;
  await keepalive("deaf", 20, 0);
  await keepalive("other", 20, 0);
  const gate = Promise.withResolvers<void>();
  backend.bus.subscribe("event", { name: "stuck", capacity: 1, workers: 1, handle: () => gate.promise });
  // One is handled, one waits for it, and every commit waits to hand over its own: no other event gets a commit.
  const stuck = COMMITS + 2;
  const before = await backend.events.count({});
  for (let i = 1; i <= stuck + 4; i++) {
    void backend.ingest.submit(checkEvent(agentEntity("deaf"), `c${i}`, { output: "x".repeat(200) }));
    await eventually(async () => ((await backend.events.count({})) >= before + Math.min(i, stuck) ? true : undefined));
  }
  const handedOver = () => backend.seen.filter(({ check }) => /^c\d+$/.test(check)).length;
  await eventually(() => (handedOver() === stuck ? true : undefined));
  expect(backend.ingest.saturated).toBe(true);
  clock.milliseconds = (START + 100) * 1000;
  await backend.liveness.sweep();
  expect((await stored("deaf", "keepalive"))?.check?.status).toBe(0);
  // A keepalive that was read before still gets through: it does not stand behind what waits for the handlers.
  await keepalive("other", 20, 0);
  expect((await stored("other", "keepalive"))?.entity?.last_seen).toBe(START + 100);
  gate.resolve();
  await backend.ingest.settled();
  await at(119);
  expect((await stored("deaf", "keepalive"))?.check?.status).toBe(0);
  await at(121);
  expect((await stored("deaf", "keepalive"))?.check?.status).toBe(1);
});

test.each([3600, -3600])("a clock set by %d seconds makes nobody silent, and hides nobody who is", async (jump) => {
  let steady = 0;
  const clock = { ...clockAt(START), steady: () => steady };
  await using run = await started({ clock });
  const { backend, stored, keepalive } = run;
  const pass = async (seconds: number, set = 0) => {
    steady += seconds * 1000;
    clock.milliseconds += (seconds + set) * 1000;
    await backend.liveness.sweep();
    await backend.liveness.sweep();
    await backend.ingest.settled();
  };
  await pass(0);
  await keepalive("calm", 20, 0);
  await pass(5, jump);
  await keepalive("other", 20, 0);
  expect((await stored("calm", "keepalive"))?.check?.status).toBe(0);
  await pass(14);
  expect((await stored("calm", "keepalive"))?.check?.status).toBe(0);
  await keepalive("calm", 20, 0);
  await pass(8);
  expect((await stored("other", "keepalive"))?.check?.status).toBe(1);
  expect((await stored("calm", "keepalive"))?.check?.status).toBe(0);
});
