/** GlobalConfig: how the web page is to look and what it reminds of (R-116, U-240). */
import { parseJson, stringifyJson } from "../codec/json-text.ts";
import { embedded, type Infer, type Json, type JsonObject, message, str } from "../codec/schema.ts";
import { ObjectMeta } from "./meta.ts";

/** Every key of the spec is kept and returned, known or not (U-254): `spec` holds them all as one JSON text. */
export const GlobalConfig = message(
  "GlobalConfig",
  { metadata: embedded(1, "A", () => ObjectMeta), spec: str(2, "O") },
  {
    toJson: (value, { metadata = null }) => ({ ...specOf(value.spec), metadata }),
    fromJson(tree) {
      const entries = Object.entries(tree);
      const isMetadata = ([key]: readonly [string, Json]) => key.toLowerCase() === "metadata";
      const [, metadata = null] = entries.findLast(isMetadata) ?? [];
      const spec = Object.fromEntries(entries.filter((entry) => !isMetadata(entry)));
      return { metadata, spec: stringifyJson(spec) };
    },
  },
);
export interface GlobalConfig extends Infer<typeof GlobalConfig> {}

/** Its keys; empty for a text that is no object, which only damage makes. */
export function specOf(text: string): JsonObject {
  try {
    const spec = parseJson(text);
    return typeof spec === "object" && spec !== null && !Array.isArray(spec) ? (spec as JsonObject) : {};
  } catch {
    return {};
  }
}
