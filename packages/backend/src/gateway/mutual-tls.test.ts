/** Agents known by certificate: who is let in, what the others are told, and when a session ends (S 3.2, 3.3). */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { Event, encodeProto, joinFrame } from "@sensu-ts/core";
import { fingerprint } from "@sensu-ts/pki";
import { PeerVerifier, ServerTlsSource } from "@sensu-ts/runtime";
import { TestCa, type TestPair } from "@sensu-ts/testing";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ShownCertificates } from "../state/shown-certificates.ts";
import { decodeStored } from "../state/stored-event.ts";
import { CertificateEvents } from "./certificate-events.ts";
import { createGatewayMetrics } from "./gateway-metrics.ts";
import { RefusedAgents } from "./refused-agents.ts";
import { agentEntity, checkEvent, eventually, linesLog, startTestBackend, type TestClock } from "./test-backend.ts";

const folder = mkdtempSync(path.join(tmpdir(), "gateway-tls-"));
let shared: Awaited<ReturnType<typeof started>>;
beforeAll(async () => {
  shared = await started();
  shared.access.disabled.add("off");
  await shared.entities.create(agentEntity("web-1"));
});
afterAll(async () => {
  await shared[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
const ca = TestCa.root();
const trustedCaFile = ca.write(folder);
const crl = path.join(folder, "ca.crl");
const listener = { option: "agent-auth-cert-file", keyOption: "agent-auth-key-file" };
const server = ca.issueServer().write(folder, "server");
const DAY = 86_400_000;
const REFUSED = { backendEntity: "backend", unresolved: async () => new Map<string, number>() };

async function started(options: { strict?: boolean; folder?: string; clock?: TestClock } = {}) {
  const { strict = false } = options;
  writeFileSync(crl, ca.crl([]));
  const log = linesLog();
  const source = new ServerTlsSource({ ...listener, ...server, clientAuth: { strict, trustedCaFile }, log });
  await source.start();
  const peers = new PeerVerifier({
    ...{ trustedCaFile, option: "agent-auth-trusted-ca-file", log },
    revocation: { crlUrls: [crl], refreshMs: DAY, hardFail: false, checkCertificates: false, stateDir: folder },
  });
  await peers.start();
  const backend = await startTestBackend({
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    gateway: (parts) => ({
      tls: source,
      mutual: {
        ...{ peers, strict },
        certificateEvents: new CertificateEvents({ ...parts, warningMs: 30 * DAY, criticalMs: 7 * DAY }),
        shown: new ShownCertificates(parts),
        refusedAgents: new RefusedAgents({ ...parts, ...REFUSED }),
      },
    }),
  });
  const url = backend.url.replace("ws:", "wss:");
  const event = async (namespace: string, entity: string, check: string) => {
    const found = await backend.events.get({ namespace, entity, check });
    return found && decodeStored(found).check;
  };
  return {
    ...backend,
    ...{ backend, url, peers, event },
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      await peers.stop();
      await source.stop();
    },
  };
}

function dial(url: string, pair: TestPair | undefined, more: Record<string, string> = {}) {
  const headers = { "Sensu-AgentName": "web-1", "Sensu-Namespace": "default", Accept: "application/octet-stream" };
  const socket = new WebSocket(url, {
    headers: { ...headers, ...more },
    ca: ca.pem,
    ...(pair ? { cert: pair.chainPem, key: pair.keyPem } : {}),
  });
  socket.on("error", () => undefined);
  return socket;
}

/** `open`, the refusal's status and text, the TLS alert, or `closed`. */
async function outcome(socket: WebSocket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on("error", ({ message }) => {
    const alert = /alert ([a-z ]+):/.exec(message)?.[1];
    if (alert !== undefined) resolve(`alert ${alert}`);
  });
  socket.on("open", () => resolve("open"));
  socket.on("close", () => resolve("closed"));
  socket.on("unexpected-response", (_, response: http.IncomingMessage) => {
    void response.toArray().then((body) => resolve(`${response.statusCode} ${body.join("")}`));
  });
  const result = await promise;
  if (result !== "open") socket.terminate();
  return result;
}

const keepalive = (name: string) =>
  joinFrame("keepalive", encodeProto(Event, checkEvent(agentEntity(name), "keepalive", { timeout: 120 })));

test.each<[string, TestPair | undefined, Record<string, string>, string | RegExp]>([
  ["a good certificate", ca.issue(), {}, "open"],
  ["a good certificate and a wrong password", ca.issue(), { Authorization: `Basic ${btoa("agent:no")}` }, "open"],
  [
    "a password alone",
    undefined,
    { Authorization: `Basic ${btoa("agent:secret")}` },
    "401 client certificate rejected: tls: client didn't provide a certificate\n",
  ],
  ["another authority", TestCa.root().issue(), {}, /^401 client certificate rejected: (x509|tls): /],
  ["no common name", ca.issue({ cn: "" }), {}, "401 client certificate rejected: the certificate has no common name\n"],
  ["a disabled user", ca.issue({ cn: "off" }), {}, "401 client certificate rejected: user off is disabled\n"],
  ["a user without the right", ca.issue({ cn: "guest" }), {}, "403 Forbidden\n"],
  ["an unknown namespace", ca.issue(), { "Sensu-Namespace": "nope" }, '404 namespace "nope" not found\n'],
])("%s", async (_, pair, headers, expected) => {
  const result = await outcome(dial(shared.url, pair, headers));
  if (typeof expected === "string") expect(result).toBe(expected);
  else expect(result).toMatch(expected);
});

test("a refusal is logged with source, name, serial and reason; one of rights with both remedies (S-182, S-490)", async () => {
  await using run = await started();
  const old = ca.issue({ cn: "old", notAfter: new Date(Date.now() - 1000) });
  await outcome(dial(run.url, old));
  const at = run.log.lines.indexOf("error: client certificate rejected");
  expect(run.log.fields[at]).toEqual({
    source: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    agent: "web-1",
    common_name: "old",
    serial: old.serial,
    reason: expect.stringMatching(/^x509: certificate has expired/),
  });
  await outcome(dial(run.url, ca.issue({ cn: "guest" })));
  expect(run.log.fields[run.log.lines.indexOf("warn: agent refused: Forbidden")]).toMatchObject({
    ...{ user: "guest", groups: [], verb: "create", resource: "events", namespace: "default", agent: "web-1" },
    remedy: expect.stringMatching(/^sensuctl user add-group guest system:agents, or .*role-binding create guest/),
  });
});

test("health and readiness on this port want the certificate too (S-136)", async () => {
  const run = shared;
  const get = async (page: string, pair?: TestPair) => {
    const request = https.get(run.url.replace("wss:", "https:") + page, {
      ca: ca.pem,
      ...(pair ? { cert: pair.pem, key: pair.keyPem } : {}),
    });
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    return [response.statusCode, (await response.toArray()).join("")];
  };
  const refused = [401, "client certificate rejected: tls: client didn't provide a certificate\n"];
  expect([await get("/health"), await get("/ready"), await get("/x")]).toEqual([refused, refused, refused]);
  expect(await get("/ready", ca.issue())).toEqual([200, "ready\n"]);
});

test("under strict handshake a refusal is a TLS alert, and is logged all the same", async () => {
  await using run = await started({ strict: true });
  run.access.disabled.add("off");
  expect(await outcome(dial(run.url, undefined))).toBe("alert certificate required");
  const old = ca.issue({ cn: "old", notAfter: new Date(Date.now() - 1000) });
  expect(await outcome(dial(run.url, old))).toBe("alert certificate expired");
  expect(await outcome(dial(run.url, ca.issue({ cn: "" })))).toBe("alert certificate unknown");
  expect(await outcome(dial(run.url, ca.issue({ cn: "off" })))).toBe("alert access denied");
  const lines = run.log.lines.flatMap((line, i) =>
    line === "error: client certificate rejected" ? [run.log.fields[i]] : [],
  );
  const source = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
  expect(lines).toMatchObject([
    { source, reason: "tls: client didn't provide a certificate" },
    { source, reason: expect.stringMatching(/^x509: certificate has expired/), common_name: "old" },
    { source, reason: "the certificate has no common name" },
    { source, reason: "user off is disabled" },
  ]);
  const socket = dial(run.url, ca.issue());
  expect(await outcome(socket)).toBe("open");
  socket.terminate();
});

test("under strict handshake a bad certificate need not say a word to be ended, and is logged once", async () => {
  await using run = await started({ strict: true });
  const { hostname: host, port } = new URL(run.url);
  const connect = (pair: TestPair) =>
    tls.connect({ host, port: Number(port), ca: ca.pem, cert: pair.chainPem, key: pair.keyPem });
  const old = ca.issue({ cn: "old", notAfter: new Date(Date.now() - 1000) });
  const silent = connect(old);
  let answer = "";
  silent.on("data", (text) => {
    answer += text;
  });
  await expect(once(silent, "close")).rejects.toThrow(/alert certificate expired/);
  expect(answer).toBe("");
  await outcome(dial(run.url, old));
  const rejected = () => run.log.lines.filter((line) => line === "error: client certificate rejected").length;
  expect(rejected()).toBe(2);
  const good = connect(ca.issue());
  await once(good, "secureConnect");
  good.write("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(String((await once(good, "data"))[0])).toMatch(/^HTTP\/1\.1 200 /);
  good.destroy();
  expect(rejected()).toBe(2);
});

test("a published revocation ends the session with its cause, and no other; nothing more is taken from it (S-105)", async () => {
  await using run = await started();
  const [bad, good] = [ca.issue({ cn: "bad" }), ca.issue({ cn: "good" })];
  const [badSocket, goodSocket] = [dial(run.url, bad), dial(run.url, good, { "Sensu-AgentName": "web-2" })];
  expect([await outcome(badSocket), await outcome(goodSocket)]).toEqual(["open", "open"]);
  const closed = once(badSocket, "close");
  // It does not see yet that it was ended, and goes on.
  badSocket.pause();
  writeFileSync(crl, ca.crl([bad], { number: 2 }));
  await run.peers.reload();
  await eventually(() => (run.log.lines.some((line) => line.startsWith("warn: session ends")) ? true : undefined));
  badSocket.send(joinFrame("event", encodeProto(Event, checkEvent(agentEntity("web-1"), "late"))));
  badSocket.resume();
  const [code, reason] = (await closed) as [number, Buffer];
  expect(code).toBe(1001);
  expect(String(reason)).toMatch(/^client certificate rejected: certificate is revoked \(serial /);
  await eventually(() => (run.gateway.sessions("").length === 1 ? true : undefined));
  await run.ingest.settled();
  expect(await run.event("default", "web-1", "late")).toBeUndefined();
  expect(await outcome(dial(run.url, bad))).toMatch(/^401 client certificate rejected: certificate is revoked/);
  const kept = run.gateway
    .shownCertificates()
    .map(({ entity, fingerprint, revoked }) => ({ entity, fingerprint, revoked }));
  expect(kept.sort((a, b) => (a.entity < b.entity ? 1 : -1))).toEqual([
    { entity: "web-2", fingerprint: fingerprint(good.certificate.der), revoked: false },
    { entity: "web-1", fingerprint: fingerprint(bad.certificate.der), revoked: true },
  ]);
  expect(goodSocket.readyState).toBe(WebSocket.OPEN);
  goodSocket.terminate();
});

test("what agents have shown is known after a restart (U-321)", async () => {
  const before = await started();
  const socket = dial(before.url, ca.issue());
  expect(await outcome(socket)).toBe("open");
  const shown = before.gateway.shownCertificates();
  expect(shown).toHaveLength(1);
  socket.terminate();
  await before.backend.stop();
  await using after = await started({ folder: before.folder });
  expect(after.gateway.shownCertificates()).toEqual(shown);
  await before.peers.stop();
});

test("sessions show how they came, and the event of a certificate comes with the entity (S-104, S-418)", async () => {
  await using run = await started();
  const pair = ca.issue({ cn: "agent", notAfter: new Date(Date.now() + 20 * DAY) });
  const socket = dial(run.url, pair);
  await outcome(socket);
  expect(run.gateway.sessions("default")).toMatchObject([
    {
      ...{ agent: "web-1", user: "agent", method: "certificate", tlsVersion: "TLSv1.3" },
      certificate: { serial: pair.serial, subject: "CN=agent", notAfter: pair.certificate.notAfter.getTime() },
    },
  ]);
  expect(run.gateway.sessions("other")).toEqual([]);
  socket.send(keepalive("web-1"));
  const check = await eventually(() => run.event("default", "web-1", "agent-certificate"));
  expect(check).toMatchObject({ status: 1, handlers: ["keepalive"], output: expect.stringContaining("19 days left") });
  expect(check.output).toContain(`certificate CN=agent, serial ${pair.serial}, is valid until `);
  socket.terminate();
});

test.each([
  [40, 0],
  [30, 1],
  [7, 2],
  [0.001, 2],
])("with %d days left the event has status %d", async (days, status) => {
  const pair = ca.issue({ notAfter: new Date(Date.now() + days * DAY) });
  const socket = dial(shared.url, pair);
  await outcome(socket);
  const check = await eventually(async () => {
    const found = await shared.event("default", "web-1", "agent-certificate");
    return found?.output.includes(pair.serial) ? found : undefined;
  });
  expect(check.status).toBe(status);
  socket.terminate();
});

test("certificates that end soon: a log line a day and certificate, gauges that name nobody (S 1.8)", async () => {
  const clock = { milliseconds: Date.now(), now: () => clock.milliseconds };
  await using run = await started({ clock });
  const registry = new Registry();
  createGatewayMetrics(registry, () => run.gateway);
  const gauges = async () =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith("sensu_go_agent_certificates"));
  expect(await gauges()).toEqual([]);
  const endsIn = (days: number) =>
    ca.issue({ cn: `in-${days}`, notAfter: new Date(clock.now() + days * DAY + 60_000) });
  const [shared, soon, good] = [endsIn(20), endsIn(5), endsIn(60)];
  const agents: [string, TestPair][] = [
    ["a1", shared],
    ["a2", shared],
    ["b", soon],
    ["c", good],
  ];
  const sockets: WebSocket[] = [];
  const connect = async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    for (const [name, pair] of agents) {
      sockets.push(dial(run.url, pair, { "Sensu-AgentName": name }));
      expect(await outcome(sockets.at(-1) as WebSocket)).toBe("open");
    }
  };
  const told = () =>
    run.log.lines.flatMap((line, i) =>
      line.includes("agent's certificate") ? [[line, run.log.fields[i]?.["serial"]]] : [],
    );
  for (const [name] of agents) await run.entities.create(agentEntity(name));
  await connect();
  const today = [
    [expect.stringMatching(/^warn: agent's certificate is valid until \S+, 20 days left$/), shared.serial],
    [expect.stringMatching(/^error: agent's certificate is valid until \S+, 5 days left$/), soon.serial],
  ];
  expect(told()).toEqual(today);
  const end = (pair: TestPair) => Math.floor(pair.certificate.notAfter.getTime() / 1000);
  expect((await gauges()).sort()).toEqual([
    `sensu_go_agent_certificates_first_not_after_seconds{status="critical"} ${end(soon)}`,
    `sensu_go_agent_certificates_first_not_after_seconds{status="ok"} ${end(good)}`,
    `sensu_go_agent_certificates_first_not_after_seconds{status="warning"} ${end(shared)}`,
    'sensu_go_agent_certificates{status="critical"} 1',
    'sensu_go_agent_certificates{status="ok"} 1',
    'sensu_go_agent_certificates{status="warning"} 1',
  ]);
  await connect();
  expect(told()).toEqual(today);
  clock.milliseconds += DAY;
  await connect();
  expect(told()).toHaveLength(4);
  for (const socket of sockets) socket.terminate();
});

test("a refused agent is an incident in sensu-system until its subject gets in (S-417)", async () => {
  await using run = await started();
  const refused = ca.issue({ cn: "web-1", notAfter: new Date(Date.now() - 1000) });
  for (let i = 0; i < 3; i++) await outcome(dial(run.url, refused));
  const event = () => run.event("sensu-system", "web-1", "agent-tls-refused");
  const check = await eventually(event);
  expect(check).toMatchObject({ status: 2, occurrences: 1 });
  expect(check.output).toMatch(new RegExp(`^CN=web-1, serial ${refused.serial}, from 127\\.0\\.0\\.1:\\d+: x509: `));
  const socket = dial(run.url, ca.issue({ cn: "web-1" }));
  await outcome(socket);
  await eventually(async () => ((await event())?.status === 0 ? true : undefined));
  socket.terminate();
});

test("what was open before a restart resolves after it; what names nobody, after an hour of quiet (S-417)", async () => {
  const clock = { milliseconds: Date.now(), now: () => clock.milliseconds };
  await using run = await startTestBackend({ clock });
  const status = async (entity: string) => {
    const found = await run.events.get({ namespace: "sensu-system", entity, check: "agent-tls-refused" });
    return found?.columns.status;
  };
  const open = async (unresolved: [string, number][]) => {
    const agents = new RefusedAgents({ ...run, ...REFUSED, unresolved: async () => new Map(unresolved) });
    await agents.start();
    return agents;
  };
  const peer = { commonName: "web-1", subject: "CN=web-1", serial: "01" } as never;
  const before = await open([]);
  before.refused({ reason: "no", address: "a", agent: "web-1", peer });
  before.refused({ reason: "no", address: "a", agent: "someone" });
  before.refused({ reason: "no", address: "a", agent: "" });
  await run.ingest.settled();
  expect([await status("web-1"), await status("backend")]).toEqual([2, 2]);
  const after = await open([
    ["web-1", clock.milliseconds],
    ["backend", clock.milliseconds],
  ]);
  after.accepted(peer);
  clock.milliseconds += 3_599_000;
  after.sweep();
  await run.ingest.settled();
  expect([await status("web-1"), await status("backend")]).toEqual([0, 2]);
  clock.milliseconds += 2000;
  after.sweep();
  await run.ingest.settled();
  expect(await status("backend")).toBe(0);
});

test("names that cannot be entities, and too many names, are counted to the backend", async () => {
  await using run = await started();
  const parts = { ingest: run.ingest, clock: run.clock, log: run.log };
  const agents = new RefusedAgents({ ...parts, ...REFUSED });
  const peer = (commonName: string) => ({ commonName, subject: `CN=${commonName}`, serial: "01" }) as never;
  for (let i = 0; i < 150; i++) agents.refused({ reason: "no", address: "a", agent: "", peer: peer(`n${i}`) });
  agents.refused({ reason: "no", address: "a", agent: "", peer: peer("with space") });
  await run.ingest.settled();
  const page = await run.events.list({ namespace: "sensu-system", check: "agent-tls-refused", limit: 1000 });
  expect(page.events).toHaveLength(101);
  expect(page.events.map(({ entity }) => entity)).toContain("backend");
});
