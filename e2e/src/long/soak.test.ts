/**
 * A backend for a long time with everything going on at once: agents come and go, checks run, silences begin and end, a
 * page is open. Nothing is lost, and neither memory nor files nor descriptors grow. `SOAK_MINUTES`: default 20.
 */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AgentSocket, eventTemplate, FIRST_SEQUENCE, keepaliveTemplate, patch, residentMiB } from "@sensu-ts/bench";
import { Api, type Backend, LiveFeed, startAgent, startBackend, temporaryFolder, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const MINUTES = Number(process.env["SOAK_MINUTES"] ?? 20);
const AGENTS = 60;
const CHECKS = ["steady", "broken"];
const SAMPLE_MS = 1000;
const DEFAULT = "/api/core/v2/namespaces/default";

interface Sample {
  readonly resident: number;
  readonly descriptors: number;
  readonly fileBytes: number;
}

function bytesBelow(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) sum += statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return sum;
}

function sample(pid: number, stateDir: string): Sample {
  return {
    resident: residentMiB(pid),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    fileBytes: bytesBelow(stateDir),
  };
}

/** A machine that stands still for longer than a head may take has its handshakes answered 408; agents come again. */
async function connected(make: () => AgentSocket): Promise<AgentSocket> {
  for (;;) {
    const socket = make();
    try {
      await socket.connect();
      return socket;
    } catch (error) {
      if (!String(error).includes("408 Request Timeout")) throw error;
    }
  }
}

/** One simulated agent: connects, sends results of its checks, leaves cleanly, and again. */
class Visitor {
  readonly name: string;
  readonly #backend: Backend;
  /** Results sent of each check. */
  sent = 0;

  constructor(backend: Backend, i: number) {
    this.name = `visitor-${i}`;
    this.#backend = backend;
  }

  async visit(results: number): Promise<void> {
    const agent = { name: this.name, namespace: "default", subscriptions: ["soak"], user: "agent" };
    const login = { user: "agent", password: "P@ssw0rd!", tls: {} };
    const socket = await connected(() => new AgentSocket(agent, { url: new URL(this.#backend.agents), ...login }));
    const seconds = () => Math.floor(Date.now() / 1000);
    const keepalive = keepaliveTemplate(agent);
    patch(keepalive, seconds(), FIRST_SEQUENCE + this.sent);
    socket.send(keepalive.bytes);
    const templates = CHECKS.map((name) =>
      eventTemplate(agent, { name, subscription: "soak", status: name === "broken" ? 2 : 0, outputBytes: 500 }),
    );
    for (let i = 0; i < results; i++) {
      this.sent++;
      for (const template of templates) {
        // A frame in the socket's queue must not be changed.
        while (!socket.ready && !socket.closed) await delay(5);
        patch(template, seconds(), FIRST_SEQUENCE + this.sent);
        socket.send(template.bytes);
      }
      await delay(500 + Math.random() * 1500);
    }
    expect(socket.closed, "the session was ended by the backend").toBe(false);
    await socket.close();
  }
}

/** Ends with the test; an error of any worker ends the test. */
async function whileTimeLasts(end: number, act: () => Promise<void>): Promise<void> {
  while (Date.now() < end) await act();
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

test(`${MINUTES} minutes of everything`, async () => {
  using folder = temporaryFolder();
  const stateDir = path.join(folder.path, "state");
  const backend = await startBackend({ stateDir });
  await using _ended = backend.program;
  const api = await new Api(backend).login();
  const { pid } = backend.program;
  const metadata = (name: string) => ({ name, namespace: "default" });
  const reference = (name: string, type: string) => ({ name, type, api_version: "core/v2" });
  const incidents = reference("incidents", "Pipeline");
  await api.put(`${DEFAULT}/filters/late`, {
    metadata: metadata("late"),
    action: "allow",
    expressions: ["event.check.occurrences % 10 == 1"],
  });
  await api.put(`${DEFAULT}/handlers/count`, { metadata: metadata("count"), type: "pipe", command: "wc -c" });
  await api.put(`${DEFAULT}/pipelines/incidents`, {
    metadata: metadata("incidents"),
    workflows: [
      {
        name: "count",
        filters: ["is_incident", "not_silenced", "late"].map((name) => reference(name, "EventFilter")),
        handler: reference("count", "Handler"),
      },
    ],
  });
  for (let i = 0; i < 5; i++) {
    await api.put(`${DEFAULT}/checks/run-${i}`, {
      metadata: metadata(`run-${i}`),
      command: `echo run ${i}; exit ${i % 3}`,
      ...{ interval: 2, publish: true, subscriptions: ["real"], pipelines: [incidents] },
    });
  }

  const end = Date.now() + MINUTES * 60_000;
  const visitors = Array.from({ length: AGENTS }, (_, i) => new Visitor(backend, i));
  const feed = new LiveFeed(backend.ui, "topic=events&namespace=default", await new Api(backend).login());
  await feed.start();
  await using real = startAgent(backend, { name: "real", stateDir: folder.path, subscriptions: ["real"] });
  const samples: Sample[] = [];
  let round = 0;
  await Promise.all([
    ...visitors.map((visitor) => whileTimeLasts(end, () => visitor.visit(1 + Math.floor(Math.random() * 20)))),
    whileTimeLasts(end, async () => {
      await delay(SAMPLE_MS);
      samples.push(sample(pid, stateDir));
    }),
    // Silences: some are cleared, some expire, one ends with the resolution.
    whileTimeLasts(end, async () => {
      await api.login();
      const one = `entity:visitor-${round++ % AGENTS}`;
      const silence = { subscription: one, check: "broken", expire: round % 2 === 0 ? 2 : -1, reason: "soak" };
      await api.put(`${DEFAULT}/silenced/${one}:broken`, { metadata: metadata(`${one}:broken`), ...silence });
      await delay(500);
      if (silence.expire === -1) await api.send("DELETE", `${DEFAULT}/silenced/${encodeURIComponent(`${one}:broken`)}`);
    }),
    // A check that is made, changed, run by hand and deleted.
    whileTimeLasts(end, async () => {
      const check = {
        metadata: metadata("short"),
        command: "true",
        interval: 1,
        subscriptions: ["real"],
        publish: true,
      };
      await api.put(`${DEFAULT}/checks/short`, check);
      await api.send("POST", `${DEFAULT}/checks/short/execute`, { check: "short", subscriptions: ["real"] });
      await delay(2000);
      await api.send("DELETE", `${DEFAULT}/checks/short`);
    }),
  ]);

  // Each check of a visitor has one status for ever: occurrences count every result there was.
  await api.login();
  await until(
    "all results in the store",
    async () => {
      const stored = new Map<string, number>();
      for (const { entity, check } of await api.get(`${DEFAULT}/events`)) {
        stored.set(`${entity.metadata.name}/${check.metadata.name}`, check.occurrences);
      }
      const wrong = visitors.filter((visitor) =>
        CHECKS.some((c) => stored.get(`${visitor.name}/${c}`) !== visitor.sent),
      );
      if (wrong.length > 0)
        throw new Error(`${wrong.length} visitors' results are not all there, e.g. ${wrong[0]?.name}'s`);
      return true;
    },
    60_000,
  );
  const third = Math.floor(samples.length / 3);
  const middle = samples.slice(third, 2 * third);
  const last = samples.slice(2 * third);
  const grown = (of: keyof Sample) => [of, median(last.map((one) => one[of])) / median(middle.map((one) => one[of]))];
  const growth = Object.fromEntries([grown("resident"), grown("descriptors"), grown("fileBytes")]);
  process.stdout.write(`soak: ${visitors.reduce((sum, one) => sum + one.sent * CHECKS.length, 0)} results, `);
  process.stdout.write(`growth of the last third over the one before: ${JSON.stringify(growth)}\n`);

  expect(feed.count("row") + feed.count("events")).toBeGreaterThan(0);
  await feed.stop();
  // A stop gives handlers seconds: a busy machine may have more to do.
  await real.stop();
  await until(
    "every event handled",
    async () =>
      /^sensu_go_event_handlers_busy 0$/m.test(String((await api.send("GET", "/metrics")).body)) ? true : undefined,
    60_000,
  );
  await backend.program.stop();
  expect(backend.program.lines.filter((line) => /"level":"(error|fatal|panic)"/.test(line))).toEqual([]);

  // Caches and the write-ahead log fill in the first minutes.
  if (MINUTES < 5) return;
  expect(growth).toEqual({
    resident: expect.toSatisfy((ratio: number) => ratio < 1.1),
    descriptors: expect.toSatisfy((ratio: number) => ratio < 1.1),
    fileBytes: expect.toSatisfy((ratio: number) => ratio < 1.1),
  });
});
