import type { Json, JsonObject } from "@sensu-ts/core";

/**
 * RFC 7396: objects merge key by key, null removes, everything else replaces. Keys match without regard to case, as
 * everywhere in Sensu's JSON, so that `{"Interval": 30}` changes `interval`.
 */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [given, value] of Object.entries(patch)) {
    const key = Object.hasOwn(merged, given) ? given : (sameKey(merged, given) ?? given);
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key] ?? null, value);
  }
  return merged;
}

function sameKey(object: JsonObject, given: string): string | undefined {
  const wanted = given.toLowerCase();
  return Object.keys(object).find((key) => key.toLowerCase() === wanted);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
