import { type Json, type JsonObject, type ResourceType, toTree } from "@sensu-ts/core";

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const o = value as JsonObject;
  return Object.fromEntries(
    Object.keys(o)
      .sort()
      .map((k) => [k, sorted(o[k] as Json)]),
  );
}
export function wrap<T>(type: ResourceType<T>, value: T): JsonObject {
  const { metadata, ...spec } = toTree(type.message, value);
  const { name } = type.id(value);
  return {
    type: type.name,
    api_version: type.apiVersion,
    metadata: metadata ?? (name === "" ? {} : { name }),
    spec: sorted(spec),
  };
}
export function yamlDocument(_: Json): string {
  return "YAML\n";
}
