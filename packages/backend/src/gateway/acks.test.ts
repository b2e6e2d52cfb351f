/** What an agent is told of its events (W-143), and the gates in front of a session (W-3, W-11). */
import { once } from "node:events";
import type http from "node:http";
import { Event, encodeProto, joinFrame, MESSAGE, SensuError, splitFrame } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { proveWith } from "./accept-hash.ts";
import { Acks } from "./acks.ts";
import { RateLimit } from "./rate-limit.ts";
import { agentEntity, checkEvent, eventually, startTestBackend } from "./test-backend.ts";

const headers = (name: string, more: Record<string, string> = {}) => ({
  Authorization: `Basic ${btoa("agent:secret")}`,
  "Sensu-AgentName": name,
  "Sensu-Namespace": "default",
  Accept: "application/octet-stream",
  ...more,
});
const idOf = (number: number) => new Uint8Array(16).fill(number);

async function connect(url: string, name: string, more: Record<string, string> = {}) {
  const socket = new WebSocket(url, { headers: headers(name, more) });
  const acked: string[] = [];
  socket.on("message", (data: Buffer) => {
    const frame = splitFrame(data);
    if (frame?.type !== MESSAGE.eventAck) return;
    for (let at = 0; at < frame.payload.length; at += 16) acked.push(String(frame.payload[at]));
  });
  const [response] = (await once(socket, "upgrade")) as [http.IncomingMessage];
  if (socket.readyState !== WebSocket.OPEN) await once(socket, "open");
  const send = (number: number, check: string, event: Partial<Event> = {}) =>
    socket.send(
      joinFrame("event", encodeProto(Event, checkEvent(agentEntity(name), check, {}, { id: idOf(number), ...event }))),
    );
  return { socket, acked, response, send };
}

test("committed and finally refused events are acknowledged, each after its commit", async () => {
  await using backend = await startTestBackend();
  const { acked, response, send, socket } = await connect(backend.url, "a", { "Sensu-Event-Ack": "1" });
  expect(response.headers["sensu-event-ack"]).toBe("1");
  const committed: boolean[] = [];
  socket.on("message", () => {
    if (!acked.includes("1")) return;
    void backend.events
      .get({ namespace: "default", entity: "a", check: "one" })
      .then((found) => committed.push(found !== undefined));
  });
  send(1, "one");
  send(2, "bad", { check: undefined });
  send(3, "two");
  await eventually(() => (acked.length === 3 ? true : undefined));
  expect(acked.sort()).toEqual(["1", "2", "3"]);
  await eventually(() => committed[0]);
  socket.close();
});

test("nothing of a deleted namespace is taken, also from agents that are still connected (P-67)", async () => {
  await using backend = await startTestBackend();
  const { acked, send, socket } = await connect(backend.url, "c", { "Sensu-Event-Ack": "1" });
  backend.namespaces.delete("default");
  const keepalive = checkEvent(agentEntity("c"), "keepalive", { timeout: 20 });
  socket.send(joinFrame("keepalive", encodeProto(Event, keepalive)));
  send(1, "one");
  await eventually(() => (acked.includes("1") ? true : undefined));
  expect((await backend.events.list({ namespace: "default" })).events).toEqual([]);
  expect(await backend.entities.read("default", "c")).toBeUndefined();
  socket.close();
});

test("an agent that does not ask is told nothing", async () => {
  await using backend = await startTestBackend();
  const { acked, response, send, socket } = await connect(backend.url, "b");
  expect(response.headers["sensu-event-ack"]).toBeUndefined();
  send(1, "one");
  await eventually(() => backend.events.get({ namespace: "default", entity: "b", check: "one" }));
  await new Promise(setImmediate);
  expect(acked).toEqual([]);
  socket.close();
});

test("an event that the store could not take is not acknowledged until it did", async () => {
  await using backend = await startTestBackend();
  const { acked, send, socket } = await connect(backend.url, "c", { "Sensu-Event-Ack": "1" });
  send(1, "one");
  await eventually(() => acked[0]);
  const commit = backend.events.commit.bind(backend.events);
  let failures = 0;
  backend.events.commit = () => {
    failures++;
    return Promise.reject(new SensuError("unavailable", "away"));
  };
  send(2, "one");
  await eventually(() => (failures > 0 ? true : undefined));
  await new Promise(setImmediate);
  expect(acked).toEqual(["1"]);
  backend.events.commit = commit;
  await eventually(() => (acked.length === 2 ? true : undefined));
  socket.close();
});

test("ids of one turn go out together, however many", async () => {
  const frames: Uint8Array[] = [];
  const acks = new Acks((frame) => frames.push(frame));
  for (let i = 0; i < 100; i++) acks.add(idOf(i));
  acks.add(new Uint8Array(0));
  await new Promise(setImmediate);
  acks.add(idOf(7));
  await new Promise(setImmediate);
  expect(frames.map((frame) => splitFrame(frame)?.payload.length)).toEqual([1600, 16]);
  expect([...(splitFrame(frames[0] as Uint8Array)?.payload ?? [])].filter((_, i) => i % 16 === 0)).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test("more new sessions than allowed are told to come later (W-3)", async () => {
  await using backend = await startTestBackend({ gateway: () => ({ rateLimit: 1, burstLimit: 2 }) });
  const refused: [number | undefined, string][] = [];
  const sockets = [];
  for (let i = 0; i < 4; i++) {
    const socket = new WebSocket(backend.url, { headers: headers(`r${i}`) });
    socket.on("error", () => undefined);
    sockets.push(socket);
    const settled = Promise.withResolvers<void>();
    socket.on("open", settled.resolve);
    socket.on("unexpected-response", (_, response) => {
      void response.toArray().then((body) => {
        refused.push([response.statusCode, body.join("")]);
        settled.resolve();
      });
    });
    await settled.promise;
  }
  expect(refused).toEqual([
    [429, "too many new agent sessions, try again later\n"],
    [429, "too many new agent sessions, try again later\n"],
  ]);
  for (const socket of sockets) socket.terminate();
});

test("the rate limit refills with time, up to its burst", () => {
  let now = 0;
  const limit = new RateLimit(10, 0, () => now);
  const taken = () => Array.from({ length: 12 }, () => limit.take()).filter(Boolean).length;
  expect(taken()).toBe(10);
  now = 300;
  expect(taken()).toBe(3);
  now = 1e9;
  expect(taken()).toBe(10);
  expect(new RateLimit(0, 0).take()).toBe(true);
});

test.each([
  ["sha1", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
  ["sha256", "c8qeCxwB8sJPxkSckeL76bKL7f642+KYzDiR7EbKyTY="],
] as const)("the handshake is proved with %s (W-11)", (hash, proof) => {
  const lines = ["HTTP/1.1 101 Switching Protocols", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="];
  proveWith(hash, lines, "dGhlIHNhbXBsZSBub25jZQ==");
  expect(lines[1]).toBe(`Sec-WebSocket-Accept: ${proof}`);
});
