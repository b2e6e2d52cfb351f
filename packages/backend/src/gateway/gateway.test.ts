import { once } from "node:events";
import type http from "node:http";
import net from "node:net";
import {
  CheckRequest,
  decodeProto,
  EntityConfig,
  Event,
  encodeJson,
  encodeProto,
  joinFrame,
  splitFrame,
  UNKNOWN,
} from "@sensu-ts/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { decodeStored } from "../state/stored-event.ts";
import { agentEntity, checkEvent, eventually, startTestBackend, statuses, TYPES } from "./test-backend.ts";

let backend: Awaited<ReturnType<typeof startTestBackend>>;
beforeAll(async () => {
  backend = await startTestBackend();
});
afterAll(() => backend[Symbol.asyncDispose]());

const PROTOBUF = "application/octet-stream";

function headers(name: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    Authorization: `Basic ${Buffer.from("agent:secret").toString("base64")}`,
    "Sensu-AgentName": name,
    "Sensu-Namespace": "default",
    "Sensu-Subscriptions": "linux",
    Accept: PROTOBUF,
    ...more,
  };
}

async function connect(name: string, more: Record<string, string> = {}) {
  const socket = new WebSocket(backend.url, { headers: headers(name, more), perMessageDeflate: false });
  const frames: { type: string; payload: Uint8Array }[] = [];
  socket.on("message", (data: Buffer) => frames.push(splitFrame(data) ?? { type: "", payload: data }));
  const [response] = (await once(socket, "upgrade")) as [http.IncomingMessage];
  if (socket.readyState !== WebSocket.OPEN) await once(socket, "open");
  return { socket, frames, response };
}

const stored = async (entity: string, check: string) => {
  const found = await backend.events.get({ namespace: "default", entity, check });
  return found && decodeStored(found);
};
const keepalive = (name: string, sequence = 1) =>
  joinFrame(
    "keepalive",
    encodeProto(Event, checkEvent(agentEntity(name), "keepalive", { timeout: 120 }, { sequence })),
  );

test.each([
  ["no credentials", { Authorization: "" }, 401, "missing credentials"],
  ["wrong password", { Authorization: `Basic ${btoa("agent:x")}` }, 401, "bad credentials"],
  ["no right", { Authorization: `Basic ${btoa("guest:secret")}` }, 403, "Forbidden"],
  ["unknown namespace", { "Sensu-Namespace": "nope" }, 404, 'namespace "nope" not found'],
  ["no agent name", { "Sensu-AgentName": "" }, 400, "missing header Sensu-AgentName"],
  ["foreign origin", { Origin: "http://evil.example" }, 403, "Forbidden"],
])("refusal before the upgrade: %s (W-3)", async (_, more, status, body) => {
  const socket = new WebSocket(backend.url, { headers: headers("a", more) });
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, http.IncomingMessage];
  expect(response.statusCode).toBe(status);
  expect((await response.toArray()).join("")).toBe(`${body}\n`);
});

test("requests that are no upgrade (W-2, W-3)", async () => {
  const base = backend.url.replace("ws:", "http:");
  const get = async (path: string, more = {}) => {
    const response = await fetch(base + path, { headers: { ...headers("a"), ...more } });
    return [response.status, await response.text()];
  };
  expect(await get("/")).toEqual([400, "Bad Request\n"]);
  expect(await get("/ready")).toEqual([200, "ready\n"]);
  expect(await get("/x")).toEqual([404, "404 page not found\n"]);
  expect(await get("/health")).toEqual([200, "{}\n"]);
});

test("only GET asks for health and readiness", async () => {
  const base = backend.url.replace("ws:", "http:");
  for (const path of ["/ready", "/health"]) {
    expect((await fetch(base + path, { method: "POST" })).status).toBe(405);
  }
});

/** The head of the answer to an upgrade request written by hand. */
async function upgradeByHand(target: string, more: Record<string, string>): Promise<string> {
  const socket = net.connect(Number(new URL(backend.url).port), "127.0.0.1");
  const sent = {
    ...headers("by-hand"),
    Host: "b",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...more,
  };
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
  const [data] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return data.toString("latin1");
}

test.each([
  ["a list of versions", "/", { "Sec-WebSocket-Version": "8, 13" }],
  ["a list of upgrades", "/", { Upgrade: "h2c, WebSocket" }],
  ["a query", "/?a=b", {}],
  ["a whole URL, as proxies ask", "http://b:8081/", {}],
  ["subprotocols", "/", { "Sec-WebSocket-Protocol": "sensu, other" }],
  ["subprotocols that are none", "/", { "Sec-WebSocket-Protocol": "a b, ," }],
  ["compression", "/", { "Sec-WebSocket-Extensions": "permessage-deflate" }],
  [
    "thousands of subscriptions",
    "/",
    { "Sensu-Subscriptions": Array.from({ length: 5000 }, (_, i) => `sub-number-${i}`).join() },
  ],
])("%s: upgraded, with no subprotocol and no extension (W-12)", async (_, target, more) => {
  const head = await upgradeByHand(target, more);
  expect(head).toMatch(/^HTTP\/1\.1 101 /);
  expect(head).not.toMatch(/Sec-WebSocket-(Protocol|Extensions)/i);
});

test("a message of as many fragments as the original's agent makes of 80 MB is taken (W-26, W-27)", async () => {
  const { socket } = await connect("fragments-1");
  const entity = agentEntity("fragments-1");
  const event = encodeProto(Event, checkEvent(entity, "many", { output: "x" }));
  socket.send("event\n", { binary: true, fin: false });
  for (let i = 0; i < 20_000; i++) socket.send("", { fin: false });
  socket.send(event, { fin: true });
  expect(await eventually(() => stored("fragments-1", "many"))).toMatchObject({ check: { output: "x" } });
  socket.close();
});

test("101 response, first message to an unknown agent, registration, check requests (W-9, W-31, W-50, W-51)", async () => {
  const { socket, frames, response } = await connect("join-1");
  const raw = response.rawHeaders.flatMap((name, i) => (name === "Accept" ? [response.rawHeaders[i + 1]] : []));
  expect(raw).toEqual([PROTOBUF, "application/json"]);
  expect(response.headers["content-type"]).toBe(PROTOBUF);
  expect(response.headers["backend-id"]).toBe("b1");
  expect(response.headers["sec-websocket-extensions"]).toBeUndefined();
  const first = await eventually(() => frames[0]);
  expect(Buffer.from(first.payload).toString("hex")).toBe(
    "0a140a096e6f7420666f756e64120764656661756c7412056167656e743200",
  );
  expect(backend.gateway.publish("default", "linux", CheckRequest.create({ issued: 1 }))).toBe(0);

  socket.send(keepalive("join-1"));
  const second = await eventually(() => frames[1]);
  expect(decodeProto(EntityConfig, second.payload).subscriptions).toEqual(["linux", "entity:join-1"]);
  await eventually(() =>
    backend.gateway.publish("default", "entity:join-1", CheckRequest.create({ issued: 2 })) === 1 ? true : undefined,
  );
  const request = await eventually(() => frames.find((frame) => frame.type === "check_request"));
  expect(decodeProto(CheckRequest, request.payload).issued).toBe(2);
  expect(backend.gateway.members("default", "linux")).toEqual(["join-1"]);

  const event = await eventually(() => stored("join-1", "keepalive"));
  expect(event).toMatchObject({ sequence: 1, check: { status: 0, handlers: ["keepalive"], timeout: 120 } });
  const registrations = backend.seen.filter((one) => one.entity === "join-1" && one.check === "registration");
  expect(registrations.map((one) => one.revision)).toEqual([0]);
  socket.close();
  await eventually(() => (backend.gateway.publish("default", "linux", CheckRequest.create()) === 0 ? true : undefined));
});

test("events keep unknown fields and raw bytes, and are seen after their commit only (R-134, R-135)", async () => {
  const { socket } = await connect("bytes-1");
  const output = Buffer.from([0x6f, 0xff, 0xfe]);
  const entity = { ...agentEntity("bytes-1"), [UNKNOWN]: Uint8Array.of(0xa2, 0x06, 0x01, 0x41) };
  const check = { ...checkEvent(entity, "raw").check, [UNKNOWN]: Uint8Array.of(0xa2, 0x0c, 0x01, 0x42) } as never;
  const plain = encodeProto(
    Event,
    Event.create({ ...checkEvent(entity, "raw"), check, id: new Uint8Array(16).fill(7) }),
  );
  // Check is the third field: put the output in by hand, behind all others.
  const shown: boolean[] = [];
  backend.bus.listen("event", (one) => {
    if (one.check === "raw") void stored("bytes-1", "raw").then((found) => shown.push(found !== undefined));
  });
  const patched = withOutput(plain, output);
  for (let i = 0; i < 3; i++) socket.send(joinFrame("event", patched));
  await eventually(() => (shown.length === 3 ? true : undefined));
  expect(shown).toEqual([true, true, true]);
  const found = await backend.events.get({ namespace: "default", entity: "bytes-1", check: "raw" });
  expect(found?.revision).toBe(3);
  expect(Buffer.from(found?.bytes ?? []).includes(output)).toBe(true);
  const event = found && decodeStored(found);
  expect(event?.entity?.[UNKNOWN]).toEqual(Uint8Array.of(0xa2, 0x06, 0x01, 0x41));
  expect(event?.check?.[UNKNOWN]).toEqual(Uint8Array.of(0xa2, 0x0c, 0x01, 0x42));
  expect(event?.entity?.subscriptions).toEqual(["linux", "entity:bytes-1"]);
  expect(statuses(event?.check?.history)).toEqual([0, 0, 0]);
  expect(event).toMatchObject({ timestamp: 1_700_000_000, check: { occurrences: 3 } });
  expect(event?.id).toEqual(new Uint8Array(16).fill(7));
  socket.close();
});

/** The same event whose check has this output. */
function withOutput(event: Uint8Array, output: Buffer): Uint8Array {
  const decoded = decodeProto(Event, event);
  const mark = "@@@";
  const bytes = Buffer.from(encodeProto(Event, { ...decoded, check: { ...decoded.check, output: mark } as never }));
  const at = bytes.indexOf(mark);
  output.copy(bytes, at);
  return bytes;
}

test("a session without Accept speaks JSON", async () => {
  const { socket, frames, response } = await connect("json-1", { Accept: "*/*" });
  expect(response.headers["content-type"]).toBe("application/json");
  const first = await eventually(() => frames[0]);
  expect(JSON.parse(Buffer.from(first.payload).toString()).metadata.name).toBe("not found");
  socket.send(joinFrame("event", encodeJson(Event, checkEvent(agentEntity("json-1"), "c", { status: 1 }))));
  expect((await eventually(() => stored("json-1", "c"))).check?.status).toBe(1);
  socket.close();
});

test("bad messages are dropped and the session goes on; a message without newline ends it (W-36, W-58)", async () => {
  const { socket } = await connect("bad-1");
  const foreign = checkEvent(agentEntity("bad-1"), "c");
  const entity = { ...agentEntity("bad-1"), metadata: { ...agentEntity("bad-1").metadata, namespace: "other" } };
  socket.send(joinFrame("event", Uint8Array.of(0xff, 0xff)));
  socket.send(joinFrame("hello", "x"));
  socket.send(joinFrame("event", encodeProto(Event, { ...foreign, entity })));
  socket.send(joinFrame("event", encodeProto(Event, { ...foreign, check: undefined })));
  socket.send(joinFrame("event", encodeProto(Event, foreign)));
  await eventually(() => stored("bad-1", "c"));
  socket.send(Buffer.from("no newline"));
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  expect([code, String(reason)]).toEqual([1001, "bye"]);
});

test("a changed configuration reaches the session, its deletion ends it (W-52, W-53)", async () => {
  const { socket, frames } = await connect("conf-1");
  socket.send(keepalive("conf-1"));
  await eventually(() => frames[1]);
  await backend.store.change(TYPES.config, { namespace: "default", name: "conf-1" }, (config) => ({
    ...config,
    subscriptions: ["db"],
    entity_class: "proxy",
  }));
  await eventually(() => (backend.gateway.members("default", "db").includes("conf-1") ? true : undefined));
  expect((await backend.store.get(TYPES.config, "default", "conf-1"))?.value.entity_class).toBe("agent");
  expect(backend.gateway.members("default", "linux")).not.toContain("conf-1");
  const closed = once(socket, "close");
  await backend.entities.remove("default", "conf-1");
  expect((await closed)[0]).toBe(1001);
});

test("a disabled user's sessions end (S-171)", async () => {
  const { socket } = await connect("user-1", { Authorization: `Basic ${btoa("temp:secret")}` });
  const closed = once(socket, "close");
  backend.access.disable("temp");
  expect((await closed)[0]).toBe(1001);
});

test("two sessions of one name both get requests (W-56)", async () => {
  const one = await connect("twin");
  one.socket.send(keepalive("twin"));
  await eventually(() => one.frames[1]);
  const two = await connect("twin");
  expect(backend.gateway.publish("default", "entity:twin", CheckRequest.create())).toBe(2);
  one.socket.close();
  two.socket.close();
});

test("when too much waits for its commit no socket is read; all go on afterwards (P-3)", async () => {
  await using small = await startTestBackend({ ingest: { maxPendingBytes: 20_000 } });
  const gate = Promise.withResolvers<void>();
  small.bus.subscribe("event", { name: "slow", capacity: 1, workers: 1, handle: () => gate.promise });
  const frame = joinFrame(
    "event",
    encodeProto(Event, checkEvent(agentEntity("flood"), "c", { output: "x".repeat(1000) })),
  );
  const sockets = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      const socket = new WebSocket(small.url, { headers: headers(`flood-${i}`) });
      await once(socket, "open");
      return socket;
    }),
  );
  for (let round = 0; round < 100; round++) for (const socket of sockets) socket.send(frame);
  await eventually(() => (small.ingest.saturated ? true : undefined));
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  // What was under way in the sockets when they were stopped may come on top.
  expect(small.ingest.pendingBytes).toBeLessThan(5_000_000);
  gate.resolve();
  await eventually(async () => {
    const found = await small.events.get({ namespace: "default", entity: "flood", check: "c" });
    return found?.revision === 5000 ? true : undefined;
  }, 20_000);
  for (const socket of sockets) socket.terminate();
}, 30_000);
