/** YAML as the original's command line reads it: version 1.1 with the exceptions of R-31. */
import { parseDocument, Scalar, type Tags, visit } from "yaml";
import { CodecError } from "./error.ts";
import { MAX_DIGITS } from "./json-text.ts";
import type { Json } from "./schema.ts";

/** Aliases may not blow a small text up. */
const MAX_ALIASES = 1000;

const MERGE_KEY = "<<";
/** Stands for a quoted `<<` until the tree is built; no YAML text has such a character. */
const QUOTED_MERGE_KEY = "<<\uD800";

/** Octal of YAML 1.2, which the original takes as well. */
const modernOctal = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  format: "MODERN_OCT",
  test: /^[-+]?0o[0-7_]+$/,
  resolve(text: string): bigint {
    const digits = text.replaceAll("_", "");
    const value = BigInt(digits.replace(/^[-+]/, ""));
    return digits.startsWith("-") ? -value : value;
  },
};

/** The library also takes `.` and `e0` for numbers. What no double holds stays a text. */
const float = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  test: /^[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?$/,
  resolve(text: string): number | string {
    const value = Number(text.replaceAll("_", ""));
    return Number.isFinite(value) ? value : text;
  },
};

/** Times stay texts: `1:30` is not 90, and a date in `subdues` is not a timestamp. */
function tags(all: Tags): Tags {
  const kept = all.filter((tag) => {
    if (typeof tag !== "object") return true;
    if (tag.tag === float.tag) return "test" in tag && tag.test?.test(".inf") === true;
    return tag.format !== "TIME" && tag.tag !== "tag:yaml.org,2002:timestamp";
  });
  return [...kept, modernOctal as unknown as Tags[number], float];
}

/** One document; an empty one is `null`. Of duplicate keys the last wins. Throws `CodecError`. */
export function parseYaml(text: string): Json {
  try {
    const document = parseDocument(text, {
      version: "1.1",
      customTags: tags,
      merge: true,
      uniqueKeys: false,
      intAsBigInt: true,
      stringKeys: false,
      logLevel: "silent",
      prettyErrors: true,
    });
    const [error] = document.errors;
    if (error !== undefined) throw new CodecError(`invalid YAML: ${error.message}`, { cause: error });
    visit(document, {
      // The library merges under a quoted key as well.
      Pair(_key, pair) {
        const { key } = pair;
        if (key instanceof Scalar && key.value === MERGE_KEY && key.type !== "PLAIN") key.value = QUOTED_MERGE_KEY;
      },
    });
    return toJson(document.toJS({ mapAsMap: true, maxAliasCount: MAX_ALIASES }));
  } catch (error) {
    if (error instanceof CodecError) throw error;
    // Too many aliases, or nesting beyond the stack.
    throw new CodecError(`invalid YAML: ${(error as Error).message}`, { cause: error });
  }
}

function toJson(value: unknown): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new CodecError(`invalid YAML: ${value} has no JSON form`);
      return value;
    case "bigint":
      return integer(value);
    case "undefined":
      return null;
    default:
  }
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) {
    const result: Record<string, Json> = Object.create(null);
    for (const [key, item] of value) result[keyText(key)] = toJson(item);
    return result;
  }
  if (value instanceof Set) return toJson(new Map([...value].map((key) => [key, null])));
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  throw new CodecError("invalid YAML: value has no JSON form");
}

function integer(value: bigint): Json {
  if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  return String(value).length > MAX_DIGITS ? Number(value) : value;
}

function keyText(key: unknown): string {
  if (typeof key === "string") return key === QUOTED_MERGE_KEY ? MERGE_KEY : key;
  if (typeof key === "number" || typeof key === "bigint" || typeof key === "boolean") return String(key);
  throw new CodecError("invalid YAML: a key must be a text, a number or a boolean");
}
