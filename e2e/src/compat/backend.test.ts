/** The original's agent and sensuctl, unmodified, against our backend. */
import {
  ADMIN,
  Api,
  type Backend,
  bundleCommand,
  freePort,
  originalCommand,
  run,
  startAgent,
  startBackend,
  temporaryFolder,
  until,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = temporaryFolder();
let backend: Backend;
let api: Api;

const CHECK = `type: CheckConfig
api_version: core/v2
metadata:
  name: greet
spec:
  command: echo hello from $SENSU_CHECK; exit 1
  interval: 1
  publish: yes
  subscriptions: [test]
  env_vars: [SENSU_CHECK=greet]
`;

function sensuctl(args: readonly string[], input = "") {
  const env = { HOME: folder.path, XDG_CONFIG_HOME: folder.path };
  return run([...originalCommand("sensuctl"), ...args], { env, input });
}

beforeAll(async () => {
  backend = await startBackend({ stateDir: folder.path });
  api = await new Api(backend).login();
});

afterAll(async () => {
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

test("sensuctl names the release that the backend does", async () => {
  const { sensu_backend: release } = (await (await fetch(`${backend.api}/version`)).json()) as Record<string, string>;
  const { stdout } = await run([...bundleCommand("sensuctl"), "version"]);
  expect(/version ([0-9.]+)/.exec(stdout)?.[1]).toBe(release);
});

test("sensuctl configures itself, creates a check from a file, and lists", async () => {
  const credentials = ["--username", ADMIN.user, "--password", ADMIN.password];
  expect(await sensuctl(["configure", "-n", "--url", backend.api, ...credentials])).toMatchObject({ code: 0 });
  expect(await sensuctl(["create"], CHECK)).toMatchObject({ code: 0, stderr: "" });
  const info = await sensuctl(["check", "info", "greet", "--format", "json"]);
  expect(JSON.parse(info.stdout)).toMatchObject({
    interval: 1,
    publish: true,
    metadata: { labels: { "sensu.io/managed_by": "sensuctl" }, created_by: ADMIN.user },
  });
  const again = await sensuctl(["create"], (await sensuctl(["check", "info", "greet", "--format", "yaml"])).stdout);
  expect(again.code).toBe(0);
});

test("the agent connects in protobuf, runs the check and reports; sensuctl shows its event", async () => {
  const [apiPort, socketPort] = await Promise.all([freePort(), freePort()]);
  await using agent = startAgent(backend, {
    name: "go-agent",
    stateDir: folder.path,
    command: originalCommand("sensu-agent"),
    args: ["--api-port", String(apiPort), "--socket-port", String(socketPort), "--statsd-disable"],
  });
  await agent.waitForLine(/successfully connected|using password auth/);
  const event = await until("the event", () => api.get("/api/core/v2/namespaces/default/events/go-agent/greet"));
  expect(event.check).toMatchObject({ status: 1, output: "hello from greet\n", processed_by: "go-agent" });
  expect(event.sequence).toBeGreaterThan(0);
  const listed = await sensuctl(["event", "list", "--format", "json"]);
  const checks = (JSON.parse(listed.stdout) as { check: { metadata: { name: string } } }[]).map(
    (one) => one.check.metadata.name,
  );
  expect(checks.toSorted()).toEqual(["greet", "keepalive"]);
  expect((await sensuctl(["event", "resolve", "go-agent", "greet"])).code).toBe(0);
  expect((await sensuctl(["entity", "info", "go-agent", "--format", "json"])).stdout).toContain(
    '"entity_class": "agent"',
  );
  expect((await sensuctl(["cluster", "health"])).code).toBe(0);
});
