/** JSON of message types by their field tables: R-50 to R-57 and the presence codes R-5. */
import { CodecError } from "./error.ts";
import { Fraction, parseJsonExact } from "./json-text.ts";
import { messageOf, REDACTING, shownFields } from "./json-tree.ts";
import { writeJson } from "./json-writer.ts";
import type { Field, Json, JsonObject, JsonOptions, MessageType, ScalarKind } from "./schema.ts";

export { toTree } from "./json-tree.ts";

type Values = Record<string, unknown>;

/** By exact key and by lower-case key. */
type ByName = ReadonlyMap<string, readonly [key: string, field: Field]>;

const names = new WeakMap<MessageType<unknown>, ByName>();

function namesOf(type: MessageType<unknown>): ByName {
  let byName = names.get(type);
  if (byName === undefined) {
    const ordered = shownFields(type);
    byName = new Map([
      ...ordered.map((entry) => [entry[0].toLowerCase(), entry] as const),
      ...ordered.map((entry) => [entry[0], entry] as const),
    ]);
    names.set(type, byName);
  }
  return byName;
}

/** As {@link toTree}, in text. */
export function encodeJson<T>(type: MessageType<T>, value: T, options: JsonOptions = REDACTING): string {
  return writeJson(type as MessageType<unknown>, value, options);
}

/** Throws `CodecError` that names the field. Unknown keys are ignored. */
export function fromTree<T>(type: MessageType<T>, json: JsonObject): T {
  return read(type as MessageType<unknown>, json, "") as T;
}

/** Throws `CodecError` for text that is no JSON object or does not fit the type. */
export function decodeJson<T>(type: MessageType<T>, text: string | Uint8Array): T {
  return read(type as MessageType<unknown>, parseJsonExact(text), "") as T;
}

function kindOf(json: unknown): string {
  if (json === null) return "null";
  if (Array.isArray(json)) return "array";
  if (json instanceof Fraction || typeof json === "bigint") return "number";
  return typeof json;
}

function mismatch(path: string, wanted: string, json: unknown): CodecError {
  const found = kindOf(json);
  const shown = found === "number" ? `number ${json instanceof Fraction ? json.value : json}` : found;
  return new CodecError(`${path === "" ? "" : `${path}: `}expected ${wanted}, found ${shown}`);
}

function isObject(json: unknown): json is JsonObject {
  return kindOf(json) === "object";
}

function read(type: MessageType<unknown>, json: unknown, path: string): unknown {
  if (!isObject(json)) throw mismatch(path, "an object", json);
  const byName = namesOf(type);
  const given = type.fromJson === undefined ? json : readHook(type.fromJson, json, path);
  const value = type.create() as Values;
  for (const name of Object.keys(given)) {
    const entry = byName.get(name) ?? byName.get(name.toLowerCase());
    if (entry === undefined) continue;
    const item = given[name];
    if (item === null || item === undefined) continue;
    const [key, field] = entry;
    value[key] = readField(field, item, path === "" ? key : `${path}.${key}`);
  }
  return value;
}

function readHook(hook: (json: JsonObject) => JsonObject, json: JsonObject, path: string): JsonObject {
  try {
    return hook(json);
  } catch (error) {
    throw new CodecError(`${path === "" ? "" : `${path}: `}${(error as Error).message}`, { cause: error });
  }
}

function readField(field: Field, json: unknown, path: string): unknown {
  switch (field.shape) {
    case "scalar":
      return readScalar(field.scalar as ScalarKind, json, path);
    case "list":
      return readList(json, path, (item, at) => (item === null ? "" : readScalar("str", item, at)));
    case "map":
      return readMap(json, path, (item, at) => (item === null ? "" : readScalar("str", item, at)));
    case "message":
      return read(messageOf(field), json, path);
    case "messages": {
      const type = messageOf(field);
      return readList(json, path, (item, at) => (item === null ? type.create() : read(type, item, at)));
    }
    case "messageMap": {
      const type = messageOf(field);
      return readMap(json, path, (item, at) => (item === null ? type.create() : read(type, item, at)));
    }
  }
}

function readList(json: unknown, path: string, item: (json: unknown, path: string) => unknown): unknown[] {
  if (!Array.isArray(json)) throw mismatch(path, "an array", json);
  return json.map((value, at) => item(value, `${path}[${at}]`));
}

function readMap(json: unknown, path: string, item: (json: unknown, path: string) => unknown): Values {
  if (!isObject(json)) throw mismatch(path, "an object", json);
  const map: Values = Object.create(null);
  for (const key of Object.keys(json)) map[key.toWellFormed()] = item(json[key], `${path}.${key}`);
  return map;
}

const INTEGERS = {
  u32: [0, 2 ** 32 - 1, "an unsigned 32-bit integer"],
  i32: [-(2 ** 31), 2 ** 31 - 1, "a 32-bit integer"],
  i64: [-(2n ** 63n), 2n ** 63n - 1n, "a 64-bit integer"],
} as const;

function readScalar(kind: ScalarKind, json: unknown, path: string): unknown {
  switch (kind) {
    case "str":
      if (typeof json !== "string") throw mismatch(path, "a string", json);
      return json.isWellFormed() ? json : json.toWellFormed();
    case "bool":
      if (typeof json !== "boolean") throw mismatch(path, "a boolean", json);
      return json;
    case "bytes":
      return readBase64(json, path);
    case "f64": {
      if (json instanceof Fraction) return json.value;
      if (typeof json === "bigint") return Number(json);
      if (typeof json !== "number") throw mismatch(path, "a number", json);
      return json;
    }
    default: {
      const [min, max, wanted] = INTEGERS[kind];
      const whole = typeof json === "bigint" || Number.isInteger(json);
      if (!whole || (json as number) < min || (json as number) > max) throw mismatch(path, wanted, json);
      // A float beyond 2^53 has lost digits already; only the tree's bigint is exact. Adding 0 turns -0 into 0.
      if (typeof json === "bigint") return json;
      if (!Number.isSafeInteger(json)) throw mismatch(path, wanted, json);
      return (json as number) + 0;
    }
  }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function readBase64(json: unknown, path: string): Uint8Array {
  if (typeof json !== "string") throw mismatch(path, "a base64 string", json);
  const text = json.replace(/[\r\n]/g, "");
  if (text.length % 4 !== 0 || !BASE64.test(text)) throw new CodecError(`${path}: invalid base64`);
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch (cause) {
    throw new CodecError(`${path}: invalid base64`, { cause });
  }
}

/** The first key, in any depth, that the type does not know (R-32). */
export function unknownField(type: MessageType<unknown>, json: JsonObject): string | undefined {
  const byName = namesOf(type);
  const given = type.fromJson === undefined ? json : readHook(type.fromJson, json, "");
  for (const [name, item] of Object.entries(given)) {
    const entry = byName.get(name) ?? byName.get(name.toLowerCase());
    if (entry === undefined) return name;
    const [, field] = entry;
    if (field.message === undefined || item === null) continue;
    const parts = field.shape === "message" ? [item] : Object.values(item as JsonObject | readonly Json[]);
    for (const part of parts) {
      const unknown = isObject(part) ? unknownField(messageOf(field), part) : undefined;
      if (unknown !== undefined) return unknown;
    }
  }
  return undefined;
}
