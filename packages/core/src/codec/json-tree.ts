/** The JSON form of values as a tree, for what looks at it or changes it: and the presence codes R-5. */
import { CodecError } from "./error.ts";
import type { Field, Json, JsonOptions, MessageType } from "./schema.ts";

type Values = Record<string, unknown>;
type Ordered = readonly (readonly [key: string, field: Field])[];

const orders = new WeakMap<MessageType<unknown>, Ordered>();
export const REDACTING: JsonOptions = { redact: true };

/** Fields that JSON shows, in their order. */
export function shownFields(type: MessageType<unknown>): Ordered {
  let ordered = orders.get(type);
  if (ordered === undefined) {
    ordered = Object.entries(type.fields)
      .filter(([, field]) => field.presence !== "-")
      .sort(([, a], [, b]) => a.no - b.no);
    orders.set(type, ordered);
  }
  return ordered;
}

export function messageOf(field: Field): MessageType<unknown> {
  return (field.message as () => MessageType<unknown>)();
}

/**
 * The JSON form, keys in their order. Throws `CodecError` for NaN and infinities. Entities are redacted unless
 * `redact` is false, which only what stays inside the program may ask for (stored files, merge patches).
 */
export function toTree<T>(
  type: MessageType<T>,
  value: T,
  options: JsonOptions = REDACTING,
  path = type.name,
): Record<string, Json> {
  return tree(type as MessageType<unknown>, value as Values, options, path) as Record<string, Json>;
}

function tree(type: MessageType<unknown>, value: Values, options: JsonOptions, path: string): Json {
  const result: Record<string, Json> = {};
  const ordered = shownFields(type);
  for (let i = 0; i < ordered.length; i++) {
    const [key, field] = ordered[i] as readonly [string, Field];
    const json = fieldTree(field, value[key], options, path, key);
    if (json !== undefined) result[key] = json;
  }
  return type.toJson === undefined ? result : type.toJson(value, result, options);
}

function fieldTree(field: Field, value: unknown, options: JsonOptions, path: string, key: string): Json | undefined {
  switch (field.shape) {
    case "scalar":
      return scalarTree(field, value, path, key);
    case "list": {
      const list = value as readonly Json[];
      return list === undefined || list.length === 0 ? unset(field) : list;
    }
    case "messages": {
      const list = value as readonly Values[];
      if (list === undefined || list.length === 0) return unset(field);
      const type = messageOf(field);
      const at = `${path}.${key}`;
      return list.map((item) => tree(type, item, options, at));
    }
    case "map":
      return mapTree(field, value as Values, (item) => item as Json);
    case "messageMap": {
      const type = messageOf(field);
      return mapTree(field, value as Values, (item) => tree(type, item as Values, options, `${path}.${key}`));
    }
    case "message": {
      if (value !== undefined && value !== null) return tree(messageOf(field), value as Values, options, key);
      // A message that is always shown stands there with its zero values (R-67, fallback_pipeline of Check).
      if (field.presence === "A") return tree(messageOf(field), messageOf(field).create() as Values, options, key);
      return unset(field);
    }
  }
}

/** JSON of an empty list or map, or of an absent message. */
function unset(field: Field): Json | undefined {
  if (field.presence === "O") return undefined;
  return field.presence === "L" ? [] : null;
}

function scalarTree(field: Field, value: unknown, path: string, key: string): Json | undefined {
  const { presence, scalar } = field;
  if (scalar === "bytes") {
    const bytes = value as Uint8Array | undefined;
    return bytes === undefined || bytes.length === 0 ? unset(field) : toBase64(bytes);
  }
  if (value === undefined || value === "" || value === 0 || value === false || value === 0n) {
    if (presence === "O") return undefined;
    if (presence === "N") return null;
    return scalar === "str" ? "" : scalar === "bool" ? false : 0;
  }
  if (scalar === "f64" && !Number.isFinite(value)) throw new CodecError(`${path}.${key}: ${value} has no JSON form`);
  return value as Json;
}

/** Keys sorted. */
function mapTree(field: Field, map: Values | undefined, item: (value: unknown) => Json): Json | undefined {
  const keys = map === undefined ? [] : Object.keys(map);
  if (keys.length === 0) return unset(field);
  // Without a prototype `__proto__` is a key like any other.
  const result: Record<string, Json> = Object.create(null);
  for (const key of keys.sort()) result[key] = item((map as Values)[key]);
  return result;
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}
