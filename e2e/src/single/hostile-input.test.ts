/**
 * Thousands of damaged inputs at every door of a running backend and agent: each is taken or refused by its sender's
 * fault, what is stored can be read, and the programs go on. `FUZZ_FACTOR` deepens it; `FUZZ_SEED` repeats a run.
 */
import { residentMiB } from "@sensu-ts/bench";
import { decodeJson, Event, encodeProto, joinFrame, MESSAGE, stringifyYaml } from "@sensu-ts/core";
import {
  ADMIN,
  Api,
  type Backend,
  bundleCommand,
  damagedBytes,
  damagedTree,
  httpRequest,
  type Program,
  type Random,
  run,
  seeded,
  startAgent,
  startBackend,
  temporaryFolder,
  until,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { EVENT, RESOURCES } from "./hostile-examples.ts";

const FACTOR = Number(process.env["FUZZ_FACTOR"] ?? 1);
const SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1e9);
const NAMESPACE = "/api/core/v2/namespaces/default";
const CLUSTER_WIDE = ["namespaces", "users", "clusterroles", "clusterrolebindings"];
/** What a backend may grow by while it is fed nonsense. */
const GROWTH_MIB = 150;
/** Of a body. */
const PATIENCE_MS = 20_000;

const folder = temporaryFolder();
let random: Random;
let backend: Backend;
let api: Api;
let agent: Program;
let residentBefore: number;

beforeAll(async () => {
  process.stdout.write(`hostile input: FUZZ_SEED=${SEED}\n`);
  random = seeded(SEED);
  backend = await startBackend({ stateDir: folder.path });
  api = await new Api(backend).login();
  agent = startAgent(backend, { name: "agent", stateDir: folder.path, args: ["--events-rate-limit", "0"] });
  await until("the agent", () => api.get(`${NAMESPACE}/events/agent/keepalive`));
  residentBefore = residentMiB(backend.program.pid);
});

afterAll(async () => {
  await agent?.stop();
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

const collection = (path: string) => (CLUSTER_WIDE.includes(path) ? `/api/core/v2/${path}` : `${NAMESPACE}/${path}`);

/** Everything that is stored is an answer that a client can read, and a right event still goes the whole way. */
async function expectSound(): Promise<void> {
  await api.login();
  for (const path of Object.keys(RESOURCES)) {
    const list = (await api.get(collection(path))) as { metadata?: { name: string; namespace?: string } }[];
    expect([path, Array.isArray(list)]).toEqual([path, true]);
  }
  for (const event of (await api.get("/api/core/v2/events")) as { entity: { metadata: { name: string } } }[]) {
    expect(event.entity.metadata.name).toMatch(/^[\w.-]+$/);
    decodeJson(Event, JSON.stringify(event));
  }
  const sound = structuredClone(EVENT) as { entity: { metadata: { name: string } }; check: object };
  sound.entity.metadata.name = "sound";
  expect(await api.send("POST", `${NAMESPACE}/events`, sound)).toMatchObject({ status: 201 });
  for (const program of [backend.program, agent]) {
    expect(
      program.lines.filter((line) => /"level":"(fatal|panic)"|TypeError|RangeError|is not a function/.test(line)),
    ).toEqual([]);
  }
  expect((await fetch(`${backend.api}/health`)).status).toBe(200);
  expect(residentMiB(backend.program.pid) - residentBefore).toBeLessThan(GROWTH_MIB);
}

function frames(json: boolean): Buffer[] {
  const entity = decodeJson(
    Event,
    JSON.stringify({ ...EVENT, entity: { ...EVENT.entity, metadata: { name: "hostile", namespace: "default" } } }),
  );
  const keepalive = { ...entity, check: undefined, metrics: undefined };
  return Object.values(MESSAGE).map((type) => {
    const event = type === MESSAGE.keepalive ? keepalive : entity;
    const payload = json ? JSON.stringify(damagedTree(random, EVENT)) : encodeProto(Event, event as Event);
    return Buffer.from(joinFrame(type, payload));
  });
}

async function openSession(json: boolean): Promise<WebSocket> {
  const socket = new WebSocket(backend.agents, {
    headers: {
      authorization: `Basic ${Buffer.from("agent:P@ssw0rd!").toString("base64")}`,
      ...{ "sensu-namespace": "default", "sensu-agentname": "hostile", "sensu-user": "agent" },
      ...{ "sensu-subscriptions": "hostile", accept: json ? "application/json" : "application/octet-stream" },
    },
  });
  socket.on("error", () => {});
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (_request, response) => reject(new Error(`refused: ${response.statusCode}`)));
  });
  return socket;
}

/** Everything sent before was read, or ended the session. */
function answered(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["pong", "close"]) socket.removeAllListeners(event).once(event, () => resolve());
    if (socket.readyState === WebSocket.OPEN) socket.ping();
    else if (socket.readyState === WebSocket.CLOSED) resolve();
  });
}

test.each([
  ["protobuf", false],
  ["JSON", true],
] as const)("damaged frames of every type: %s", async (_, json) => {
  let socket = await openSession(json);
  for (let n = 0; n < 300 * FACTOR; n++) {
    if (socket.readyState !== WebSocket.OPEN) socket = await openSession(json);
    for (const frame of frames(json)) {
      const damaged = json && random.below(2) === 0 ? frame : damagedBytes(random, frame);
      if (socket.readyState === WebSocket.OPEN) socket.send(damaged, { binary: random.below(10) > 0 });
    }
    await answered(socket);
  }
  socket.terminate();
  await expectSound();
});

/** A body that came close to being right, as text. */
function hostileBody(example: object): string {
  const text = JSON.stringify(damagedTree(random, example));
  return random.below(3) === 0 ? damagedBytes(random, Buffer.from(text)).toString("latin1") : text;
}

async function expectRefusedOrTaken(method: string, url: string, body: string): Promise<void> {
  const started = Date.now();
  const { status, text } = await httpRequest(backend.api + url, {
    ...{ method, body, headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" } },
  });
  // The original's status for a namespace that is not there is 500.
  const known = status === 500 && /namespace/.test(text);
  expect({ status: known ? 400 : status, method, url, body, text }).toEqual(
    expect.objectContaining({ status: expect.toSatisfy((code: number) => code >= 200 && code < 500) }),
  );
  expect(Date.now() - started).toBeLessThan(PATIENCE_MS);
}

test("damaged bodies at every collection and member", async () => {
  await api.login();
  for (let n = 0; n < 8 * FACTOR; n++) {
    for (const [path, example] of Object.entries(RESOURCES)) {
      const base = collection(path);
      await expectRefusedOrTaken("POST", base, hostileBody(example));
      const member = path === "events" ? "hostile/hostile" : path === "silenced" ? "x:hostile" : "hostile";
      for (const method of ["PUT", "PATCH"])
        await expectRefusedOrTaken(method, `${base}/${member}`, hostileBody(example));
    }
    await api.login();
  }
  await expectSound();
});

const ELSEWHERE: readonly (readonly [string, string, object])[] = [
  ["POST", "/auth/token", { refresh_token: "x.y.z" }],
  ["POST", "/auth/logout", { refresh_token: "x.y.z" }],
  [
    "POST",
    `${NAMESPACE}/checks/hostile/execute`,
    { check: "hostile", subscriptions: ["none"], reason: "r", creator: "c" },
  ],
  ["PUT", `${NAMESPACE}/checks/hostile/hooks/critical`, { critical: ["hook"] }],
  [
    "PUT",
    "/api/core/v2/users/hostile/password",
    { username: "hostile", password: "a", password_new: "test-P@ssw0rd!" },
  ],
  ["PUT", "/api/core/v2/users/hostile/reset_password", { username: "hostile", password_hash: "$2a$10$x" }],
  ["PUT", "/api/core/v2/tessen", { opt_out: true }],
  ["POST", "/api/core/v2/tessen/metrics", [{ name: "a", value: 1, timestamp: 1, tags: [] }]],
  ["POST", "/api/core/v2/apikeys", { username: "admin" }],
];

test.each(ELSEWHERE)("damaged bodies: %s %s", async (method, url, example) => {
  await api.login();
  // A password takes as long to compare as it should.
  const rounds = url.includes("password") ? 5 : 20;
  for (let n = 0; n < rounds * FACTOR; n++) await expectRefusedOrTaken(method, url, hostileBody(example));
  await expectSound();
});

test("damaged events at the agent's API", async () => {
  const line = await agent.waitForLine(/api is listening on address: ([^"]+)/);
  for (let n = 0; n < 100 * FACTOR; n++) {
    const { status } = await httpRequest(`http://${line[1]}/events`, { method: "POST", body: hostileBody(EVENT) });
    expect([202, 400]).toContain(status);
  }
  const body = JSON.stringify({ check: { metadata: { name: "sound" }, status: 1 } });
  expect((await httpRequest(`http://${line[1]}/events`, { method: "POST", body })).status).toBe(202);
  await until("the right event behind the damaged", () => api.get(`${NAMESPACE}/events/agent/sound`));
  await expectSound();
});

test("damaged files for sensuctl create", async () => {
  const env = { HOME: folder.path, XDG_CONFIG_HOME: folder.path };
  const sensuctl = bundleCommand("sensuctl");
  const login = ["--url", backend.api, "--username", ADMIN.user, "--password", ADMIN.password];
  expect(await run([...sensuctl, "configure", "-n", ...login], { env })).toMatchObject({ code: 0 });
  for (let n = 0; n < 6 * FACTOR; n++) {
    const spec = random.pick(Object.values(RESOURCES));
    const type = random.pick(["CheckConfig", "Handler", "Entity", "Role", "Silenced", "Event"]);
    const text = stringifyYaml(damagedTree(random, { type, api_version: "core/v2", spec }) as never);
    const input = damagedBytes(random, Buffer.from(text)).toString("latin1");
    const { code, stdout, stderr } = await run([...sensuctl, "create"], { env, input });
    expect([0, 1]).toContain(code);
    expect({ input, says: stdout + stderr }).toEqual({
      input,
      says: expect.not.stringMatching(/\n\s+at |TypeError|RangeError/),
    });
    if (code === 1) expect(stderr).not.toBe("");
  }
  await expectSound();
});
