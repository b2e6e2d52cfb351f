/** Values of templates and the functions they may call (W-111, W-112). */

/** `undefined` is Go's nil, and what a missing key yields. */
export type Value =
  | undefined
  | string
  | number
  | bigint
  | boolean
  | readonly Value[]
  | { readonly [key: string]: Value };

export class TemplateRunError extends Error {}

/** As Go's `%v` prints it; `inner` for parts of a list or map. */
export function print(value: Value, inner = false): string {
  if (value === undefined) return inner ? "<nil>" : "<no value>";
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map((item) => print(item, true)).join(" ")}]`;
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${print(value[key], true)}`).join(" ")}]`;
}

export function isTrue(value: Value): boolean {
  if (value === undefined) return false;
  if (typeof value === "object") return (isList(value) ? value.length : Object.keys(value).length) > 0;
  return Boolean(value);
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Own keys only: a template must not reach what JavaScript puts on every object. */
export function member(value: Value, key: string): Value {
  if (typeof value !== "object" || isList(value)) return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

type Function = (...args: Value[]) => Value;

const FUNCTIONS: Readonly<Record<string, Function>> = {
  // `and` and `or` are here for their names and for piped calls; the evaluator stops early itself.
  and: (...args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1),
  or: (...args) => args.find(isTrue) ?? args.at(-1),
  not: (value) => !isTrue(value),
  len,
  index: (value, ...keys) => keys.reduce(indexed, value),
  slice,
  print: (...args) => joinWords(args),
  println: (...args) => `${args.map(printArgument).join(" ")}\n`,
  printf: (format, ...args) => formatted(text(format, "printf"), args),
  eq: (first, ...others) => {
    if (others.length === 0) throw new TemplateRunError("missing argument for comparison");
    return others.some((other) => equal(first, other));
  },
  ne: (a, b) => !equal(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  html: (...args) => joinWords(args).replace(/[<>&'"\0]/g, (found) => HTML[found] as string),
  js: (...args) => joinWords(args).replace(/[\\'"<>&=\n\r\t\p{Cc}]/gu, escapeScript),
  urlquery: (...args) =>
    encodeURIComponent(joinWords(args))
      .replaceAll("%20", "+")
      .replace(/[!'()*]/g, percent),
  default: (fallback, ...given) => {
    if (given.length > 1) throw new TemplateRunError("wrong number of args for default: want 1 or 2");
    return given[0] === undefined ? fallback : given[0];
  },
  assetPath: (name) =>
    `${text(name, "assetPath")
      .replace(/[^a-zA-Z0-9]+/g, "_")
      .toUpperCase()}_PATH`,
};

export const FUNCTION_NAMES: ReadonlySet<string> = new Set(Object.keys(FUNCTIONS));

export function call(name: string, args: readonly Value[]): Value {
  return (FUNCTIONS[name] as Function)(...args);
}

const HTML: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  "'": "&#39;",
  '"': "&#34;",
  "\0": "\ufffd",
};

function escapeScript(found: string): string {
  if (found === "\\" || found === "'" || found === '"') return `\\${found}`;
  return `\\u${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function percent(found: string): string {
  return `%${found.charCodeAt(0).toString(16).toUpperCase()}`;
}

function text(value: Value, name: string): string {
  if (typeof value !== "string") throw new TemplateRunError(`wrong type for value; expected string in ${name}`);
  return value;
}

function printArgument(value: Value): string {
  return print(value, true);
}

/** A space stands between two neighbours when neither is a text. */
function joinWords(args: readonly Value[]): string {
  return args
    .map((arg, i) => {
      const spaced = i > 0 && typeof arg !== "string" && typeof args[i - 1] !== "string";
      return (spaced ? " " : "") + printArgument(arg);
    })
    .join("");
}

function len(value: Value): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  if (typeof value === "object") return isList(value) ? value.length : Object.keys(value).length;
  throw new TemplateRunError("len of nil or of a value without length");
}

function indexed(value: Value, key: Value): Value {
  if (value === undefined) throw new TemplateRunError("index of untyped nil");
  if (isList(value) || typeof value === "string") {
    const at = Number(key);
    if (typeof key !== "number" && typeof key !== "bigint") {
      throw new TemplateRunError("cannot index slice/array with this type");
    }
    if (!(at >= 0 && at < value.length)) throw new TemplateRunError(`index out of range: ${at}`);
    return isList(value) ? value[at] : new TextEncoder().encode(value)[at];
  }
  if (typeof value === "object") return member(value, text(key, "index"));
  throw new TemplateRunError("can't index item of this type");
}

function slice(value: Value, from: Value = 0, to?: Value): Value {
  if (!isList(value) && typeof value !== "string") throw new TemplateRunError("can't slice item of this type");
  const end = to === undefined ? value.length : Number(to);
  if (!(Number(from) >= 0 && Number(from) <= end && end <= value.length)) {
    throw new TemplateRunError("index out of range");
  }
  return value.slice(Number(from), end);
}

function equal(a: Value, b: Value): boolean {
  if (typeof a === "object" || typeof b === "object") throw new TemplateRunError("non-comparable type in comparison");
  if (a === undefined || b === undefined) return a === b;
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (typeof a !== typeof b) throw new TemplateRunError("incompatible types for comparison");
  return a === b;
}

function compare(a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  if (typeof a !== "string" || typeof b !== "string") throw new TemplateRunError("invalid type for comparison");
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** The verbs commands use; anything else is marked the way Go marks it. */
function formatted(format: string, args: readonly Value[]): string {
  let used = 0;
  const result = format.replace(
    /%([-+ 0#]*)(\d*)(?:\.(\d+))?(.)/g,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      if (used >= args.length) return `%!${verb}(MISSING)`;
      const filled = verbText(verb, args[used++], precision === undefined ? undefined : Number(precision), flags);
      // A width is asked for by the text alone; a huge one would only fill memory.
      const columns = Math.min(Number(width), 1000);
      if (flags.includes("-")) return filled.padEnd(columns);
      if (flags.includes("0") && /^[-+]?[\d.]+$/.test(filled)) {
        const sign = /^[-+]/.exec(filled)?.[0] ?? "";
        return sign + filled.slice(sign.length).padStart(columns - sign.length, "0");
      }
      return filled.padStart(columns);
    },
  );
  return used < args.length ? `${result}%!(EXTRA ${args.slice(used).map(printArgument).join(", ")})` : result;
}

function verbText(verb: string, value: Value, precision: number | undefined, flags: string): string {
  const number = isNumber(value) ? Number(value) : undefined;
  const plus = flags.includes("+") && number !== undefined && number >= 0 ? "+" : "";
  switch (verb) {
    case "v":
      return plus + printArgument(value);
    case "s":
      if (typeof value === "string") return precision === undefined ? value : [...value].slice(0, precision).join("");
      return number === undefined ? printArgument(value) : badVerb("s", value);
    case "q":
      return typeof value === "string" ? JSON.stringify(value) : badVerb("q", value);
    case "t":
      return typeof value === "boolean" ? String(value) : badVerb("t", value);
    case "d":
      return number === undefined ? badVerb("d", value) : plus + String(value);
    case "f":
    case "F":
      return number === undefined ? badVerb("f", value) : plus + number.toFixed(Math.min(precision ?? 6, 100));
    case "e":
      return number === undefined ? badVerb("e", value) : plus + number.toExponential(Math.min(precision ?? 6, 100));
    case "g":
      return number === undefined ? badVerb("g", value) : plus + String(number);
    case "x":
    case "X": {
      const hex =
        number !== undefined
          ? number.toString(16)
          : Array.from(new TextEncoder().encode(printArgument(value)), (byte) =>
              byte.toString(16).padStart(2, "0"),
            ).join("");
      return verb === "X" ? hex.toUpperCase() : hex;
    }
    default:
      return badVerb(verb, value);
  }
}

function badVerb(verb: string, value: Value): string {
  if (value === undefined) return `%!${verb}(<nil>)`;
  const types = { string: "string", boolean: "bool", bigint: "int", number: "int", object: "map[string]interface {}" };
  const type = typeof value as keyof typeof types;
  const name = type === "number" && !Number.isInteger(value) ? "float64" : types[type];
  return `%!${verb}(${isList(value) ? "[]interface {}" : name}=${printArgument(value)})`;
}
