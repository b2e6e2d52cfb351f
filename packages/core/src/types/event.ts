/** Event. */
import {
  bytes,
  embedded,
  type Infer,
  i64,
  type Json,
  type JsonObject,
  message,
  messages,
  optional,
} from "../codec/schema.ts";
import { Check } from "./check.ts";
import { Entity } from "./entity.ts";
import { ObjectMeta } from "./meta.ts";
import { Metrics, ResourceReference } from "./shared.ts";
import { formatUuid, parseUuid } from "./uuid.ts";

export const Event = message(
  "Event",
  {
    timestamp: i64(1, "O"),
    entity: optional(2, "O", () => Entity),
    check: optional(3, "O", () => Check),
    metrics: optional(4, "O", () => Metrics),
    metadata: embedded(5, "A", () => ObjectMeta),
    /** 16 raw bytes, or empty when there is none; a UUID text in JSON. */
    id: bytes(6, "N"),
    sequence: i64(7, "A"),
    pipelines: messages(8, "N", () => ResourceReference),
    fallback_pipeline: optional(9, "O", () => ResourceReference),
  },
  {
    /** an event with an id is written with byte-sorted keys, one without in table order. */
    toJson(value, tree) {
      if (value.id.length === 0) return tree;
      const sorted: Record<string, Json> = {};
      for (const key of Object.keys(tree).sort()) sorted[key] = tree[key] as Json;
      sorted["id"] = formatUuid(value.id);
      return sorted;
    },
    jsonText(value, textOf) {
      if (value.id.length === 0) return undefined;
      let text = "";
      for (const key of SORTED_KEYS) {
        const part = key === "id" ? `"${formatUuid(value.id)}"` : textOf(key);
        if (part !== undefined) text += `${text === "" ? "" : ","}"${key}":${part}`;
      }
      return `{${text}}`;
    },
    /** only the exact key `id` takes the UUID form. The table then wants base64. */
    fromJson(tree): JsonObject {
      const id = tree["id"];
      if (typeof id !== "string") return tree;
      return { ...tree, id: btoa(String.fromCharCode(...parseUuid(id))) };
    },
  },
);
const SORTED_KEYS: readonly string[] = Object.keys(Event.fields).sort();

export interface Event extends Infer<typeof Event> {}
