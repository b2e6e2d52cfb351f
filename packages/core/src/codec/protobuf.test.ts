import { expect, test } from "vitest";
import {
  Asset,
  Check,
  CheckConfig,
  CheckRequest,
  Entity,
  EntityConfig,
  Event,
  Hook,
  HookConfig,
  HookList,
  MetricPoint,
  Metrics,
  ObjectMeta,
  TimeWindowWhen,
} from "../types/mod.ts";
import { CodecError } from "./error.ts";
import { decodeProto, encodeProto, readVarint, scanFields } from "./protobuf.ts";
import type { MessageType } from "./schema.ts";

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const CHECK_REQUEST =
  "0a350a06757074696d65280f48015a057261636b37720f0a03746f701208637269746963616c980109d2010b0a046c6f616412036f70731a180a0a0a03746f7012036f70731208746f70202d626e31180520cea4c1b00632034b3d76";
const NOT_FOUND = "0a100a096e6f7420666f756e6412036f707312056167656e743200";
const N1 =
  "0a120a026e3112036f70731a070a02617a12016212056167656e741a056167656e7422057261636b372209656e746974793a6e31280132004206736563726574";
const KEEPALIVE =
  "08d0a4c1b00612320a056167656e741a140a026e3112056c696e757832003a0361726d40073a0072090a026e3112036f70737a06362e31342e321a1c28149001f001980178b202100a096b656570616c69766512036f70732a0512036f70733210aabbccdd000102030405060708090a0b3801";
const METRICS =
  "08d1a4c1b00612180a056167656e741a0232003a0072090a026e3112036f7073222b0a047473646212230a076e312e6c6f616411000000000000e03f18d1a4c1b00622090a04636f72651201302a0512036f7073";

test.each<[string, MessageType<never>, string]>([
  ["check request", CheckRequest as never, CHECK_REQUEST],
  ["entity config of an unknown entity", EntityConfig as never, NOT_FOUND],
  ["entity config", EntityConfig as never, N1],
  ["keepalive", Event as never, KEEPALIVE],
  ["metrics event", Event as never, METRICS],
])("R-141: %s comes back byte by byte", (_name, type, text) => {
  expect(toHex(encodeProto(type, decodeProto(type, hex(text))))).toBe(text);
});

test("R-141: check request fields", () => {
  const request = decodeProto(CheckRequest, hex(CHECK_REQUEST));
  expect(request.issued).toBe(1712345678);
  expect(request.secrets).toEqual(["K=v"]);
  expect(request.config).toMatchObject({
    command: "uptime",
    interval: 15,
    publish: true,
    subscriptions: ["rack7"],
    timeout: 9,
    check_hooks: [{ type: "critical", hooks: ["top"] }],
    metadata: { name: "load", namespace: "ops" },
  });
  expect(request.config?.subdue).toBeUndefined();
  expect(request.hooks).toHaveLength(1);
  expect(request.hooks[0]).toMatchObject({
    command: "top -bn1",
    timeout: 5,
    metadata: { name: "top", namespace: "ops" },
  });
});

test("R-141: keepalive and metrics fields", () => {
  const keepalive = decodeProto(Event, hex(KEEPALIVE));
  expect(keepalive.entity?.system).toMatchObject({ hostname: "n1", os: "linux", arch: "arm", arm_version: 7 });
  expect(keepalive.check).toMatchObject({ interval: 20, timeout: 120, ttl: 240, metadata: { name: "keepalive" } });
  expect(toHex(keepalive.id)).toBe("aabbccdd000102030405060708090a0b");
  expect(keepalive.sequence).toBe(1);
  const event = decodeProto(Event, hex(METRICS));
  expect(event.check).toBeUndefined();
  expect(event.metrics?.points[0]).toMatchObject({ name: "n1.load", value: 0.5, timestamp: 1712345681 });
});

test("R-141: built values encode to the vector", () => {
  const value = EntityConfig.create({
    metadata: ObjectMeta.create({ name: "n1", namespace: "ops", labels: { az: "b" } }),
    entity_class: "agent",
    user: "agent",
    subscriptions: ["rack7", "entity:n1"],
    deregister: true,
    redact: ["secret"],
  });
  expect(toHex(encodeProto(EntityConfig, value))).toBe(N1);
});

test.each<[MessageType<never>, string]>([
  [Event as never, "2a00"],
  [Entity as never, "1a0232003a007200"],
  [Check as never, "b20200"],
  [CheckConfig as never, "d20100"],
  [HookConfig as never, "0a00"],
  [Hook as never, "0a020a00"],
  [Asset as never, "4200"],
  [EntityConfig as never, "3200"],
  [TimeWindowWhen as never, "0a00"],
  [CheckRequest as never, ""],
  [Metrics as never, ""],
  [HookList as never, ""],
  [ObjectMeta as never, ""],
])("R-132: an empty $name is written as Go does", (type, text) => {
  expect(toHex(encodeProto(type, (type as MessageType<unknown>).create() as never))).toBe(text);
});

test("R-180: unknown fields survive, whatever their wire type", () => {
  const unknown = ["a206026869", "a8067b", "b1060000000000000040", "bd0600000000", "c306a80605c406"].join("");
  const bytes = hex(unknown + CHECK_REQUEST);
  const request = decodeProto(CheckRequest, bytes);
  expect(toHex(encodeProto(CheckRequest, request))).toBe(CHECK_REQUEST + unknown);
  expect(toHex(encodeProto(CheckRequest, { ...request, issued: 1 }))).toContain(unknown);
});

test("R-131: an empty message differs from an absent one", () => {
  const absent = CheckConfig.create();
  const present = CheckConfig.create({ subdue: TimeWindowWhen.create() });
  expect(decodeProto(CheckConfig, encodeProto(CheckConfig, absent)).subdue).toBeUndefined();
  expect(decodeProto(CheckConfig, encodeProto(CheckConfig, present)).subdue).toEqual(TimeWindowWhen.create());
  expect(decodeProto(Event, hex("2200")).metrics).toEqual(Metrics.create());
});

test("a missing embedded message reads as an empty one; a second one adds to the first", () => {
  expect(decodeProto(Event, hex(""))).toEqual(Event.create());
  const twice = decodeProto(Event, hex("2a030a01612a03120162"));
  expect(twice.metadata).toMatchObject({ name: "a", namespace: "b" });
  expect(Event.create().metadata.name).toBe("");
});

test("R-133: map entries without a value or key, and repeated keys", () => {
  const meta = decodeProto(ObjectMeta, hex("1a030a0161" + "1a03120162" + "1a060a017a120131" + "1a060a017a120132"));
  expect({ ...meta.labels }).toEqual({ a: "", "": "b", z: "2" });
  const proto = ObjectMeta.create({ labels: JSON.parse('{"__proto__":"x"}') });
  expect(Object.entries(decodeProto(ObjectMeta, encodeProto(ObjectMeta, proto)).labels)).toEqual([["__proto__", "x"]]);
});

test("R-133: negative int32 takes ten bytes", () => {
  const check = CheckConfig.create({ ttl_status: -1 });
  expect(toHex(encodeProto(CheckConfig, check))).toBe("d20100" + "a002ffffffffffffffffff01");
  expect(decodeProto(CheckConfig, hex("a002ffffffffffffffffff01")).ttl_status).toBe(-1);
});

test.each<[bigint | number]>([
  [0],
  [1],
  [127],
  [128],
  [2 ** 28 - 1],
  [2 ** 28],
  [2 ** 31],
  [2 ** 32 - 1],
  [2 ** 32],
  [2 ** 53 - 1],
  [-1],
  [-(2 ** 31)],
  [-(2 ** 53) + 1],
  [2n ** 53n],
  [1700000000000000001n],
  [2n ** 63n - 1n],
  [-(2n ** 63n)],
  [-(2n ** 53n)],
])("R-52: timestamp %s is kept", (timestamp) => {
  const point = MetricPoint.create({ timestamp });
  expect(decodeProto(MetricPoint, encodeProto(MetricPoint, point)).timestamp).toBe(timestamp);
});

test("integers that no int64 holds are refused on encode", () => {
  for (const timestamp of [2n ** 63n, 0.5, Number.NaN, 2 ** 60]) {
    expect(() => encodeProto(MetricPoint, MetricPoint.create({ timestamp }))).toThrow(CodecError);
  }
});

test("R-136: status takes all 32 bits", () => {
  const check = Check.create({ status: 4294967295 });
  expect(decodeProto(Check, encodeProto(Check, check)).status).toBe(4294967295);
});

test("R-135: bytes that are not UTF-8 come back, unless the text was changed", () => {
  const bytes = hex("d20102fffe" + "b20200");
  const check = decodeProto(Check, bytes);
  expect(check.output).toBe("\uFFFD\uFFFD");
  expect(toHex(encodeProto(Check, check))).toBe(toHex(bytes));
  expect(toHex(encodeProto(Check, { ...check, status: 1 }))).toContain("d20102fffe");
  expect(toHex(encodeProto(Check, { ...check, output: "ok" }))).toBe("d201026f6b" + "b20200");
});

test.each([
  "",
  "a",
  "\uFEFFbom",
  "é".repeat(30),
  "日本語",
  "😀".repeat(9),
  `${"x".repeat(39)}é`,
  "long ".repeat(50_000),
  "\uFFFD",
])("texts come back: %.20s", (output) => {
  expect(decodeProto(Check, encodeProto(Check, Check.create({ output }))).output).toBe(output);
});

test("values keep no reference to the input", () => {
  const bytes = hex(KEEPALIVE);
  const event = decodeProto(Event, bytes);
  bytes.fill(0);
  expect(toHex(event.id)).toBe("aabbccdd000102030405060708090a0b");
});

test.each([
  "08",
  "0aff",
  "0a05",
  "2a03",
  "2a020a05",
  "ffffffffffffffffffffff",
  "0000",
  "07",
  "0c",
  "a306",
  "0d00",
  "2a04 0a80808080808080808001",
])("malformed bytes %s are a codec error", (text) => {
  expect(() => decodeProto(Event, hex(text))).toThrow(CodecError);
});

test("every cut of a message is a codec error or another message, never a crash", () => {
  const bytes = hex(KEEPALIVE);
  for (let length = 0; length < bytes.length; length++) {
    try {
      encodeProto(Event, decodeProto(Event, bytes.subarray(0, length)));
    } catch (error) {
      expect(error).toBeInstanceOf(CodecError);
    }
  }
});

test("the scanner frames an event's parts without decoding them", () => {
  const bytes = hex(KEEPALIVE);
  const seen: Record<number, [number, Uint8Array]> = {};
  scanFields(bytes, (no, wire, start, end) => {
    seen[no] = [wire, bytes.subarray(start, end)];
  });
  expect(Object.keys(seen).map(Number)).toEqual([1, 2, 3, 5, 6, 7]);
  expect(decodeProto(Entity, seen[2]?.[1] as Uint8Array).metadata.name).toBe("n1");
  expect(decodeProto(Check, seen[3]?.[1] as Uint8Array).metadata.name).toBe("keepalive");
  expect(readVarint(seen[1]?.[1] as Uint8Array, 0)).toBe(1712345680);
  expect(() => scanFields(bytes.subarray(0, 20), () => {})).toThrow(CodecError);
});
