import { connect } from "node:net";
import { ADMIN, Api, type Backend, bundleCommand, run, startBackend, temporaryFolder, until } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";

const folder = temporaryFolder();
let backend: Backend;
let api: Api;
const CHECKS = "/api/core/v2/namespaces/default/checks";

beforeAll(async () => {
  backend = await startBackend({ stateDir: folder.path });
  api = await new Api(backend).login();
});

afterAll(async () => {
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

const valid = { metadata: { name: "c", namespace: "default" }, command: "true", interval: 5 };

test.each([
  ["POST", CHECKS, "{", 400],
  ["POST", CHECKS, { ...valid, interval: "5" }, 400],
  ["POST", CHECKS, { ...valid, interval: 5.5 }, 400],
  ["POST", CHECKS, { ...valid, interval: -1 }, 400],
  ["POST", CHECKS, { ...valid, cron: "* * * * *" }, 400],
  ["POST", CHECKS, { ...valid, metadata: { name: "c" } }, 400],
  ["POST", CHECKS, { ...valid, metadata: { name: "a b", namespace: "default" } }, 400],
  ["PUT", `${CHECKS}/other`, valid, 400],
  ["POST", CHECKS, { ...valid, command: "x".repeat(600_000) }, 400],
  ["POST", "/api/core/v2/namespaces/nowhere/checks", { ...valid, metadata: { name: "c", namespace: "nowhere" } }, 500],
  ["POST", "/api/core/v2/namespaces/default/events", { check: { metadata: { name: "x" } } }, 400],
  ["POST", "/api/core/v2/namespaces/default/events", { entity: { metadata: { name: "e" } } }, 400],
  ["GET", "/api/core/v2/namespaces/default/checks/%zz", undefined, 400],
  ["GET", "/api/core/v2/namespaces/default/nonsense", undefined, 404],
  ["PATCH", `${CHECKS}/c`, "[]", 400],
  [
    "POST",
    "/api/core/v2/namespaces/default/filters",
    { metadata: { name: "f", namespace: "default" }, action: "allow", expressions: ["event.check.status =="] },
    400,
  ],
] as const)("%s %s refuses what is wrong, with a message", async (method, path, body, status) => {
  const answer = await api.send(method, path, body);
  expect(answer.status).toBe(status);
  expect((answer.body as { message: string }).message).not.toBe("");
  expect(await api.get(CHECKS)).toEqual([]);
});

test("unknown fields are ignored, as the original does", async () => {
  expect(
    (await api.send("POST", CHECKS, { ...valid, metadata: { name: "extra", namespace: "default" }, nonsense: [1] }))
      .status,
  ).toBe(201);
  await api.send("DELETE", `${CHECKS}/extra`);
});

test("wrong passwords, tokens and keys are 401 and tell nothing", async () => {
  for (const authorization of [
    "Basic eDp5",
    "Bearer x.y.z",
    "Key nope",
    "Nonsense",
    `Basic ${Buffer.from(`${ADMIN.user}:x`).toString("base64")}`,
  ]) {
    const login = await fetch(`${backend.api}/auth`, { headers: { authorization } });
    expect(login.status).toBe(401);
    const resource = await fetch(backend.api + CHECKS, { headers: { authorization } });
    expect([resource.status, Object.keys((await resource.json()) as object)]).toEqual([401, ["Code", "Message"]]);
  }
});

/** Resolves with the HTTP status that refused the upgrade, or the socket. */
function open(headers: Record<string, string>): Promise<number | WebSocket> {
  return new Promise((resolve) => {
    const socket = new WebSocket(backend.agents, { headers });
    socket.once("open", () => resolve(socket));
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on("error", () => {});
  });
}

function agentHeaders(password: string): Record<string, string> {
  return {
    authorization: `Basic ${Buffer.from(`agent:${password}`).toString("base64")}`,
    "sensu-namespace": "default",
    "sensu-agentname": "fuzz",
    "sensu-user": "agent",
    "sensu-subscriptions": "fuzz",
    accept: "application/octet-stream",
  };
}

test("an agent with a wrong password is refused before the upgrade", async () => {
  expect(await open(agentHeaders("wrong"))).toBe(401);
  expect(await open({})).toBe(401);
});

test("malformed frames end at most their own session and never the backend", async () => {
  const garbage = [
    Buffer.from("event\n"),
    Buffer.from("event\n\xff\xff\xff\xff"),
    Buffer.from("keepalive\n\x0a\x05abc"),
    Buffer.from("nonsense\nabc"),
    Buffer.from("no newline at all"),
    Buffer.alloc(0),
    Buffer.from("\n"),
  ];
  for (const frame of garbage) {
    const socket = await open(agentHeaders("P@ssw0rd!"));
    if (typeof socket === "number") throw new Error(`upgrade refused with ${socket}`);
    socket.send(frame);
    socket.send("event\n{}");
    socket.close();
    await new Promise((resolve) => socket.once("close", resolve));
  }
  // Bytes that are no HTTP at all.
  const { hostname, port } = new URL(backend.agents);
  const raw = connect(Number(port), hostname);
  raw.on("error", () => {});
  raw.resume();
  raw.end(Buffer.from([0, 1, 2, 255, 254, 13, 10, 13, 10]));
  await new Promise((resolve) => raw.once("close", resolve));
  expect((await fetch(`${backend.api}/health`)).status).toBe(200);
  await until("a good answer afterwards", () => api.get("/api/core/v2/namespaces/default/events"));
});

test("sensuctl refuses broken files by name and sends nothing", async () => {
  const env = { HOME: folder.path, XDG_CONFIG_HOME: folder.path };
  const sensuctl = bundleCommand("sensuctl");
  await run(
    [...sensuctl, "configure", "-n", "--url", backend.api, "--username", ADMIN.user, "--password", ADMIN.password],
    { env },
  );
  for (const input of [
    "type: CheckConfig\nspec: [",
    "{",
    "type: Nonsense\napi_version: core/v2\nspec: {}\n",
    "type: CheckConfig\n",
  ]) {
    const answer = await run([...sensuctl, "create"], { env, input });
    expect([input, answer.code === 0, answer.stderr === ""]).toEqual([input, false, false]);
  }
  expect(await api.get(CHECKS)).toEqual([]);
});
