import { expect, test } from "vitest";
import { stringifyJson } from "../codec/json-text.ts";
import { stringifyYaml } from "../codec/yaml-writer.ts";
import * as types from "../types/mod.ts";
import { unwrap, wrap } from "./envelope.ts";
import { parseResources, splitDocuments } from "./parse.ts";
import { RESOURCE_TYPES, resourceOf } from "./registry.ts";

const check = types.CheckConfig.create({
  command: "true",
  interval: 10,
  metadata: types.ObjectMeta.create({ name: "c", namespace: "d", labels: { a: "1" } }),
});

test("R-20: four keys in order, spec sorted and without metadata", () => {
  const tree = wrap(resourceOf(types.CheckConfig), check);
  expect(Object.keys(tree)).toEqual(["type", "api_version", "metadata", "spec"]);
  const keys = Object.keys(tree["spec"] as object);
  expect(keys).toEqual([...keys].sort());
  expect(keys).not.toContain("metadata");
  expect(stringifyJson(tree)).toContain(`"metadata":{"name":"c","namespace":"d","labels":{"a":"1"}}`);
});

test("R-22: namespaces, users and Tessen have made-up metadata", () => {
  const namespace = wrap(resourceOf(types.Namespace), types.Namespace.create({ name: "x" }));
  expect(namespace).toMatchObject({ metadata: { name: "x" }, spec: { name: "x" } });
  expect(stringifyJson(wrap(resourceOf(types.User), types.User.create({ username: "u" })))).toBe(
    `{"type":"User","api_version":"core/v2","metadata":{"name":"u"},"spec":{"disabled":false,"username":"u"}}`,
  );
  expect(wrap(resourceOf(types.TessenConfig), types.TessenConfig.create())["metadata"]).toEqual({});
});

test("every type survives wrapping as JSON and YAML", () => {
  for (const type of RESOURCE_TYPES) {
    const namespace = type.scope === "cluster" ? "" : "ns";
    const value = type.withId(type.message.create(), { namespace, name: type.name === "Event" ? "e/c" : "n" });
    const tree = wrap(type, value);
    for (const text of [stringifyJson(tree), stringifyYaml(tree)]) {
      const { resources, errors, warnings } = parseResources(text);
      expect(errors).toEqual([]);
      expect(warnings).toEqual([]);
      expect(wrap(type, resources[0]?.value)).toEqual(tree);
    }
  }
});

test("R-23: api_version may lack or carry a version; the three errors differ", () => {
  const spec = { interval: 1 };
  expect(unwrap({ type: "check_config", spec }).type.name).toBe("CheckConfig");
  expect(unwrap({ type: "CheckConfig", api_version: "core/v2.3.1", spec }).type.name).toBe("CheckConfig");
  expect(() => unwrap({ type: "X", api_version: "nope/v1", spec })).toThrow(
    "api group nope/v1 has not been registered",
  );
  expect(() => unwrap({ type: "X", spec })).toThrow('error parsing spec: api not found: "X"');
  expect(() => unwrap({ type: "CheckConfig", spec: null })).toThrow("no spec provided");
  expect(() => unwrap({ type: "CheckConfig" })).toThrow("no spec provided");
});

test("R-24: outer metadata wins, maps are united", () => {
  const metadata = { name: "out", labels: { a: "out", b: "out" } };
  const inner = { name: "in", namespace: "in", labels: { a: "in", c: "in" } };
  const { value } = unwrap({ type: "CheckConfig", metadata, spec: { metadata: inner } });
  expect((value as types.CheckConfig).metadata).toMatchObject({
    name: "out",
    namespace: "in",
    labels: { a: "out", b: "out", c: "in" },
  });
});

test("R-25: names of namespaces come from the spec, those of users from the metadata if it has one", () => {
  expect(unwrap({ type: "Namespace", metadata: { name: "x" }, spec: { name: "y" } }).value).toMatchObject({
    name: "y",
  });
  expect(unwrap({ type: "User", metadata: { name: "x" }, spec: { username: "y" } }).value).toMatchObject({
    username: "x",
  });
  expect(unwrap({ type: "User", spec: { username: "y" } }).value).toMatchObject({ username: "y" });
});

test("R-29, R-30, R-183: a stream of YAML and JSON", () => {
  const text = `type: Namespace
spec:
  name: team-x
---
--- # nothing between
type: Asset
api_version: core/v2
metadata: {name: "org/tool:1.2", namespace: team-x}
spec: {url: "http://x", sha512: "ab"}
---
# only a comment
---
{"type":"Handler","metadata":{"name":"a}\\"{"},"spec":{"type":"set"}}{"type":"Handler","metadata":{"name":"b"},"spec":{"type":"set"}}
{"type":"Handler","metadata":{"name":"c"},"spec":{"type":"set"}}
`;
  const { resources, errors, warnings } = parseResources(text);
  expect(errors).toEqual([]);
  expect(warnings).toEqual([]);
  expect(resources.map(({ type, value }) => `${type.name} ${type.id(value).name}`)).toEqual([
    "Namespace team-x",
    "Asset org/tool:1.2",
    'Handler a}"{',
    "Handler b",
    "Handler c",
  ]);
  expect(splitDocuments("a\n---\r\nb\n---")).toEqual(["a\n", "b\n"]);
});

test("C-140: a missing spec beside members of it tells of lost indentation and where", () => {
  const copied = "type: CheckConfig\nmetadata:\nname: expired_certs\nspec:\ncommand: x\n";
  expect(parseResources(`type: Namespace\nspec: {name: a}\n--- # next\n\n${copied}`).errors).toEqual([
    'resource 1: no spec provided; "name" in line 7 looks like a member of metadata or spec: is the indentation lost?',
  ]);
  expect(parseResources("type: CheckConfig\nmetadata:\n  name: a\n").errors).toEqual(["resource 0: no spec provided"]);
});

test("R-32: errors do not stop the parse and are limited; unknown keys warn", () => {
  const good = "type: HookConfig\nspec: {command: x, colour: red}\n";
  const bad = "type: HookConfig\nspec: {timeout: a}\n";
  const result = parseResources([bad, good, bad].join("---\n"));
  expect(result.errors).toEqual([
    "resource 0: timeout: expected an unsigned 32-bit integer, found string",
    "resource 1: timeout: expected an unsigned 32-bit integer, found string",
  ]);
  expect(result.resources).toHaveLength(1);
  expect(result.warnings).toEqual(['resource 0: warning: json: unknown field "colour"']);
  expect(parseResources(Array(50).fill(bad).join("---\n")).errors).toHaveLength(50);
  const json = '{"type":"HookConfig","spec":{"timeout":"a"}}';
  expect(parseResources(json.repeat(50)).errors).toHaveLength(11);
  expect(parseResources(`${json.repeat(50)}\n---\n${bad}`).errors.at(-1)).toBe("too many errors");
});

test("an error of the parser is one line, and its number counts from the top of the text", () => {
  expect(parseResources("---\ntype: Namespace\nspec: {name: a}\n---\n\ntype: [\n").errors).toEqual([
    expect.stringMatching(/^resource 1: invalid YAML: Flow sequence .* at line 7, column 1$/),
  ]);
  expect(parseResources('{"type":"Namespace","spec":{"name":"a"}},\n{}').errors).toEqual([
    expect.stringMatching(/^resource 1: invalid JSON: [^\n]*$/),
  ]);
});

test.each([
  "[]",
  '[{"type":"Namespace","spec":{"name":"a"}}]',
  '{"type":"Namespace","spec":{"name":"a"}},{"x":1}',
  "{",
  "just text",
  "5",
  '{"type":5,"spec":{}}',
  '{"type":"Namespace","spec":[]}',
  '{"type":"Namespace","spec":{},"metadata":5}',
])("%j is an error", (text) => {
  expect(parseResources(text).errors.length).toBeGreaterThan(0);
});

test("R-33: files do not set subdue and when", () => {
  const spec = { subdue: { days: {} }, when: { days: {} }, expressions: ["true"] };
  const read = (type: string) => parseResources(JSON.stringify({ type, spec })).resources[0]?.value;
  expect(read("CheckConfig")).toMatchObject({ subdue: undefined });
  expect(read("EventFilter")).toMatchObject({ when: undefined, expressions: ["true"] });
});

test("R-48: wrapped entities are redacted unless asked otherwise", () => {
  const entity = types.Entity.create({ metadata: types.ObjectMeta.create({ name: "e", labels: { secret: "zzz" } }) });
  expect(stringifyJson(wrap(resourceOf(types.Entity), entity))).not.toContain("zzz");
  expect(stringifyJson(wrap(resourceOf(types.Entity), entity, { redact: false }))).toContain("zzz");
});
