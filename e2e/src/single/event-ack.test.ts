/** An event that the agent took with 202 is never lost to a killed backend: what is not acknowledged is sent again (W-143). */
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Api, type Backend, freePort, startAgent, startBackend, temporaryFolder, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const ROUNDS = 3;
const EVENTS = 100;

test("events posted while the backend is killed again and again are all stored", async () => {
  using folder = temporaryFolder();
  const [apiPort, agentPort, ownApiPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const options = { stateDir: path.join(folder.path, "state"), apiAddress: `127.0.0.1:${apiPort}`, agentPort };
  let backend: Backend = await startBackend(options);
  const agent = startAgent(backend, {
    name: "poster",
    stateDir: folder.path,
    args: [
      ...["--api-port", String(ownApiPort), "--events-rate-limit", "0"],
      ...["--retry-min", "100ms", "--retry-max", "200ms"],
    ],
  });
  await agent.waitForLine(/successfully connected/);
  let posted = 0;
  const post = async () => {
    const answer = await fetch(`http://127.0.0.1:${ownApiPort}/events`, {
      method: "POST",
      body: JSON.stringify({ check: { metadata: { name: `c${posted}` }, status: 0, output: String(posted) } }),
    });
    expect(answer.status).toBe(202);
    posted++;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const killAt = Math.floor(EVENTS * (0.3 + 0.4 * Math.random()));
    for (let i = 0; i < EVENTS; i++) {
      await post();
      // Not waited for: the agent goes on taking events while the backend dies.
      if (i === killAt) backend.program.signal("SIGKILL");
    }
    await backend.program.exited;
    backend = await startBackend({ ...options, resume: true });
  }
  const api = await new Api(backend).login();
  const checks = await until(
    "all events",
    async () => {
      const events = await api.get("/api/core/v2/namespaces/default/events/poster");
      const names = new Set(
        events.map((event: { check: { metadata: { name: string } } }) => event.check.metadata.name),
      );
      const missing = Array.from({ length: posted }, (_, i) => `c${i}`).filter((name) => !names.has(name));
      if (missing.length > 0) throw new Error(`missing: ${missing.join(" ")}`);
      return names;
    },
    60_000,
  );
  expect(checks.size).toBeGreaterThanOrEqual(ROUNDS * EVENTS);
  await agent.stop();
  await backend.program.stop();
  const queue = new DatabaseSync(path.join(folder.path, "agent-cache/event-queue.sqlite"));
  expect(queue.prepare("SELECT count(*) AS rows FROM queue").get()).toEqual({ rows: 0 });
  queue.close();
}, 180_000);
