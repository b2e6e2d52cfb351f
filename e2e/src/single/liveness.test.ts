import { Api, startAgent, startBackend, temporaryFolder, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const KEEPALIVE = "/api/core/v2/namespaces/default/events/host-1/keepalive";
/** Shortest timeouts that liveness takes (P-87). */
const AGENT = ["--keepalive-interval", "1", "--keepalive-warning-timeout", "5", "--keepalive-critical-timeout", "6"];

// Concurrent: each waits for deadlines of its own backend.
test.concurrent("a killed agent turns critical, also across a restart of the backend, and resolves on return", async () => {
  using folder = temporaryFolder();
  let backend = await startBackend({ stateDir: folder.path });
  let api = await new Api(backend).login();
  const agent = startAgent(backend, { name: "host-1", stateDir: folder.path, args: AGENT });
  await until("the first keepalive", () => api.get(KEEPALIVE));
  await agent.kill();

  const { port } = new URL(backend.agents);
  await backend.program.kill();
  backend = await startBackend({ stateDir: folder.path, resume: true, agentPort: Number(port) });
  api = await new Api(backend).login();
  const critical = await until(
    "the critical keepalive",
    async () => {
      const event = await api.get(KEEPALIVE);
      return event.check.status === 2 ? event : undefined;
    },
    50_000,
  );
  expect(critical.check.output).toMatch(/^No keepalive sent from host-1 for \d+ seconds \(>= 6\)$/);
  expect(critical.check.history.some((entry: { status: number }) => entry.status === 0)).toBe(true);

  await using _again = startAgent(backend, { name: "host-1", stateDir: folder.path, args: AGENT });
  await until("the resolution", async () => ((await api.get(KEEPALIVE)).check.status === 0 ? true : undefined));
  await backend.program.stop();
});

test.concurrent("an agent that asks for it is deregistered when it dies, with its events", async () => {
  using folder = temporaryFolder();
  const backend = await startBackend({ stateDir: folder.path });
  const api = await new Api(backend).login();
  const agent = startAgent(backend, { name: "host-1", stateDir: folder.path, args: [...AGENT, "--deregister"] });
  await until("the first keepalive", () => api.get(KEEPALIVE));
  await agent.kill();
  await until("the entity to go", async () => {
    const entity = await api.get("/api/core/v2/namespaces/default/entities/host-1");
    return entity === undefined ? true : undefined;
  });
  // The entity goes first.
  await until("its events to go", async () => ((await api.get(KEEPALIVE)) === undefined ? true : undefined));
  await backend.program.stop();
});

test.concurrent("a check whose result is overdue raises its TTL event, and the next result clears it", async () => {
  using folder = temporaryFolder();
  const backend = await startBackend({ stateDir: folder.path });
  const api = await new Api(backend).login();
  const events = "/api/core/v2/namespaces/default/events";
  const event = {
    entity: { metadata: { name: "job-host", namespace: "default" }, entity_class: "proxy" },
    check: { metadata: { name: "backup", namespace: "default" }, interval: 1, ttl: 5, status: 0, output: "done" },
  };
  expect((await api.send("POST", events, event)).status).toBe(201);
  const overdue = await until("the TTL event", async () => {
    const stored = await api.get(`${events}/job-host/backup`);
    return stored.check.status === 1 ? stored : undefined;
  });
  expect(overdue.check.output).toMatch(/^Last check execution was \d+ seconds ago$/);
  expect((await api.send("POST", events, event)).status).toBe(201);
  expect((await api.get(`${events}/job-host/backup`)).check).toMatchObject({ status: 0, state: "passing" });
  await backend.program.stop();
});
