import { expect, test } from "vitest";
import type { MessageType } from "../codec/schema.ts";
import * as types from "../types/mod.ts";
import { RESOURCE_TYPES, resourceByShortName, resourceOf, resourceType, storeKey } from "./registry.ts";

/** Messages with metadata that are parts of others, or requests: never stored by themselves. */
const PARTS = new Set(["Check", "Hook", "AdhocRequest"]);
const WITHOUT_METADATA = ["Namespace", "User", "TessenConfig"];

test("every type with metadata has a row", () => {
  const messages = (Object.values(types) as unknown[]).filter(
    (value): value is MessageType<unknown> => typeof value === "object" && value !== null && "fields" in value,
  );
  const wanted = messages.filter((message) => "metadata" in message.fields && !PARTS.has(message.name));
  const names = [...wanted.map((message) => message.name), ...WITHOUT_METADATA];
  expect(RESOURCE_TYPES.map((type) => type.name).sort()).toEqual([...new Set(names)].sort());
  for (const message of wanted) expect(resourceOf(message).message).toBe(message);
});

test("R-14: order", () => {
  expect(RESOURCE_TYPES.map((type) => type.name).join(" ")).toBe(
    "FallbackPipeline GlobalConfig Namespace ClusterRole ClusterRoleBinding User APIKey TessenConfig Asset CheckConfig Entity Event EventFilter Handler HookConfig Mutator Pipeline Role RoleBinding Silenced EntityConfig EntityState",
  );
});

test("R-10: aliases", () => {
  expect(RESOURCE_TYPES.map((type) => type.alias).join(" ")).toBe(
    "fallback_pipeline global_config namespace cluster_role cluster_role_binding user api_key tessen_config asset check_config entity event event_filter handler hook_config mutator pipeline role role_binding silenced entity_config entity_state",
  );
});

test.each([
  ["checks", "CheckConfig"],
  ["check", "CheckConfig"],
  ["check_config", "CheckConfig"],
  ["CheckConfig", "CheckConfig"],
  ["core/v2.CheckConfig", "CheckConfig"],
  ["core/v3.EntityConfig", "EntityConfig"],
  ["core/v3.entity-config", "EntityConfig"],
  ["entities", "Entity"],
  ["filter", "EventFilter"],
  ["filters", "EventFilter"],
  ["event_filter", "EventFilter"],
  ["cluster-role", "ClusterRole"],
  ["cluster_role_binding", "ClusterRoleBinding"],
  ["role-binding", "RoleBinding"],
  ["api-key", "APIKey"],
])("R-16: %s is %s", (word, name) => {
  expect(resourceByShortName(word)?.name).toBe(name);
});

test("R-23: versions of api groups; unknown types are undefined", () => {
  expect(resourceType("core/v2.3.1", "asset")?.name).toBe("Asset");
  expect(resourceType("", "Asset")?.name).toBe("Asset");
  expect(resourceType("core/v3", "Asset")).toBeUndefined();
  expect(resourceByShortName("toString")).toBeUndefined();
});

test("R-19: store keys", () => {
  const key = (name: string, namespace: string, own?: string) =>
    storeKey(resourceType("core/v2", name) as never, namespace, own);
  expect(key("CheckConfig", "default", "c1")).toBe("/sensu.io/checks/default/c1");
  expect(key("CheckConfig", "default")).toBe("/sensu.io/checks/default/");
  expect(key("CheckConfig", "")).toBe("/sensu.io/checks/");
  expect(key("EventFilter", "d", "f")).toBe("/sensu.io/event-filters/d/f");
  expect(key("Role", "d", "r")).toBe("/sensu.io/rbac/roles/d/r");
  expect(key("ClusterRole", "", "r")).toBe("/sensu.io/rbac/clusterroles/r");
  expect(key("Entity", "d", "e")).toBe("/sensu.io/entity_configs/d/e");
  expect(key("TessenConfig", "", "")).toBe("/sensu.io/tessen");
});

test("identity is read and set where each type keeps it", () => {
  for (const type of RESOURCE_TYPES) {
    const namespace = type.scope === "cluster" ? "" : "ns";
    const name = type.name === "Event" ? "e/c" : type.name === "TessenConfig" ? "" : "n";
    const value = type.withId(type.message.create(), { namespace, name });
    expect(type.id(value), type.name).toEqual({ namespace, name });
    expect(type.withCreatedBy(value, "bob")).toBeTypeOf("object");
  }
  const event = resourceOf(types.Event).withCreatedBy(
    types.Event.create({ entity: types.Entity.create(), check: types.Check.create() }),
    "bob",
  );
  expect([event.metadata, event.entity?.metadata, event.check?.metadata].map((meta) => meta?.created_by)).toEqual([
    "bob",
    "bob",
    "bob",
  ]);
});

test("R-125, R-126: fields of an event", () => {
  const event = types.Event.create({
    entity: types.Entity.create({ metadata: types.ObjectMeta.create({ name: "e", labels: { a: "entity", b: "x" } }) }),
    check: types.Check.create({
      silenced: ["entity:e:*"],
      metadata: types.ObjectMeta.create({ name: "c", labels: { a: "check" } }),
    }),
  });
  const row = resourceOf(types.Event);
  expect(row.selectorFields(event)).toMatchObject({
    is_silenced: "true",
    "check.is_silenced": "true",
    "check.name": "c",
  });
  expect(row.labels(event)).toEqual({ a: "check", b: "x" });
});

test("S-382: a selector learns nothing of what is redacted", () => {
  const metadata = types.ObjectMeta.create({ name: "e", labels: { "API-Key": "k1", region: "eu" } });
  const shown = { "API-Key": "REDACTED", region: "eu" };
  const entity = types.Entity.create({ metadata });
  expect(resourceOf(types.Entity).labels(entity)).toEqual(shown);
  expect(resourceOf(types.EntityConfig).labels(types.EntityConfig.create({ metadata }))).toEqual(shown);
  expect(resourceOf(types.Event).labels(types.Event.create({ entity }))).toEqual(shown);
  const listed = types.Entity.create({ metadata, redact: ["region"] });
  expect(resourceOf(types.Entity).labels(listed)).toEqual({ "API-Key": "k1", region: "REDACTED" });
  // Checks have nothing to redact (S-384).
  expect(resourceOf(types.CheckConfig).labels(types.CheckConfig.create({ metadata }))).toEqual(metadata.labels);
});
