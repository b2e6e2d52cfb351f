import { expect, test } from "vitest";
import { Check, CheckConfig, Entity, Event, Handler, Hook, HookList, MetricPoint, ObjectMeta } from "../types/mod.ts";
import { CodecError } from "./error.ts";
import { decodeJson, encodeJson, fromTree, toTree } from "./json.ts";
import { parseJson, stringifyJson } from "./json-text.ts";
import { decodeProto } from "./protobuf.ts";

const meta = ObjectMeta.create({ name: "n", namespace: "ns" });
const ENTITY = `{"entity_class":"proxy","system":{"network":{"interfaces":null},"libc_type":"","vm_system":"","vm_role":"","cloud_provider":"","processes":null},"subscriptions":null,"last_seen":0,"deregister":false,"deregistration":{},"metadata":{"name":"n","namespace":"ns"},"sensu_agent_version":""}`;

test("R-142: a check definition", () => {
  expect(encodeJson(CheckConfig, CheckConfig.create({ metadata: meta, interval: 10, command: "true" }))).toBe(
    `{"command":"true","handlers":[],"high_flap_threshold":0,"interval":10,"low_flap_threshold":0,"publish":false,"runtime_assets":null,"subscriptions":[],"proxy_entity_name":"","check_hooks":null,"stdin":false,"subdue":null,"ttl":0,"timeout":0,"round_robin":false,"output_metric_format":"","output_metric_handlers":null,"env_vars":null,"metadata":{"name":"n","namespace":"ns"},"secrets":null,"pipelines":[],"fallback_pipeline":null}`,
  );
});

test("R-143: an entity", () => {
  expect(encodeJson(Entity, Entity.create({ metadata: meta, entity_class: "proxy" }))).toBe(ENTITY);
});

test("R-144: a handler", () => {
  expect(encodeJson(Handler, Handler.create({ metadata: meta, type: "pipe", command: "x" }))).toBe(
    `{"metadata":{"name":"n","namespace":"ns"},"type":"pipe","command":"x","timeout":0,"handlers":null,"filters":null,"env_vars":null,"runtime_assets":null,"secrets":null}`,
  );
});

test("R-145: an event without id, and a check in an event", () => {
  const hex =
    "08d1a4c1b00612180a056167656e741a0232003a0072090a026e3112036f7073222b0a047473646212230a076e312e6c6f616411000000000000e03f18d1a4c1b00622090a04636f72651201302a0512036f7073";
  const event = decodeProto(Event, new Uint8Array(Buffer.from(hex, "hex")));
  const entity = ENTITY.replace('"proxy"', '"agent"').replace('"n"', '"n1"').replace('"ns"', '"ops"');
  expect(encodeJson(Event, event)).toBe(
    `{"timestamp":1712345681,"entity":${entity},"metrics":{"handlers":["tsdb"],"points":[{"name":"n1.load","value":0.5,"timestamp":1712345681,"tags":[{"name":"core","value":"0"}]}]},"metadata":{"namespace":"ops"},"id":null,"sequence":0,"pipelines":null}`,
  );
  expect(encodeJson(Check, Check.create())).toBe(
    `{"handlers":[],"high_flap_threshold":0,"interval":0,"low_flap_threshold":0,"publish":false,"runtime_assets":null,"subscriptions":[],"proxy_entity_name":"","check_hooks":null,"stdin":false,"subdue":null,"ttl":0,"timeout":0,"round_robin":false,"executed":0,"history":null,"issued":0,"output":"","status":0,"total_state_change":0,"last_ok":0,"occurrences":0,"occurrences_watermark":0,"output_metric_format":"","output_metric_handlers":null,"env_vars":null,"metadata":{},"secrets":null,"is_silenced":false,"scheduler":"","pipelines":[],"fallback_pipeline":{"name":"","type":"","api_version":""}}`,
  );
});

test("R-65, R-66: an event with an id has sorted keys and a UUID text", () => {
  const id = "aabbccdd-0001-0203-0405-060708090a0b";
  const event = decodeJson(Event, `{"timestamp":5,"id":"${id.toUpperCase()}","check":{},"entity":{}}`);
  expect(event.id.length).toBe(16);
  const text = encodeJson(Event, event);
  expect(Object.keys(JSON.parse(text))).toEqual([
    "check",
    "entity",
    "id",
    "metadata",
    "pipelines",
    "sequence",
    "timestamp",
  ]);
  expect(JSON.parse(text).id).toBe(id);
  expect(() => decodeJson(Event, `{"id":"nonsense"}`)).toThrow(CodecError);
  expect(decodeJson(Event, `{"id":null}`).id.length).toBe(0);
  expect(decodeJson(Event, `{"id":""}`).id.length).toBe(0);
});

test("R-50: keys match whatever their case, the last of several wins, unknown ones are ignored", () => {
  expect(decodeJson(CheckConfig, `{"Interval":5,"COMMAND":"x","other":{"a":[1]}}`)).toMatchObject({
    interval: 5,
    command: "x",
  });
  expect(decodeJson(CheckConfig, `{"interval":5,"Interval":6}`).interval).toBe(6);
  expect(decodeJson(CheckConfig, `{"interval":5,"interval":7}`).interval).toBe(7);
});

test.each([
  `{"interval":"5"}`,
  `{"interval":5.0}`,
  `{"interval":5e0}`,
  `{"interval":5.5}`,
  `{"interval":-1}`,
  `{"interval":4294967296}`,
  `{"interval":true}`,
  `{"ttl":9223372036854775808}`,
  `{"command":5}`,
  `{"publish":"yes"}`,
  `{"handlers":"x"}`,
  `{"handlers":[1]}`,
  `{"metadata":[]}`,
  `{"metadata":{"labels":{"a":1}}}`,
  `{"check_hooks":[{"critical":"h"}]}`,
  `[]`,
  `null`,
  `5`,
  ``,
  `{`,
])("R-51: %s is refused", (text) => {
  expect(() => decodeJson(CheckConfig, text)).toThrow(CodecError);
});

test("errors name the field", () => {
  expect(() => decodeJson(Event, `{"check":{"handlers":["a",1]}}`)).toThrow("check.handlers[1]: expected a string");
});

test("R-51: null leaves everything unset", () => {
  const nulls = Object.fromEntries(Object.keys(CheckConfig.fields).map((key) => [key, null]));
  expect(decodeJson(CheckConfig, JSON.stringify(nulls))).toEqual(CheckConfig.create());
  expect(decodeJson(ObjectMeta, `{"labels":{"a":null}}`).labels["a"]).toBe("");
});

test("R-52, R-136: integers are kept to the last digit", () => {
  for (const digits of [
    "1700000000000000001",
    "9007199254740993",
    "-9223372036854775808",
    "9223372036854775807",
    "12",
  ]) {
    const text = `{"name":"","value":0,"timestamp":${digits},"tags":null}`;
    const point = decodeJson(MetricPoint, `{"timestamp":${digits}}`);
    expect(encodeJson(MetricPoint, point)).toContain(`"timestamp":${digits},`);
    expect(stringifyJson(parseJson(text))).toBe(text);
  }
  expect(decodeJson(Check, `{"status":4294967295}`).status).toBe(4294967295);
});

test("R-51: floats may be written any way", () => {
  expect(decodeJson(MetricPoint, `{"value":5.0}`).value).toBe(5);
  expect(decodeJson(MetricPoint, `{"value":5e2}`).value).toBe(500);
  expect(() => decodeJson(MetricPoint, `{"value":1e999}`)).toThrow(CodecError);
});

test("R-56: NaN and infinities have no JSON form", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(() => encodeJson(MetricPoint, MetricPoint.create({ value }))).toThrow(CodecError);
  }
});

test("R-55: Go's escapes and sorted maps", () => {
  expect(stringifyJson(`<a href="x">&\u2028\u2029</a>\u0000\b\f\n\r\t\\b\\f\\`)).toBe(
    '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u2029\\u003c/a\\u003e\\u0000\\u0008\\u000c\\n\\r\\t\\\\b\\\\f\\\\"',
  );
  expect(stringifyJson("\ud800x")).toBe('"\uFFFDx"');
  expect(stringifyJson("\\ud800")).toBe('"\\\\ud800"');
  const labels = ObjectMeta.create({ labels: { b: "1", a: "2", B: "3" } });
  expect(encodeJson(ObjectMeta, labels)).toBe(`{"labels":{"B":"3","a":"2","b":"1"}}`);
  expect(stringifyJson({ a: [1, 2n ** 60n] }, 2)).toBe('{\n  "a": [\n    1,\n    1152921504606846976\n  ]\n}');
});

test("R-74, R-81: hook lists and hook results", () => {
  expect(encodeJson(HookList, HookList.create({ type: "critical", hooks: ["top"] }))).toBe(`{"critical":["top"]}`);
  expect(decodeJson(HookList, `{"critical":["top"]}`)).toEqual(HookList.create({ type: "critical", hooks: ["top"] }));
  expect(encodeJson(HookList, decodeJson(HookList, "{}"))).toBe(`{"":null}`);
  const text = `{"metadata":{"name":"h"},"command":"top","timeout":5,"stdin":false,"runtime_assets":null,"executed":1,"issued":2,"output":"o","status":0}`;
  expect(encodeJson(Hook, decodeJson(Hook, text))).toBe(text);
});

test("R-67: a definition fills the references of its pipelines", () => {
  const check = decodeJson(CheckConfig, `{"pipelines":[{"name":"p"}]}`);
  expect(toTree(CheckConfig, check)["pipelines"]).toEqual([{ name: "p", type: "Pipeline", api_version: "core/v2" }]);
});

test("R-48: entities are redacted wherever they are shown, but not where the program keeps them", () => {
  const entity = decodeJson(Entity, `{"metadata":{"labels":{"api_key":"zzz","az":"b"}}}`);
  expect(encodeJson(Entity, entity)).toContain(`"labels":{"api_key":"REDACTED","az":"b"}`);
  expect(encodeJson(Event, Event.create({ entity }))).not.toContain("zzz");
  expect(encodeJson(Event, Event.create({ entity }), { redact: false })).toContain("zzz");
  expect(entity.metadata.labels["api_key"]).toBe("zzz");
});

test("__proto__ is a key like any other", () => {
  const parsed = parseJson(`{"__proto__":{"a":1},"x":9007199254740993}`);
  expect(Object.keys(parsed as object)).toEqual(["__proto__", "x"]);
  expect(({} as { a?: number }).a).toBeUndefined();
  const map = decodeJson(ObjectMeta, `{"labels":{"__proto__":"v"}}`);
  expect(encodeJson(ObjectMeta, map)).toBe(`{"labels":{"__proto__":"v"}}`);
  expect(decodeJson(ObjectMeta, `{"constructor":{},"toString":1}`)).toEqual(ObjectMeta.create());
});

test("deep nesting is refused, brackets in texts are not nesting", () => {
  expect(() => parseJson("[".repeat(100_000))).toThrow(CodecError);
  expect(() => parseJson(`${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`)).toThrow(CodecError);
  expect(parseJson(JSON.stringify("[".repeat(5000)))).toBe("[".repeat(5000));
  expect(parseJson(JSON.stringify(Array.from({ length: 5000 }, () => [])))).toHaveLength(5000);
});

test("bytes are standard base64", () => {
  expect(fromTree(Event, { ID: "AAEC" }).id).toEqual(new Uint8Array([0, 1, 2]));
  for (const bad of ["AAE", "AA-_", "A===", 5]) expect(() => fromTree(Event, { ID: bad })).toThrow(CodecError);
});
