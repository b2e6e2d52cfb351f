/**
 * JSON text straight from a value, without the tree that `toTree` makes of it: what handlers, the API and the event log
 * are given. The same text as `stringifyJson(toTree(...))`, in half the time; types whose `toJson` has the last
 * word go through their tree unless they say otherwise (`plainJson`, `jsonText`).
 */
import { CodecError } from "./error.ts";
import { stringifyJson } from "./json-text.ts";
import { messageOf, shownFields, toBase64, toTree } from "./json-tree.ts";
import type { Field, JsonOptions, MessageType, Presence, ScalarKind } from "./schema.ts";

type Values = Record<string, unknown>;
/** The text of one field's value; undefined when the field is left out. `path` names the message in errors. */
type FieldText = (value: unknown, options: JsonOptions, path: string) => string | undefined;

interface Codec {
  readonly type: MessageType<unknown>;
  readonly keys: readonly string[];
  /** `"key":` of each. */
  readonly heads: readonly string[];
  readonly texts: readonly FieldText[];
  readonly byKey: ReadonlyMap<string, FieldText>;
}

const codecs = new WeakMap<MessageType<unknown>, Codec>();

function codecOf(type: MessageType<unknown>): Codec {
  let codec = codecs.get(type);
  if (codec === undefined) {
    const shown = shownFields(type);
    const keys = shown.map(([key]) => key);
    const texts = shown.map(([key, field]) => fieldText(key, field));
    const byKey = new Map(keys.map((key, i) => [key, texts[i] as FieldText]));
    codec = { type, keys, heads: keys.map((key) => `${JSON.stringify(key)}:`), texts, byKey };
    codecs.set(type, codec);
  }
  return codec;
}

/** As {@link encodeJson}. */
export function writeJson(type: MessageType<unknown>, value: unknown, options: JsonOptions): string {
  return messageText(codecOf(type), value as Values, options, type.name);
}

function messageText(codec: Codec, value: Values, options: JsonOptions, path: string): string {
  const { type } = codec;
  if (type.toJson !== undefined && type.plainJson?.(value, options) !== true) {
    const textOf = (key: string) => codec.byKey.get(key)?.(value[key], options, path);
    return type.jsonText?.(value, textOf) ?? stringifyJson(toTree(type, value, options, path));
  }
  const { keys, heads, texts } = codec;
  let text = "";
  for (let i = 0; i < keys.length; i++) {
    const part = (texts[i] as FieldText)(value[keys[i] as string], options, path);
    if (part !== undefined) text += text === "" ? (heads[i] as string) + part : `,${heads[i]}${part}`;
  }
  return `{${text}}`;
}

/** The message of a field, looked up at first use because types may refer to each other in any order. */
function nested(field: Field): () => Codec {
  let codec: Codec | undefined;
  return () => {
    codec ??= codecOf(messageOf(field));
    return codec;
  };
}

/** What stands for an empty list or map, or an absent message. */
function unsetText(presence: Presence): string | undefined {
  if (presence === "O") return undefined;
  return presence === "L" ? "[]" : "null";
}

function fieldText(key: string, field: Field): FieldText {
  const { presence, shape } = field;
  const unset = unsetText(presence);
  switch (shape) {
    case "scalar":
      return scalarText(key, field.scalar as ScalarKind, presence);
    case "list":
      return (value) => {
        const list = value as readonly string[] | undefined;
        return list === undefined || list.length === 0 ? unset : `[${list.map(quote).join(",")}]`;
      };
    case "messages": {
      const codec = nested(field);
      return (value, options, path) => {
        const list = value as readonly Values[] | undefined;
        if (list === undefined || list.length === 0) return unset;
        let text = "";
        for (const item of list) {
          const one = messageText(codec(), item, options, `${path}.${key}`);
          text += text === "" ? one : `,${one}`;
        }
        return `[${text}]`;
      };
    }
    case "map":
      return (value) => mapText(value as Values | undefined, unset, (item) => quote(item as string));
    case "messageMap": {
      const codec = nested(field);
      return (value, options, path) =>
        mapText(value as Values | undefined, unset, (item) =>
          messageText(codec(), item as Values, options, `${path}.${key}`),
        );
    }
    case "message": {
      const codec = nested(field);
      return (value, options) => {
        if (value !== undefined && value !== null) return messageText(codec(), value as Values, options, key);
        // A message that is always shown stands there with its zero values (R-67, fallback_pipeline of Check).
        return presence === "A" ? messageText(codec(), codec().type.create() as Values, options, key) : unset;
      };
    }
  }
}

/** Keys sorted (R-55). */
function mapText(map: Values | undefined, unset: string | undefined, item: (value: unknown) => string) {
  const keys = map === undefined ? [] : Object.keys(map);
  if (keys.length === 0) return unset;
  return `{${keys
    .sort()
    .map((key) => `${quote(key)}:${item((map as Values)[key])}`)
    .join(",")}}`;
}

function scalarText(key: string, kind: ScalarKind, presence: Presence): FieldText {
  const none = (zero: string) => (presence === "O" ? undefined : presence === "N" ? "null" : zero);
  switch (kind) {
    case "str":
      return (value) => (value === "" || value === undefined ? none('""') : quote(value as string));
    case "bool":
      return (value) => (value === true ? "true" : none("false"));
    case "bytes": {
      const unset = unsetText(presence);
      return (value) => {
        const bytes = value as Uint8Array | undefined;
        return bytes === undefined || bytes.length === 0 ? unset : `"${toBase64(bytes)}"`;
      };
    }
    case "f64":
      return (value, _options, path) => {
        if (value === 0 || value === undefined) return none("0");
        if (!Number.isFinite(value)) throw new CodecError(`${path}.${key}: ${value} has no JSON form`);
        return String(value);
      };
    default:
      return (value) => (value === 0 || value === undefined || value === 0n ? none("0") : String(value));
  }
}

/** Whatever JSON or Go write in another form than it is. */
const SPECIAL = /["\\<>&\p{Cc}\u2028\u2029\p{Cs}]/u;

function quote(text: string): string {
  return SPECIAL.test(text) ? stringifyJson(text) : `"${text}"`;
}
