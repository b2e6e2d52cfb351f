/** JSON of message types by their field tables: R-50 to R-57 and the presence codes R-5. */
import { CodecError } from "./error.ts";
import { Fraction, parseJsonExact, stringifyJson } from "./json-text.ts";
import type { Field, Json, JsonObject, JsonOptions, MessageType, ScalarKind } from "./schema.ts";

type Values = Record<string, unknown>;

interface Codec {
  readonly ordered: readonly (readonly [key: string, field: Field])[];
  /** By exact key and by lower-case key. */
  readonly byName: ReadonlyMap<string, readonly [key: string, field: Field]>;
}

const codecs = new WeakMap<MessageType<unknown>, Codec>();
const REDACTING: JsonOptions = { redact: true };

function codecOf(type: MessageType<unknown>): Codec {
  let codec = codecs.get(type);
  if (codec === undefined) {
    const shown = Object.entries(type.fields).filter(([, field]) => field.presence !== "-");
    const ordered = shown.sort(([, a], [, b]) => a.no - b.no);
    const byName = new Map(ordered.map((entry) => [entry[0].toLowerCase(), entry]));
    for (const entry of ordered) byName.set(entry[0], entry);
    codec = { ordered, byName };
    codecs.set(type, codec);
  }
  return codec;
}

function messageOf(field: Field): MessageType<unknown> {
  return (field.message as () => MessageType<unknown>)();
}

/**
 * The JSON form, keys in their order. Throws `CodecError` for NaN and infinities. Entities are redacted unless
 * `redact` is false, which only what stays inside the program may ask for (stored files, merge patches).
 */
export function toTree<T>(type: MessageType<T>, value: T, options: JsonOptions = REDACTING): Record<string, Json> {
  return tree(type as MessageType<unknown>, value as Values, options, type.name) as Record<string, Json>;
}

export function encodeJson<T>(type: MessageType<T>, value: T, options: JsonOptions = REDACTING): string {
  return stringifyJson(toTree(type, value, options));
}

/** Throws `CodecError` that names the field. Unknown keys are ignored. */
export function fromTree<T>(type: MessageType<T>, json: JsonObject): T {
  return read(type as MessageType<unknown>, json, "") as T;
}

/** Throws `CodecError` for text that is no JSON object or does not fit the type. */
export function decodeJson<T>(type: MessageType<T>, text: string | Uint8Array): T {
  return read(type as MessageType<unknown>, parseJsonExact(text), "") as T;
}

// Writing

function tree(type: MessageType<unknown>, value: Values, options: JsonOptions, path: string): Json {
  const result: Record<string, Json> = {};
  const { ordered } = codecOf(type);
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

/** Keys sorted (R-55). */
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

// Reading

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
  const { byName } = codecOf(type);
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
  const { byName } = codecOf(type);
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
