import { existsSync, readFileSync, renameSync } from "node:fs";
import path from "node:path";
import { Api, startBackend, temporaryFolder, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const EVENTS = "/api/core/v2/namespaces/default/events";

test("event log and platform metrics log are written, and opened anew after SIGHUP (B 5.1, B 5.2)", async () => {
  using folder = temporaryFolder();
  const events = path.join(folder.path, "events.log");
  const stats = path.join(folder.path, "stats.log");
  const backend = await startBackend({
    stateDir: path.join(folder.path, "state"),
    args: [
      ...["--event-log-file", events, "--platform-metrics-log-file", stats],
      ...["--platform-metrics-logging-interval", "1s", "--log-level", "info"],
    ],
  });
  await using _ = backend.program;
  const api = await new Api(backend).login();
  const post = async (executed: number) => {
    const answer = await api.send("POST", EVENTS, {
      entity: { metadata: { name: "web-1", namespace: "default" }, entity_class: "proxy" },
      check: { metadata: { name: "cpu", namespace: "default" }, executed, status: 1, output: `run ${executed}` },
      metrics: { points: [{ name: "load", value: 0.5, timestamp: 1 }] },
    });
    expect(answer.status).toBe(201);
  };
  const lines = (file: string) => (existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : []);
  const line = (file: string) => until(`a line in ${file}`, () => lines(file)[0]);

  await post(1);
  const logged = JSON.parse(await line(events));
  const stored = await api.get(`${EVENTS}/web-1/cpu`);
  // Metrics are in the log and are not stored (P-66).
  expect(logged).toEqual({ ...stored, metrics: expect.objectContaining({ points: [expect.anything()] }) });
  expect(await line(stats)).toMatch(/^sensu_go_\w+(,\w+=\S+)* sensu_go_\w+=\S+ \d{16}000$/);

  for (const file of [events, stats]) renameSync(file, `${file}.1`);
  backend.program.signal("SIGHUP");
  await backend.program.waitForLine(/event log opened anew/);
  await post(2);
  expect(JSON.parse(await line(events)).check.output).toBe("run 2");
  expect(await line(stats)).toContain("sensu_go_");
  expect(lines(`${events}.1`)).toHaveLength(1);
});
