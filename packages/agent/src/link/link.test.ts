import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CheckConfig,
  type CheckRequest,
  type EntityConfig,
  Event,
  joinFrame,
  MESSAGE,
  ObjectMeta,
} from "@sensu-ts/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkRequest, entityConfig, FakeBackend, MemoryLog, notFound } from "../fake-backend.ts";
import { Link } from "./link.ts";

const config = CheckConfig.create({ metadata: ObjectMeta.create({ name: "c", namespace: "default" }), interval: 1 });
let backend: FakeBackend;
let log: MemoryLog;
let link: Link | undefined;
let url: string;
const seen: { configs: EntityConfig[]; requests: CheckRequest[]; resets: number; acks: Uint8Array[] } = {
  configs: [],
  requests: [],
  resets: 0,
  acks: [],
};

beforeEach(async () => {
  backend = new FakeBackend();
  url = await backend.start();
  log = new MemoryLog();
  Object.assign(seen, { configs: [], requests: [], resets: 0, acks: [] });
});
afterEach(async () => {
  await link?.stop();
  link = undefined;
  await backend.stop();
});

function start(given: Partial<ConstructorParameters<typeof Link>[0]["settings"]> = {}, agentManaged = false): Link {
  let sequence = 0;
  link = new Link({
    settings: {
      urls: [url],
      credentials: { user: "agent", password: "p:w" },
      tls: {},
      handshakeTimeoutMs: 2000,
      heartbeatIntervalMs: 10_000,
      heartbeatTimeoutMs: 15_000,
      retry: { minMs: 1, maxMs: 20, multiplier: 2 },
      maxSessionMs: 0,
      ...given,
    },
    identity: { name: "web-01", namespace: "default", subscriptions: ["a", "ü"] },
    keepaliveInterval: 20,
    agentManaged,
    log,
    entityConfigGraceMs: 100,
    owner: {
      reset: () => {
        seen.resets++;
        sequence = 0;
      },
      entityConfig: (received) => seen.configs.push(received),
      checkRequest: (received) => seen.requests.push(received),
      acknowledged: (ids) => seen.acks.push(ids),
      keepalive: () => Event.create({ sequence: ++sequence }),
    },
  });
  link.start();
  return link;
}
const keepalives = () => backend.received(MESSAGE.keepalive);
const sequences = () => keepalives().map((event) => event.sequence);

test("the handshake carries identity and credentials, then the first keepalive follows the entity config", async () => {
  start();
  await expect.poll(sequences).toEqual([1]);
  const { headers, rawHeaders } = backend.last.request;
  expect(headers).toMatchObject({
    accept: "application/octet-stream",
    authorization: `Basic ${Buffer.from("agent:p:w").toString("base64")}`,
    "sensu-agentname": "web-01",
    "sensu-namespace": "default",
    "sensu-user": "agent",
    "sec-websocket-version": "13",
  });
  expect(Buffer.from(headers["sensu-subscriptions"] as string, "latin1").toString()).toBe("a,ü");
  expect(rawHeaders.map((name) => name.toLowerCase())).not.toContain("sec-websocket-extensions");
  expect(headers.origin).toBeUndefined();
  expect(seen.configs).toHaveLength(1);
  expect(link?.connected).toBe(true);
});

test("check requests count only after the entity config", async () => {
  backend.greeting = [checkRequest({ config, issued: 1 }), notFound()];
  start();
  await expect.poll(sequences).toEqual([1]);
  backend.last.socket.send(checkRequest({ config, issued: 2 }));
  await expect.poll(() => seen.requests.map((request) => request.issued)).toEqual([2]);
});

test("without entity config the agent goes on after its patience, one that manages itself at once", async () => {
  backend.greeting = [];
  start();
  await expect.poll(sequences).toEqual([1]);
  expect(log.lines.some((line) => line.message.includes("entity config was never received"))).toBe(true);
  await link?.stop();
  start({}, true);
  await expect.poll(sequences).toEqual([1, 1]);
});

test("a refusal is told with status and body, and tried again", async () => {
  backend.refusal = { status: 401, body: "bad credentials\n" };
  start();
  const errors = () => log.errors("reconnection attempt failed");
  await expect.poll(() => errors().length).toBeGreaterThan(1);
  expect(errors()[0]).toBe("handshake failed with status 401: bad credentials");
  backend.refusal = undefined;
  await expect.poll(sequences).toEqual([1]);
});

test("a refused agent with half a pair is told which option it lacks (S-147)", async () => {
  backend.refusal = { status: 401, body: "missing credentials\n" };
  start({ halfPair: "key-file is not set" });
  const errors = () => log.errors("reconnection attempt failed");
  await expect
    .poll(() => errors()[0])
    .toBe("handshake failed with status 401: missing credentials [key-file is not set]");
});

test("an agent that speaks plaintext to a port with TLS is told what to write (S-101)", async () => {
  backend.refusal = { status: 400, body: "Client sent an HTTP request to an HTTPS server.\n" };
  start();
  await expect
    .poll(() => log.errors("reconnection attempt failed")[0])
    .toBe(
      "handshake failed with status 400: Client sent an HTTP request to an HTTPS server. [backend-url wants wss:// there]",
    );
});

test.each([1001, 1008])("the reason a backend gives with code %i is told (S-105)", async (code) => {
  start();
  await expect.poll(sequences).toEqual([1]);
  backend.last.socket.close(code, "client certificate revoked");
  await expect
    .poll(() => log.errors("transport receive error"))
    .toEqual(["the backend ended the session: client certificate revoked"]);
});

test("a proof of the handshake with SHA-256 is accepted, a wrong one is not", async () => {
  let proof = "sha256";
  const server = createServer().on("upgrade", (request, socket) => {
    const accept = createHash(proof)
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const other = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  start({ urls: [other] });
  await expect.poll(() => link?.connected).toBe(true);
  await link?.stop();
  proof = "sha512";
  start({ urls: [other] });
  await expect.poll(() => log.errors("reconnection attempt failed")[0]).toContain("Sec-WebSocket-Accept");
  server.closeAllConnections();
  server.close();
});

test("unknown types, broken payloads and an entity config without metadata leave the session alone", async () => {
  start();
  await expect.poll(sequences).toEqual([1]);
  const { socket } = backend.last;
  socket.send(joinFrame("news", "x"));
  socket.send(joinFrame(MESSAGE.checkRequest, Uint8Array.of(0xff)));
  socket.send(joinFrame(MESSAGE.entityConfig, new Uint8Array(0)));
  socket.send(entityConfig("web-01"));
  await expect.poll(() => seen.configs.at(-1)?.metadata?.name).toBe("web-01");
  expect(log.errors("error handling message")).toHaveLength(2);
  expect(backend.sessions).toHaveLength(1);
});

test("a message without a type ends the session, and every session starts its sequences at 1", async () => {
  start();
  await expect.poll(sequences).toEqual([1]);
  backend.last.socket.send(Buffer.from("no newline"));
  await expect.poll(sequences).toEqual([1, 1]);
  expect(seen.resets).toBe(2);
  expect(log.errors("transport receive error")).toEqual(["message without a type"]);
});

test("a backend that stops answering heartbeats is left for the next one", async () => {
  backend.autoPong = false;
  const second = new FakeBackend();
  const secondUrl = await second.start();
  second.autoPong = false;
  start({ urls: [url, secondUrl], heartbeatIntervalMs: 20, heartbeatTimeoutMs: 60 });
  await expect.poll(() => Math.min(backend.sessions.length, second.sessions.length)).toBeGreaterThan(0);
  await link?.stop();
  await second.stop();
});

test("heartbeats that are answered keep the session", async () => {
  start({ heartbeatIntervalMs: 10, heartbeatTimeoutMs: 200 });
  let pings = 0;
  await expect.poll(() => backend.sessions.length).toBe(1);
  backend.last.socket.on("ping", () => pings++);
  await expect.poll(() => pings, { timeout: 5000 }).toBeGreaterThan(30);
  expect(backend.sessions).toHaveLength(1);
});

test("an event given while offline is sent in the next session, after the write is reported", async () => {
  start();
  await expect.poll(sequences).toEqual([1]);
  backend.refusal = { status: 503, body: "later" };
  backend.last.socket.close(1001, "bye");
  await expect.poll(() => link?.connected).toBe(false);
  const written = vi.fn();
  await link?.send({ event: Event.create({ timestamp: 5 }), written });
  backend.refusal = undefined;
  await expect.poll(() => backend.received(MESSAGE.event).map((event) => event.timestamp)).toEqual([5]);
  expect(written).toHaveBeenCalledWith(false);
});

test("a backend that agreed to acknowledge is reported, and its acknowledgements are passed on", async () => {
  backend.extraHeaders = ["Sensu-Event-Ack: 1"];
  start();
  const written = vi.fn();
  await link?.send({ event: Event.create(), written });
  await expect.poll(() => written.mock.calls).toEqual([[true]]);
  expect(backend.last.request.headers["sensu-event-ack"]).toBe("1");
  backend.last.socket.send(joinFrame(MESSAGE.eventAck, new Uint8Array(16)));
  await expect.poll(() => seen.acks).toHaveLength(1);
});

test("a session of limited length says goodbye and goes on without delay", async () => {
  start({ maxSessionMs: 40, retry: { minMs: 60_000, maxMs: 60_000, multiplier: 2 } });
  await expect.poll(() => backend.sessions.length, { timeout: 5000 }).toBeGreaterThan(2);
  expect(log.errors("transport receive error")).toEqual([]);
});

test("stop says goodbye with code 1001", async () => {
  start();
  await expect.poll(sequences).toEqual([1]);
  const closed = new Promise((resolve) =>
    backend.last.socket.once("close", (code, reason) => resolve([code, String(reason)])),
  );
  await link?.stop();
  expect(await closed).toEqual([1001, "bye"]);
});
