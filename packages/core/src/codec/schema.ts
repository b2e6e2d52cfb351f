/**
 * How a message type is declared, once: field name in JSON, protobuf number, kind and JSON presence.
 * The static type, the JSON codec, the protobuf codec, selectors and form descriptions derive from it.
 *
 * In memory: scalars are always present (zero value when unset); lists are always arrays and maps always
 * objects (an empty one is "unset", R-57); a message field is always present when `required`, otherwise
 * optional. Values are readonly: change by building a new object (`{ ...old, field }`); the hidden symbol
 * properties travel with the spread.
 */

/** 64-bit integer: a `number` when it is a safe integer, else a `bigint` (R-52). Use {@link int} to calculate. */
export type Int64 = number | bigint;

/** Calculates with an {@link Int64}; precision beyond 2^53 is lost here, never in storage. */
export function int(value: Int64): number {
  return typeof value === "number" ? value : Number(value);
}

/** Exact; past the end of 64 bits it goes on at the other end, as the original's integers do. */
export function plus(value: Int64, more: Int64): Int64 {
  if (typeof value === "number" && typeof more === "number") {
    const sum = value + more;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt.asIntN(64, BigInt(value) + BigInt(more));
  const short = Number(sum);
  return Number.isSafeInteger(short) ? short : sum;
}

/** Unknown protobuf fields of a decoded message, concatenated, re-emitted on encode (R-134). */
export const UNKNOWN: unique symbol = Symbol("unknown fields");
/**
 * Original bytes of string fields that were not valid UTF-8, by field number, with the text they were decoded to;
 * re-emitted on encode while the field still holds that text (R-135).
 */
export const RAW: unique symbol = Symbol("raw strings");
export type RawStrings = ReadonlyMap<number, { readonly text: string; readonly bytes: Uint8Array }>;

/**
 * JSON presence (R-5): A always, zero value written; N always, `null` when unset; L always, `[]` when unset;
 * O omitted when zero or empty; `-` never in JSON.
 */
export type Presence = "A" | "N" | "L" | "O" | "-";

export type ScalarKind = "str" | "bool" | "u32" | "i32" | "i64" | "f64" | "bytes";
export type Shape = "scalar" | "list" | "map" | "message" | "messages" | "messageMap";

export interface Field<T = unknown, Optional extends boolean = boolean> {
  readonly no: number;
  readonly presence: Presence;
  readonly shape: Shape;
  /** Scalar kind of the value, of the list item (`list`), or of the map value (`map`). */
  readonly scalar?: ScalarKind;
  /** Message type; a thunk so that types may refer to each other in any file order. */
  readonly message?: () => MessageType<unknown>;
  /** A message that always exists in memory and is always written in protobuf, even when empty (R-132). */
  readonly required: boolean;
  readonly optional: Optional;
  /** Carries the static type only. */
  readonly _t?: T;
}

export type Fields = Readonly<Record<string, Field>>;

type Shaped<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Field<unknown, true> ? never : K]: F[K] extends Field<infer T> ? T : never;
} & {
  readonly [K in keyof F as F[K] extends Field<unknown, true> ? K : never]?: F[K] extends Field<infer T>
    ? T | undefined
    : never;
};

export interface Hidden {
  readonly [UNKNOWN]?: Uint8Array;
  readonly [RAW]?: RawStrings;
}

export type Infer<M> = M extends MessageType<infer T> ? T : never;
export type Value<F extends Fields> = Shaped<F> & Hidden;

/** JSON tree: integers outside the safe range are `bigint`, everything else is plain JSON. Key order is kept. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface JsonOptions {
  /** Whether labels and annotations of entities are redacted (R-48). */
  readonly redact: boolean;
}

export interface MessageType<T> {
  readonly name: string;
  readonly fields: Fields;
  /** A new value: zero values everywhere, overlaid with `given`. */
  create(given?: Partial<T>): T;
  /** Last word on the JSON form: gets the tree built from the table, returns what is written. */
  readonly toJson?: (value: T, tree: Record<string, Json>, options: JsonOptions) => Json;
  /** True: `toJson` would change nothing of this value. */
  readonly plainJson?: (value: T, options: JsonOptions) => boolean;
  /** What `toJson` does, in text: `textOf` gives that of a field's value. Undefined: by the tree. */
  readonly jsonText?: (value: T, textOf: (key: string) => string | undefined) => string | undefined;
  /** First word on the JSON form: gets what was read, returns a tree that follows the table. */
  readonly fromJson?: (tree: JsonObject) => JsonObject;
}

/** Protobuf number of a field. Throws when the type has none of that name. */
export function fieldNumber<T>(type: MessageType<T>, name: keyof T & string): number {
  const field = type.fields[name];
  if (!field) throw new Error(`${type.name} has no field ${name}`);
  return field.no;
}

interface Hooks<T> {
  toJson?: (value: T, tree: Record<string, Json>, options: JsonOptions) => Json;
  plainJson?: (value: T, options: JsonOptions) => boolean;
  jsonText?: (value: T, textOf: (key: string) => string | undefined) => string | undefined;
  fromJson?: (tree: JsonObject) => JsonObject;
}

const NO_BYTES = new Uint8Array(0);
const NO_ITEMS: readonly unknown[] = Object.freeze([]);
const NO_ENTRIES: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null));

function zero(field: Field): unknown {
  switch (field.shape) {
    case "list":
    case "messages":
      return NO_ITEMS;
    case "map":
    case "messageMap":
      return NO_ENTRIES;
    case "message":
      return field.required && field.message ? Object.freeze(field.message().create()) : undefined;
    default:
      if (field.scalar === "str") return "";
      if (field.scalar === "bool") return false;
      if (field.scalar === "bytes") return NO_BYTES;
      return 0;
  }
}

export function message<F extends Fields>(name: string, fields: F, hooks: Hooks<Value<F>> = {}): MessageType<Value<F>> {
  let empty: Value<F> | undefined;
  return {
    name,
    fields,
    ...hooks,
    // The zero values inside (lists, maps, embedded messages) are frozen and shared: a value costs one copy.
    create(given) {
      empty ??= emptyValue(fields) as Value<F>;
      return given === undefined ? { ...empty } : { ...empty, ...given };
    },
  };
}

/**
 * All keys, absent messages too, so that every value of a type has one shape. Adding dozens of keys one by one would
 * turn the object into a hash table, which costs fifty times more to copy; one that the JSON parser made is not.
 */
function emptyValue(fields: Fields): Record<string, unknown> {
  const keys = Object.keys(fields);
  const value = JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:null`).join()}}`);
  for (const key of keys) value[key] = zero(fields[key] as Field);
  return value;
}

function scalar<T>(kind: ScalarKind, no: number, presence: Presence): Field<T, false> {
  return { no, presence, shape: "scalar", scalar: kind, required: false, optional: false };
}

export const str = (no: number, presence: Presence) => scalar<string>("str", no, presence);
export const bool = (no: number, presence: Presence) => scalar<boolean>("bool", no, presence);
export const u32 = (no: number, presence: Presence) => scalar<number>("u32", no, presence);
export const i32 = (no: number, presence: Presence) => scalar<number>("i32", no, presence);
export const i64 = (no: number, presence: Presence) => scalar<Int64>("i64", no, presence);
export const f64 = (no: number, presence: Presence) => scalar<number>("f64", no, presence);
/** An empty array is "unset". */
export const bytes = (no: number, presence: Presence) => scalar<Uint8Array>("bytes", no, presence);

export function strings(no: number, presence: Presence): Field<readonly string[], false> {
  return { no, presence, shape: "list", scalar: "str", required: false, optional: false };
}

export function stringMap(no: number, presence: Presence): Field<Readonly<Record<string, string>>, false> {
  return { no, presence, shape: "map", scalar: "str", required: false, optional: false };
}

/** A message that always exists (Go's embedded, non-nullable messages). */
export function embedded<T>(no: number, presence: Presence, type: () => MessageType<T>): Field<T, false> {
  return {
    no,
    presence,
    shape: "message",
    message: type as () => MessageType<unknown>,
    required: true,
    optional: false,
  };
}

/** A message that may be absent; absent and empty differ (R-131). */
export function optional<T>(no: number, presence: Presence, type: () => MessageType<T>): Field<T, true> {
  return {
    no,
    presence,
    shape: "message",
    message: type as () => MessageType<unknown>,
    required: false,
    optional: true,
  };
}

export function messages<T>(no: number, presence: Presence, type: () => MessageType<T>): Field<readonly T[], false> {
  return {
    no,
    presence,
    shape: "messages",
    message: type as () => MessageType<unknown>,
    required: false,
    optional: false,
  };
}

export function messageMap<T>(
  no: number,
  presence: Presence,
  type: () => MessageType<T>,
): Field<Readonly<Record<string, T>>, false> {
  return {
    no,
    presence,
    shape: "messageMap",
    message: type as () => MessageType<unknown>,
    required: false,
    optional: false,
  };
}
