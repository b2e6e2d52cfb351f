/** JSON text as Go reads and writes it, to and from trees that keep all integers. */
import { CodecError } from "./error.ts";
import type { Json } from "./schema.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const MAX_DEPTH = 1000;
/** Longer integers are read as floating point numbers, as Go does where no integer type asks for them. */
export const MAX_DIGITS = 40;

/** Numbers that plain `JSON.parse` does not keep: 16 digits or more, `5.0`, exponents. */
const DELICATE_NUMBER = /(?:^|[:,[\s])-?(?:\d{16}|\d+\.0*(?!\d)|\d+(?:\.\d+)?[eE])/;
const INTEGER = /^-?\d+$/;

/** A number written with fraction or exponent although its value is integral: no integer field takes it. */
export class Fraction {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Integers beyond 2^53 become `bigint`. Of duplicate keys the last wins. Throws `CodecError`. */
export function parseJson(text: string | Uint8Array): Json {
  return parse(text, false) as Json;
}

/** As {@link parseJson}, but integral values written as `5.0` or `5e0` come as {@link Fraction}. */
export function parseJsonExact(text: string | Uint8Array): unknown {
  return parse(text, true);
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

function parse(input: string | Uint8Array, exact: boolean): unknown {
  const text = typeof input === "string" ? input : utf8.decode(input);
  checkDepth(text);
  try {
    if (!DELICATE_NUMBER.test(text)) return JSON.parse(text);
    const revive: Reviver = (_key, value, { source }) => {
      if (typeof value !== "number" || source === undefined) return value;
      return number(source, value, exact);
    };
    return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw new CodecError(`invalid JSON: ${(error as Error).message}`, { cause: error });
  }
}

function number(source: string, value: number, exact: boolean): unknown {
  if (!Number.isFinite(value)) throw new CodecError("invalid JSON: number out of range");
  if (!Number.isInteger(value)) return value;
  if (!INTEGER.test(source)) return exact ? new Fraction(value) : value;
  return Number.isSafeInteger(value) || source.length > MAX_DIGITS ? value : BigInt(source);
}

/** Recursive readers of the tree must not overflow the stack. */
function checkDepth(text: string): void {
  let opened = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at >= 0 && opened <= MAX_DEPTH; at = text.indexOf(bracket, at + 1)) opened++;
  }
  if (opened <= MAX_DEPTH) return;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (quoted) {
      if (char === 0x5c) i++;
      else if (char === 0x22) quoted = false;
    } else if (char === 0x22) {
      quoted = true;
    } else if (char === 0x7b || char === 0x5b) {
      if (++depth > MAX_DEPTH) throw new CodecError(`invalid JSON: nested deeper than ${MAX_DEPTH}`);
    } else if (char === 0x7d || char === 0x5d) {
      depth--;
    }
  }
}

const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
const rawIntegers = (_key: string, value: unknown) => (typeof value === "bigint" ? raw(String(value)) : value);

/** What Go escapes and JavaScript does not; all of it can only stand inside strings. */
const UNESCAPED = /[<>&\u2028\u2029]/;
const UNESCAPED_ALL = /[<>&\u2028\u2029]/g;
/** Escapes that JavaScript writes and Go writes differently; the first alternative skips escaped backslashes. */
const ESCAPES = /\\(?:\\|b|f|ud[89a-f][0-9a-f]{2})/g;

/** `indent` is the number of spaces of a pretty-printed form. */
export function stringifyJson(json: Json, indent?: number): string {
  let text: string;
  try {
    text = JSON.stringify(json, undefined, indent);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    text = JSON.stringify(json, rawIntegers, indent);
  }
  if (UNESCAPED.test(text)) {
    text = text.replace(UNESCAPED_ALL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  }
  if (text.includes("\\")) {
    text = text.replace(ESCAPES, (written) => {
      if (written === "\\\\") return written;
      if (written === "\\b") return "\\u0008";
      // Half a surrogate pair is not UTF-8.
      return written === "\\f" ? "\\u000c" : "\uFFFD";
    });
  }
  return text;
}
