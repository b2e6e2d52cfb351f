import { type Check, type Entity, Event, encodeProto, Hook, Metrics, Silenced, UNKNOWN } from "@sensu-ts/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { agentEntity, checkEvent, eventually, startTestBackend, TYPES } from "../gateway/test-backend.ts";
import { decodeStored } from "../state/stored-event.ts";
import { FrameDecoder, RoutineFrame } from "./frame-decoder.ts";

type Backend = Awaited<ReturnType<typeof startTestBackend>>;

/** The same frames go to both; one never sees a routine frame, for each of its decoders reads one frame only. */
let short: Backend;
let long: Backend;
let decoder: FrameDecoder;
let entities = 0;
let name = "";

beforeAll(async () => {
  [short, long] = await Promise.all([startTestBackend(), startTestBackend()]);
});
beforeEach(() => {
  decoder = new FrameDecoder("protobuf");
  name = `web-${++entities}`;
});
afterAll(async () => {
  await Promise.all([short[Symbol.asyncDispose](), long[Symbol.asyncDispose]()]);
});

const ID = new Uint8Array(16).fill(7);
const web = (more: Partial<Entity> = {}) => agentEntity(name, { subscriptions: ["linux", `entity:${name}`], ...more });

function frame(check: Partial<Check>, event: Partial<Event> = {}, entity = web()): Buffer {
  return Buffer.from(encodeProto(Event, checkEvent(entity, "cpu", { executed: 10, ...check }, { id: ID, ...event })));
}

/** True when the frame was routine. */
async function send(bytes: Buffer, size = bytes.length): Promise<boolean> {
  const decoded = decoder.decode(bytes);
  const routine = decoded instanceof RoutineFrame;
  short.ingest.offer(decoded, "default", size);
  long.ingest.offer(new FrameDecoder("protobuf").decode(Buffer.from(bytes)), "default", size);
  await Promise.all([short.ingest.settled(), long.ingest.settled()]);
  return routine;
}

async function outcome(backend: Backend) {
  const { events } = await backend.events.list({ namespace: "default" });
  const seen = backend.seen.splice(0).map((one) => ({
    ...{ event: one.event, namespace: one.namespace, entity: one.entity, check: one.check, revision: one.revision },
    ...{ status: one.status, previousStatus: one.previousStatus, silenced: one.silenced, lastSeen: one.lastSeen },
    ...{ hasMetrics: one.hasMetrics, ttl: one.definition?.ttl },
  }));
  const stored = events.map((one) => ({ ...one, bytes: undefined, event: decodeStored(one) }));
  return { seen, stored, own: stored.find(({ entity, check }) => entity === name && check === "cpu") };
}

async function expectSame() {
  expect(await outcome(short)).toEqual(await outcome(long));
}

test("a routine event is stored and announced as if it had been decoded (P-57 to P-66)", async () => {
  const statuses = [0, 2, 2, 0, 0, 1, 0];
  const taken: boolean[] = [];
  for (let i = 0; i < 60; i++) {
    const status = statuses[i % statuses.length] as number;
    const check = { status, executed: 100 + i, issued: 99 + i, duration: i / 7, output: `line ${i}\n` };
    const timestamp = 1_700_000_000 + i;
    const pipelines = [{ name: "incidents", type: "Pipeline", api_version: "core/v2" }];
    const handlers = ["slack"];
    const entity = web({ last_seen: timestamp });
    const thresholds = { low_flap_threshold: 5, high_flap_threshold: 30 };
    const bytes = frame({ ...check, handlers, ...thresholds }, { timestamp, sequence: i, pipelines }, entity);
    taken.push(await send(bytes));
  }
  expect(taken).toEqual([false, ...taken.slice(1).map(() => true)]);
  const expected = await outcome(long);
  expect(expected.own).toMatchObject({
    revision: 60,
    event: { check: { state: "flapping", history: { length: 21 } } },
  });
  expect(await outcome(short)).toEqual(expected);
});

test("what the bytes hold besides stays: unknown fields, outputs that are no text, other fields of the definition", async () => {
  const unknown = Uint8Array.of(0xa2, 0x1f, 1, 65);
  const check = { command: "check-cpu", ttl: 60, interval: 10, env_vars: ["A=b"], [UNKNOWN]: unknown };
  const bytes = frame({ ...check, output: "0xx1" });
  bytes[bytes.indexOf("0xx1") + 1] = 0xff;
  expect(await send(bytes)).toBe(false);
  expect(await send(bytes)).toBe(true);
  await expectSame();
});

test.each<[string, Partial<Check>, Partial<Event>]>([
  ["another definition", { command: "other" }, {}],
  ["hooks that ran", { hooks: [Hook.create({ status: 1 })] }, {}],
  ["a history of its own", { history: [{ status: 1, executed: 2, flapping: false }] }, {}],
  ["a state", { state: "passing" }, {}],
  ["silences", { silenced: ["linux:*"], is_silenced: true }, {}],
  ["metrics", {}, { metrics: Metrics.create({ handlers: ["tsdb"] }) }],
  ["a proxy entity", { proxy_entity_name: "router" }, {}],
  ["another label", {}, { metadata: { ...Event.create().metadata, labels: { a: "b" } } }],
  ["a fallback pipeline", {}, { fallback_pipeline: { name: "", type: "", api_version: "" } }],
  ["an empty fallback pipeline of the check", { fallback_pipeline: { name: "", type: "", api_version: "" } }, {}],
  ["a time before 1970", { executed: -5 }, {}],
  ["a time of the event before 1970", {}, { timestamp: -5 }],
  ["a time of the event beyond all clocks", {}, { timestamp: 2n ** 62n }],
  ["a time beyond all clocks", { executed: 2n ** 62n }, {}],
])("%s makes an event no routine, and changes nothing of what is stored", async (_what, check, event) => {
  await send(frame({}));
  expect(await send(frame({ status: 1 }))).toBe(true);
  expect(await send(frame(check, event))).toBe(false);
  await send(frame({ status: 2, executed: 12 }));
  await expectSame();
});

test("an id that is none is refused, also after routine events", async () => {
  await send(frame({}));
  await expect(send(frame({}, { id: new Uint8Array(5) }))).rejects.toThrow("event ID is not 16 bytes long");
  await expectSame();
});

test("another entity under the same session is decoded and validated again", async () => {
  await send(frame({}));
  expect(await send(frame({}, {}, web({ user: "other" })))).toBe(false);
  await expectSame();
  const nameless = agentEntity("", { subscriptions: ["entity:"] });
  await expect(send(frame({}, {}, nameless))).rejects.toThrow("entity is invalid");
});

test("an output above the bound is cut, a silenced check is named so", async () => {
  const cut = (output: string) => frame({ output, max_output_size: 4 });
  await send(cut("abc"));
  expect(await send(cut("abcdef"))).toBe(true);
  await expectSame();
  const silence = { ...Silenced.create(), metadata: { ...agentEntity("x").metadata, name: "linux:cpu" } };
  for (const { store } of [short, long]) {
    await store.put(TYPES.silenced, { ...silence, subscription: "linux", check: "cpu" });
  }
  for (const { cache } of [short, long]) await eventually(() => cache.get(TYPES.silenced, "default", "linux:cpu"));
  await send(frame({ status: 2, subscriptions: ["linux"] }));
  expect(await send(frame({ status: 2, subscriptions: ["linux"] }))).toBe(true);
  const expected = await outcome(long);
  expect(expected.own?.event.check).toMatchObject({ silenced: ["linux:cpu"], is_silenced: true });
  expect(await outcome(short)).toEqual(expected);
  for (const { store } of [short, long]) await store.delete(TYPES.silenced, "default", "linux:cpu");
  for (const { cache } of [short, long]) {
    await eventually(() => (cache.get(TYPES.silenced, "default", "linux:cpu") ? undefined : true));
  }
});

test("a routine event whose result someone deleted or changed starts again from what is there", async () => {
  await send(frame({ status: 1 }));
  for (const { events } of [short, long]) await events.delete({ namespace: "default", entity: name, check: "cpu" });
  expect(await send(frame({ status: 2, executed: 11 }))).toBe(true);
  const expected = await outcome(long);
  const history = [{ status: 2, executed: 11, flapping: false }];
  expect(expected.own).toMatchObject({ revision: 1, event: { check: { history } } });
  expect(await outcome(short)).toEqual(expected);
});

test("agents are told which routine events are safe (W-143)", async () => {
  const told: Uint8Array[] = [];
  const acks = { add: (id: Uint8Array) => told.push(id) };
  for (let i = 0; i < 3; i++) {
    const id = new Uint8Array(16).fill(i + 1);
    short.ingest.offer(decoder.decode(frame({}, { id })), "default", 100, undefined, acks);
    await short.ingest.settled();
  }
  expect(told.map((id) => [id.length, id[0]])).toEqual([
    [16, 1],
    [16, 2],
    [16, 3],
  ]);
});

test("who asks for the whole event only after the publish is told so; who kept it has it", async () => {
  const late: { readonly event: Event }[] = [];
  await using backend = await startTestBackend({ keep: false });
  for (let i = 0; i < 2; i++) {
    backend.ingest.offer(decoder.decode(frame({})), "default", 100);
    await backend.ingest.settled();
    if (i === 0) backend.ingest.onCommit((committed) => late.push(committed));
  }
  expect(() => late[0]?.event).toThrow("the bytes of a published event are gone");
});
