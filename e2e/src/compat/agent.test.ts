/** Our agent against the original's backend: the wire is right when that one is content. */
import {
  Api,
  type Backend,
  type Program,
  startAgent,
  startOriginalBackend,
  temporaryFolder,
  until,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = temporaryFolder();
const NAMESPACE = "/api/core/v2/namespaces/default";
let backend: Backend;
let api: Api;
let agent: Program;

beforeAll(async () => {
  backend = await startOriginalBackend({ stateDir: folder.path });
  api = await new Api(backend).login();
  agent = startAgent(backend, {
    name: "web-01",
    stateDir: folder.path,
    subscriptions: ["linux"],
    args: ["--labels", "tier=edge"],
  });
  await agent.waitForLine(/successfully connected/);
});

afterAll(async () => {
  await agent?.stop();
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

async function run(name: string, definition: Record<string, unknown>) {
  await api.put(`${NAMESPACE}/checks/${name}`, {
    metadata: { name, namespace: "default" },
    interval: 3600,
    publish: true,
    subscriptions: ["linux"],
    ...definition,
  });
  await api.send("POST", `${NAMESPACE}/checks/${name}/execute`, { check: name });
  return until(`event of ${name}`, () => api.get(`${NAMESPACE}/events/web-01/${name}`));
}

test("the agent is registered from its first keepalive, in protobuf", async () => {
  const entity = await until("entity", () => api.get(`${NAMESPACE}/entities/web-01`));
  expect(entity).toMatchObject({
    entity_class: "agent",
    metadata: { labels: { tier: "edge" } },
    subscriptions: expect.arrayContaining(["linux", "entity:web-01"]),
    system: { os: "linux", arch: expect.stringMatching(/^(amd64|arm64)$/) },
  });
  const keepalive = await until("keepalive", () => api.get(`${NAMESPACE}/events/web-01/keepalive`));
  expect(keepalive.check).toMatchObject({ status: 0, interval: 20, timeout: 120, ttl: 240 });
  await agent.waitForLine(/"content_type":"application\/octet-stream".*"type":"entity_config"/);
});

test("a check with hooks comes back with status, output and each hook once", async () => {
  const hook = (name: string, command: string) =>
    api.put(`${NAMESPACE}/hooks/${name}`, { metadata: { name, namespace: "default" }, command, timeout: 5 });
  await hook("h1", "echo one");
  await hook("h2", "exit 4");
  const event = await run("critical", {
    command: "echo out; echo err >&2; exit 2",
    check_hooks: [{ critical: ["h1"] }, { "non-zero": ["h1", "h2", "gone"] }],
  });
  expect(event.check).toMatchObject({ status: 2, output: "out\nerr\n", processed_by: "web-01" });
  expect(event.check.hooks.map((run: Record<string, unknown>) => [run["status"], run["output"] ?? ""])).toEqual([
    [0, "one\n"],
    [4, ""],
    [2, "hook gone: missing hook config\n"],
  ]);
});

test("tokens are filled in, and the event shows the command as defined", async () => {
  const command = 'echo {{ .labels.tier | default "none" }} {{ .name }}';
  expect((await run("tokens", { command })).check).toMatchObject({ command, output: "edge web-01\n" });
});

test("a timeout is status 2", async () => {
  const event = await run("slow", { command: "echo begun; sleep 300 & sleep 300", timeout: 1 });
  expect(event.check).toMatchObject({ status: 2, output: "Execution timed out\nbegun\n" });
});

test("three megabytes of random bytes arrive, and the store cuts them", async () => {
  const event = await run("binary", { command: "head -c 3145728 /dev/urandom", max_output_size: 1024 });
  expect(event.check.status).toBe(0);
  expect(event.metadata.labels["sensu.io/output_truncated_bytes"]).toBe(String(3145728 - 1024));
});

test("a deleted entity ends the session with a goodbye, and the agent registers again", async () => {
  const connections = () => agent.lines.filter((line) => line.includes("successfully connected")).length;
  const before = connections();
  expect((await api.send("DELETE", `${NAMESPACE}/entities/web-01`)).status).toBe(204);
  await until("another connection", () => (connections() > before ? true : undefined));
  await until("entity", () => api.get(`${NAMESPACE}/entities/web-01`));
});

test("wrong credentials are told as the backend tells them", async () => {
  using other = temporaryFolder();
  const refused = startAgent(backend, { name: "x", stateDir: other.path, args: ["--password", "wrong"] });
  await refused.waitForLine(/"error":"handshake failed with status 401: bad credentials".*reconnection attempt failed/);
  expect((await refused.stop()).code).toBe(0);
});
