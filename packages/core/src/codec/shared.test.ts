import { expect, test } from "vitest";
import { Entity, System } from "../types/mod.ts";
import { decodeProto, encodeProto } from "./protobuf.ts";
import { sharing } from "./shared.ts";

function entity(given: Partial<Entity> = {}): Entity {
  return Entity.create({
    entity_class: "agent",
    subscriptions: ["linux", "entity:a"],
    system: System.create({
      hostname: "a",
      network: { interfaces: [{ name: "eth0", mac: "02:00:00:00:00:01", addresses: ["192.0.2.1/24"] }] },
    }),
    metadata: { name: "a", namespace: "default", labels: { tier: "web" }, annotations: {}, created_by: "" },
    ...given,
  });
}
const decoded = (given?: Partial<Entity>) => decodeProto(Entity, encodeProto(Entity, entity(given)));

test("what is equal in all is the known one", () => {
  const known = decoded();
  expect(sharing(decoded(), known)).toBe(known);
});

test.each<[string, Partial<Entity>, readonly (keyof Entity)[]]>([
  ["a number", { last_seen: 7 }, ["system", "subscriptions", "metadata"]],
  ["one element more", { subscriptions: ["linux", "entity:a", "new"] }, ["system", "metadata"]],
  ["one element less", { subscriptions: ["linux"] }, ["system", "metadata"]],
  ["no element", { subscriptions: [] }, ["system", "metadata"]],
  ["another label", { metadata: { ...entity().metadata, labels: { rack: "web" } } }, ["system", "subscriptions"]],
  ["a label less", { metadata: { ...entity().metadata, labels: {} } }, ["system", "subscriptions"]],
  ["other bytes", { extended_attributes: Uint8Array.of(1) }, ["system", "subscriptions", "metadata"]],
  ["an absent part", { system: System.create() }, ["subscriptions", "metadata"]],
])("where %s differs, the rest is shared and the value stays what it was", (_what, given, shared) => {
  const known = decoded();
  const value = sharing(decoded(given), known);
  expect(value).toEqual(decoded(given));
  expect(known).toEqual(decoded());
  for (const key of shared) expect(value[key], String(key)).toBe(known[key]);
});

test("deep parts are shared beside what differs", () => {
  const known = decoded();
  const value = sharing(decoded({ system: System.create({ ...entity().system, hostname: "b" }) }), known);
  expect(value.system.hostname).toBe("b");
  expect(value.system.network).toBe(known.system.network);
});

test("equal bytes are one array, equal values of other kinds are not", () => {
  const known = { bytes: Uint8Array.of(1, 2), list: ["x"] as unknown, big: 2n ** 60n };
  const value = sharing({ bytes: Uint8Array.of(1, 2), list: { 0: "x" } as unknown, big: 2n ** 60n }, known);
  expect(value.bytes).toBe(known.bytes);
  expect(value.list).toEqual({ 0: "x" });
});

test("a frozen part is left alone", () => {
  const part = (more: number): Readonly<{ name: string; more: number }> => ({ name: "aa", more });
  expect(sharing({ part: Object.freeze(part(1)) }, { part: part(2) })).toEqual({ part: { name: "aa", more: 1 } });
});

test("fields of a newer peer, which go by a symbol, count", () => {
  const newer = Symbol("newer");
  const known = { part: { name: "a", [newer]: [Uint8Array.of(1)] } };
  const value = { part: { name: "a", [newer]: [Uint8Array.of(2)] } };
  expect(sharing(value, known).part[newer]).toEqual([Uint8Array.of(2)]);
});
