import {
  type Check,
  decodeProto,
  Entity,
  Event,
  encodeProto,
  Metrics,
  ObjectMeta,
  SensuError,
  Silenced,
} from "@sensu-ts/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agentEntity, checkEvent, eventually, startTestBackend, statuses, TYPES } from "../gateway/test-backend.ts";
import { decodeStored } from "../state/stored-event.ts";
import { FrameDecoder } from "./frame-decoder.ts";

let backend: Awaited<ReturnType<typeof startTestBackend>>;
beforeAll(async () => {
  backend = await startTestBackend({ ingest: { rememberedResults: 3 } });
});
afterAll(() => backend[Symbol.asyncDispose]());

const key = (entity: string, check: string) => ({ namespace: "default", entity, check });
const stored = async (entity: string, check: string) => {
  const found = await backend.events.get(key(entity, check));
  return found && { ...found, event: decodeStored(found) };
};
const size = 100;

test("results of one key merge in order although keys come mixed, at once and with too little memory (P-53)", async () => {
  const order = [0, 1, 1, 2, 0, 0, 1];
  for (const status of order) {
    for (let i = 0; i < 8; i++) {
      backend.ingest.offer({ event: checkEvent(agentEntity(`order-${i}`), "c", { status }) }, "default", size);
    }
  }
  await backend.ingest.settled();
  for (let i = 0; i < 8; i++) {
    const found = await stored(`order-${i}`, "c");
    expect(statuses(found?.event.check?.history)).toEqual(order);
    expect(found?.revision).toBe(order.length);
    const seen = backend.seen.filter((one) => one.entity === `order-${i}`);
    expect(seen.map((one) => [one.revision, one.event.check?.status])).toEqual(
      order.map((status, n) => [n + 1, status]),
    );
  }
  expect(backend.ingest.pendingBytes).toBe(0);
});

test("submit resolves after the durable commit and notes the maker (P-47)", async () => {
  const entity = agentEntity("api-1", { entity_class: "proxy" });
  await backend.ingest.submit(checkEvent(entity, "c", { status: 2 }), { createdBy: "admin" });
  const found = await stored("api-1", "c");
  expect(found?.columns).toMatchObject({ status: 2, state: "failing" });
  expect(found?.event).toMatchObject({
    metadata: { created_by: "admin" },
    check: { metadata: { created_by: "admin" } },
  });
  const created = await backend.entities.read("default", "api-1");
  expect(created).toMatchObject({ entity_class: "proxy", subscriptions: ["linux", "entity:api-1"] });
});

test("an event that cannot be written fails alone and leaves nothing behind", async () => {
  const send = (check: string, sent: Partial<Check> = {}) =>
    backend.ingest.submit(checkEvent(agentEntity("alone"), check, sent));
  const [bad, good] = await Promise.allSettled([send("bad", { ttl: 2 ** 60 }), send("good")]);
  expect([bad.status, good.status]).toEqual(["rejected", "fulfilled"]);
  await send("good", { occurrences_watermark: 9223372036854775807n });
  await expect(send("good", { ttl: 2 ** 60 })).rejects.toThrow("not a 64-bit integer");
  await send("good", { status: 1 });
  expect(statuses((await stored("alone", "good"))?.event.check?.history)).toEqual([0, 0, 1]);
  expect([backend.ingest.pendingBytes, backend.ingest.pendingEvents]).toEqual([0, 0]);
});

test("numbers of 64 bits that an agent sends are stored as they came", async () => {
  const big = 9223372036854775807n;
  for (const timestamp of [big, -big, 1700000000000000001n, -1, 2 ** 53 - 1]) {
    const sent = { executed: timestamp, issued: timestamp, occurrences: timestamp, occurrences_watermark: timestamp };
    const name = `at${timestamp}`;
    for (const more of [{}, { output: "again" }, { output: "and again" }]) {
      const event = { ...checkEvent(agentEntity("wide"), name, { ...sent, ...more }), timestamp };
      const decoder = new FrameDecoder("protobuf");
      backend.ingest.offer(decoder.decode(Buffer.from(encodeProto(Event, event))), "default", size);
    }
    await backend.ingest.settled();
    const found = await stored("wide", name);
    expect(found?.event.timestamp, name).toBe(timestamp);
    expect(found?.event.check, name).toMatchObject({ executed: timestamp, issued: timestamp, output: "and again" });
    expect(found?.event.check?.history.map(({ executed }) => executed)).toEqual([timestamp, timestamp, timestamp]);
  }
});

test("refusals of submit reach the caller", async () => {
  const other = checkEvent({ ...agentEntity("x"), metadata: { ...agentEntity("x").metadata, namespace: "gone" } }, "c");
  await expect(backend.ingest.submit(other)).rejects.toMatchObject({ code: "namespaceMissing" });
  await expect(backend.ingest.submit(Event.create())).rejects.toThrow("event must contain an entity");
});

test("proxy events belong to the stored entity, whatever they bring along (P-54, P-55)", async () => {
  const sender = agentEntity("sender", { subscriptions: ["linux"] });
  const send = () => backend.ingest.submit(checkEvent(sender, "ping", { proxy_entity_name: "router" }));
  await Promise.all([send(), send(), send()]);
  const found = await stored("router", "ping");
  expect(found?.revision).toBe(3);
  expect(found?.event.entity).toMatchObject({
    ...{ entity_class: "proxy", subscriptions: ["entity:router"], metadata: { name: "router" } },
  });
  const made = { metadata: ObjectMeta.create({ namespace: "default", created_by: "ops" }) };
  await backend.ingest.submit(checkEvent(sender, "ping", { proxy_entity_name: "gate" }, made));
  expect((await stored("gate", "ping"))?.event.entity?.metadata.created_by).toBe("ops");
  const later = agentEntity("router", { entity_class: "proxy", subscriptions: ["new"] });
  await backend.ingest.submit(checkEvent(later, "other"));
  expect((await stored("router", "other"))?.event.entity?.subscriptions).toEqual(["entity:router"]);
});

test("metrics only are announced and never stored; metrics beside a check are announced only (P-66)", async () => {
  const metrics = Metrics.create({ handlers: ["tsdb"] });
  const only = Event.create({ entity: agentEntity("m-1"), metrics });
  await backend.ingest.submit(only);
  await backend.ingest.submit(checkEvent(agentEntity("m-1"), "both", {}, { metrics }));
  const seen = backend.seen.filter((one) => one.entity === "m-1");
  expect(seen.map((one) => [one.check, one.revision, one.event.metrics?.handlers])).toEqual([
    ["", 0, ["tsdb"]],
    ["both", 1, ["tsdb"]],
  ]);
  expect((await stored("m-1", "both"))?.event.metrics).toBeUndefined();
  expect((await backend.events.list({ namespace: "default", entity: "m-1" })).events).toHaveLength(1);
});

test("the stored output is cut, the announced one is not (P-66)", async () => {
  await backend.ingest.submit(checkEvent(agentEntity("cut-1"), "c", { output: "0123456789abc", max_output_size: 10 }));
  const found = await stored("cut-1", "c");
  expect(found?.event.check?.output).toBe("0123456789");
  const seen = backend.seen.find((one) => one.entity === "cut-1")?.event;
  expect(seen?.check?.output).toBe("0123456789abc");
  for (const event of [found?.event, seen]) {
    expect(event?.metadata.labels["sensu.io/output_truncated_bytes"]).toBe("3");
  }
});

test("silences are named; those that end on resolution leave before the event is announced (P-82, P-83)", async () => {
  const base = { metadata: { ...agentEntity("x").metadata, name: "entity:sil-1:*" }, subscription: "entity:sil-1" };
  await backend.store.put(TYPES.silenced, Silenced.create({ ...base, expire_on_resolve: true }));
  await eventually(() => backend.cache.get(TYPES.silenced, "default", "entity:sil-1:*"));
  const send = (status: number) =>
    backend.ingest.submit(checkEvent(agentEntity("sil-1"), "c", { status, is_silenced: true }));
  await send(1);
  expect((await stored("sil-1", "c"))?.event.check).toMatchObject({ silenced: ["entity:sil-1:*"], is_silenced: true });
  expect((await stored("sil-1", "c"))?.columns.silenced).toBe(true);
  await send(0);
  expect((await stored("sil-1", "c"))?.event.check).toMatchObject({ silenced: [], is_silenced: true });
  await eventually(async () =>
    (await backend.store.get(TYPES.silenced, "default", "entity:sil-1:*")) ? undefined : true,
  );
  await send(1);
  expect((await stored("sil-1", "c"))?.event.check).toMatchObject({ silenced: [], is_silenced: false });
});

test("an event someone else deleted or wrote starts again from what is there now", async () => {
  const send = (status: number) => backend.ingest.submit(checkEvent(agentEntity("conf-1"), "c", { status }));
  await send(1);
  await backend.events.delete(key("conf-1", "c"));
  await send(2);
  const found = await stored("conf-1", "c");
  expect([found?.revision, statuses(found?.event.check?.history)]).toEqual([1, [2]]);
  const columns = { timestamp: 1, status: 0, state: "passing", silenced: false, lastOk: 0, executed: 0 };
  const event = checkEvent(agentEntity("conf-1"), "c", { history: [{ status: 7, executed: 0, flapping: false }] });
  await backend.events.commit([{ ...key("conf-1", "c"), expected: 1, columns, bytes: encodeProto(Event, event) }]);
  await send(3);
  expect(statuses((await stored("conf-1", "c"))?.event.check?.history)).toEqual([7, 3]);
});

test("too much that is not committed pauses the senders until it is (P-3)", async () => {
  let drained = 0;
  let stopped = 0;
  await using small = await startTestBackend({ ingest: { maxPendingBytes: 1000 } });
  small.ingest.onDrain(() => drained++);
  small.ingest.onSaturated(() => stopped++);
  for (let i = 0; i < 11; i++) small.ingest.offer({ event: checkEvent(agentEntity("p"), `c${i}`) }, "default", size);
  expect([small.ingest.saturated, stopped]).toEqual([true, 1]);
  await small.ingest.settled();
  expect([small.ingest.saturated, drained, small.ingest.pendingBytes]).toEqual([false, 1, 0]);
});

test("a slow subscriber holds the commits back (P-3)", async () => {
  await using slow = await startTestBackend();
  const gate = Promise.withResolvers<void>();
  slow.bus.subscribe("event", { name: "slow", capacity: 1, workers: 1, handle: () => gate.promise });
  for (let i = 0; i < 6; i++) {
    slow.ingest.offer({ event: checkEvent(agentEntity("s"), `c${i}`) }, "default", size);
    await eventually(async () => ((await slow.events.count({})) >= Math.min(i + 1, 2) ? true : undefined));
  }
  expect(slow.ingest.pendingBytes).toBeGreaterThan(0);
  gate.resolve();
  await slow.ingest.settled();
  expect(await slow.events.count({})).toBe(6);
});

test("what an agent repeats is decoded once; last_seen alone may change", () => {
  const decoder = new FrameDecoder("protobuf");
  const entity = agentEntity("same", { last_seen: 1_700_000_000 });
  const frame = (seen: number, label = "x") => {
    const metadata = { ...entity.metadata, labels: { label } };
    return decoder.decode(Buffer.from(encodeProto(Event, checkEvent({ ...entity, metadata, last_seen: seen }, "c"))))
      .event.entity;
  };
  const first = frame(1_700_000_000);
  expect(frame(1_700_000_000)).toBe(first);
  const second = frame(1_700_000_001);
  expect(second?.metadata).toBe(first?.metadata);
  expect([first?.last_seen, second?.last_seen]).toEqual([1_700_000_000, 1_700_000_001]);
  expect(frame(1_700_000_001, "y")?.metadata.labels).toEqual({ label: "y" });
});

test("an entity holds no parts of its own that are in memory elsewhere", () => {
  const decoder = new FrameDecoder("protobuf");
  const sent = agentEntity("twice", { last_seen: 1_700_000_000 });
  const decode = (entity = sent) =>
    decoder.decode(Buffer.from(encodeProto(Event, checkEvent(entity, "c")))).event.entity;
  expect(decoder.entityIsNew).toBe(false);
  decode();
  expect(decoder.entityIsNew).toBe(true);
  const known = decodeProto(Entity, encodeProto(Entity, { ...sent, last_seen: 5, user: "other" }));
  decoder.share(known);
  expect(decoder.entityIsNew).toBe(false);
  expect(decode()).toEqual(decodeProto(Entity, encodeProto(Entity, sent)));
  expect(decode()?.system).toBe(known.system);
  expect(decode({ ...sent, last_seen: 1_700_000_001 })).toMatchObject({ last_seen: 1_700_000_001, user: sent.user });
  expect(decoder.entityIsNew).toBe(false);
});

test("an unusual frame is decoded like any other", () => {
  const decoder = new FrameDecoder("protobuf");
  const event = checkEvent(
    agentEntity("odd"),
    "c",
    {},
    { fallback_pipeline: { name: "f", type: "t", api_version: "v" } },
  );
  const { event: decoded, parts } = decoder.decode(Buffer.from(encodeProto(Event, event)));
  expect([decoded.fallback_pipeline?.name, parts]).toEqual(["f", undefined]);
  expect(() => decoder.decode(Buffer.of(0x1a, 0x7f))).toThrow(SensuError);
});
