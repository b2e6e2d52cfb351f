import { readFileSync } from "node:fs";
import path from "node:path";
import {
  Api,
  type Backend,
  bundleCommand,
  run,
  startAgent,
  startBackend,
  temporaryFolder,
  until,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = temporaryFolder();
const incidents = path.join(folder.path, "incidents");
let backend: Backend;
let api: Api;

const EVENTS = "/api/core/v2/namespaces/default/events";

function check(name: string, command: string, extra: object = {}): object {
  return {
    metadata: { name, namespace: "default" },
    command,
    interval: 1,
    publish: true,
    subscriptions: ["test"],
    pipelines: [{ name: "incidents", type: "Pipeline", api_version: "core/v2" }],
    ...extra,
  };
}

beforeAll(async () => {
  backend = await startBackend({ stateDir: folder.path });
  api = await new Api(backend).login();
  await api.put("/api/core/v2/namespaces/default/handlers/to-file", {
    metadata: { name: "to-file", namespace: "default" },
    type: "pipe",
    command: `cat >> ${incidents}; echo >> ${incidents}`,
  });
  const reference = (name: string, type: string) => ({ name, type, api_version: "core/v2" });
  await api.put("/api/core/v2/namespaces/default/pipelines/incidents", {
    metadata: { name: "incidents", namespace: "default" },
    workflows: [
      {
        name: "file",
        filters: [reference("is_incident", "EventFilter"), reference("not_silenced", "EventFilter")],
        handler: reference("to-file", "Handler"),
      },
    ],
  });
});

afterAll(async () => {
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

test("a check runs on an agent; its failure passes filters, reaches the handler, and resolves", async () => {
  const flag = path.join(folder.path, "flag");
  await using _agent = startAgent(backend, { name: "web-1", stateDir: folder.path });
  await api.put(
    "/api/core/v2/namespaces/default/checks/flag",
    check("flag", `test ! -e ${flag} || { echo broken; exit 2; }`),
  );

  const passing = await until("a passing event", async () => {
    const event = await api.get(`${EVENTS}/web-1/flag`);
    return event?.check.status === 0 ? event : undefined;
  });
  expect(passing.entity.subscriptions).toContain("entity:web-1");
  expect(passing.check).toMatchObject({ state: "passing", processed_by: "web-1", is_silenced: false });

  await run(["touch", flag]);
  const failing = await until("a failing event", async () => {
    const event = await api.get(`${EVENTS}/web-1/flag`);
    return event?.check.status === 2 && event.check.occurrences > 1 ? event : undefined;
  });
  expect(failing.check).toMatchObject({ state: "failing", output: "broken\n" });
  expect(failing.check.history.at(-1).status).toBe(2);

  await run(["rm", flag]);
  const handled = await until("the resolution at the handler", () => {
    const events = readFileSync(incidents, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    return events.at(-1)?.check.status === 0 ? events : undefined;
  });
  expect(handled.map((event) => event.check.metadata.name)).toEqual(handled.map(() => "flag"));
  expect(handled[0].check.status).toBe(2);
  expect(handled.filter((event) => event.check.status === 0)).toHaveLength(1);
});

test("a silenced failure is stored as silenced and does not reach the handler", async () => {
  await api.put("/api/core/v2/namespaces/default/silenced/*:quiet", {
    metadata: { name: "*:quiet", namespace: "default" },
    check: "quiet",
  });
  const event = {
    metadata: { namespace: "default" },
    entity: { metadata: { name: "proxy-1", namespace: "default" }, entity_class: "proxy" },
    check: {
      metadata: { name: "quiet", namespace: "default" },
      status: 2,
      output: "x",
      pipelines: [{ name: "incidents", type: "Pipeline", api_version: "core/v2" }],
    },
  };
  const answer = await api.send("POST", EVENTS, event);
  expect(answer.status).toBe(201);
  expect((await api.get(`${EVENTS}/proxy-1/quiet`)).check).toMatchObject({ is_silenced: true, silenced: ["*:quiet"] });
  expect(readFileSync(incidents, "utf8")).not.toContain('"quiet"');
});

test("sensuctl configures itself, creates from a file and lists, in every format", async () => {
  const sensuctl = (args: readonly string[], input = "") =>
    run([...bundleCommand("sensuctl"), ...args], { env: { HOME: folder.path, XDG_CONFIG_HOME: folder.path }, input });
  const configured = await sensuctl([
    "configure",
    "-n",
    ...["--url", backend.api, "--username", "admin", "--password", "test-P@ssw0rd!"],
  ]);
  expect(configured).toMatchObject({ code: 0 });
  const yaml = `type: CheckConfig
api_version: core/v2
metadata:
  name: from-file
spec:
  command: "true"
  interval: 60
  publish: no
  subscriptions: [none]
---
type: Handler
api_version: core/v2
metadata:
  name: from-file
spec:
  type: pipe
  command: cat
`;
  expect(await sensuctl(["create"], yaml)).toMatchObject({ code: 0, stderr: "" });
  const json = await sensuctl(["check", "info", "from-file", "--format", "json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ interval: 60, publish: false });
  for (const format of ["tabular", "json", "wrapped-json", "yaml"]) {
    const list = await sensuctl(["check", "list", "--format", format]);
    expect([format, list.code, list.stdout.includes("from-file")]).toEqual([format, 0, true]);
  }
  const again = await sensuctl(["create"], (await sensuctl(["check", "info", "from-file", "--format", "yaml"])).stdout);
  expect(again.code).toBe(0);
  expect((await sensuctl(["check", "delete", "from-file", "--skip-confirm"])).code).toBe(0);
  expect((await sensuctl(["check", "info", "from-file"])).code).not.toBe(0);
  expect((await sensuctl(["cluster", "health"])).stdout).toContain("default");
});
