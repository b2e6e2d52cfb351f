/** Text and YAML values to option values. Each reader throws {@link BadValue} with the reason. */
import { parseDuration } from "./duration.ts";
import type { Option, OptionType, OptionValues } from "./option.ts";

export class BadValue extends Error {}

/** Value and, when the user should know how it was taken, a remark. */
export interface ReadValue {
  readonly value: OptionValues[OptionType];
  readonly remark?: string;
}

/** What was found under a key of the file. */
export type FileValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly FileValue[]
  | { readonly [key: string]: FileValue };

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

export function parseBool(text: string): boolean | undefined {
  return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
}

export function notBool(text: string): string {
  return `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
}

function readBool(text: string): boolean {
  const value = parseBool(text);
  if (value === undefined) throw new BadValue(notBool(text));
  return value;
}

/** Decimal, and with a prefix hexadecimal, octal or binary, as Go reads base 0. */
function readInteger(text: string, type: "int" | "uint" | "uint32"): number {
  const parser = type === "int" ? "ParseInt" : "ParseUint";
  const match = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/.exec(
    text.replace(/(?<=\w)_(?=\w)/g, ""),
  );
  if (match === null || (type !== "int" && match[1] !== "")) {
    throw new BadValue(`strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const [, sign, hex, binary, octal, decimal] = match;
  const size =
    hex !== undefined
      ? Number.parseInt(hex, 16)
      : binary !== undefined
        ? Number.parseInt(binary, 2)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : Number(decimal);
  if (size > (type === "uint32" ? 0xffff_ffff : Number.MAX_SAFE_INTEGER)) {
    throw new BadValue(`strconv.${parser}: parsing ${JSON.stringify(text)}: value out of range`);
  }
  return sign === "-" && size !== 0 ? -size : size;
}

function readFloat(text: string): number {
  if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) {
    throw new BadValue(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** Amounts with their units, then one amount with what is no unit. */
const BAD_UNIT = /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?=[\d.]))*(?:\d+\.?\d*|\.\d+)([^\d.]*)/;

function notDuration(text: string): string {
  const [, unit] = BAD_UNIT.exec(text) ?? [];
  const what =
    unit === undefined ? "invalid" : unit === "" ? "missing unit in" : `unknown unit ${JSON.stringify(unit)} in`;
  return `time: ${what} duration ${JSON.stringify(text)}`;
}

function readDuration(option: Option, text: string, bareAllowed: boolean): ReadValue {
  const bare = /^[-+]?\d+(\.\d+)?$/.test(text);
  const parsed = parseDuration(text);
  if (option.countsSeconds && (bare || (parsed !== undefined && Math.abs(parsed) < 1000))) {
    return { value: Number.parseFloat(text) * 1000 };
  }
  if (parsed !== undefined) return { value: parsed };
  if (!bare || !bareAllowed) throw new BadValue(notDuration(text));
  return { value: Number(text) / 1e6, remark: `a number without unit counts nanoseconds, so ${text} is ${text}ns` };
}

function csvError(at: number, what: string): BadValue {
  return new BadValue(`parse error on line 1, column ${at + 1}: ${what}`);
}

/** Text behind the opening quote, and where the value ends. */
function readQuoted(line: string, start: number): [text: string, end: number] {
  let text = "";
  for (let at = start; ; ) {
    const quote = line.indexOf('"', at);
    const missing = quote < 0;
    const next = line[quote + 1];
    if (missing || (next !== undefined && next !== "," && next !== '"')) {
      throw csvError(missing ? line.length : quote, 'extraneous or missing " in quoted-field');
    }
    text += line.slice(at, quote);
    if (next !== '"') return [text, quote + 1];
    text += '"';
    at = quote + 2;
  }
}

function readUnquoted(line: string, start: number): [text: string, end: number] {
  const comma = line.indexOf(",", start);
  const end = comma < 0 ? line.length : comma;
  const text = line.slice(start, end);
  const quote = text.indexOf('"');
  if (quote >= 0) throw csvError(start + quote, 'bare " in non-quoted-field');
  return [text, end];
}

/** One line of comma-separated values; `"a,b"` is one value, `""` inside quotes is a quote. */
function splitCsv(line: string): string[] {
  if (line === "") return [];
  const values: string[] = [];
  let at = 0;
  for (;;) {
    const quoted = line[at] === '"';
    const [text, end] = quoted ? readQuoted(line, at + 1) : readUnquoted(line, at);
    values.push(text);
    at = end;
    if (at >= line.length) return values;
    at++;
  }
}

/** B-307, W-80: white space separates; commas too when every part then looks like a name or URL. */
function splitWords(text: string): string[] {
  return text.split(/\s+/).flatMap((word) => {
    const parts = word.split(",").filter((part) => part !== "");
    return parts.every((part) => /^[\w.:/[\]@%-]+$/.test(part)) ? parts : [word];
  });
}

/** Later flags add keys. A text with exactly one `=` is one pair, so its value may hold commas, as in the original. */
function readPairs(texts: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (const text of texts) {
    const signs = text.split("=").length - 1;
    if (signs === 0) throw new BadValue(`${text} must be formatted as key=value`);
    const pairs = signs === 1 ? [text.replace(/^"+|"+$/g, "")] : splitCsv(text);
    for (const pair of pairs) {
      const sign = pair.indexOf("=");
      if (sign < 0) throw new BadValue(`${pair} must be formatted as key=value`);
      map[pair.slice(0, sign)] = pair.slice(sign + 1);
    }
  }
  return map;
}

/** `texts` has one item for each time the flag was given; scalars take the last. */
export function readFlag(option: Option, texts: readonly string[]): ReadValue {
  if (option.type === "strings") return { value: texts.flatMap(splitCsv) };
  if (option.type === "map") return { value: readPairs(texts) };
  return readScalar(option, texts.at(-1) ?? "", false);
}

export function readEnvironment(option: Option, text: string): ReadValue {
  if (option.type === "strings") return { value: splitWords(text.trim()).filter((item) => item !== "") };
  if (option.type !== "map") return readScalar(option, text, true);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new BadValue("must be a JSON object");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new BadValue("must be a JSON object");
  }
  return { value: readMap(parsed as Record<string, FileValue>, (key) => key) };
}

export function readFileValue(option: Option, given: FileValue): ReadValue {
  if (option.type === "strings") {
    if (typeof given === "string") return { value: splitWords(given.trim()).filter((item) => item !== "") };
    if (Array.isArray(given)) return { value: (given as readonly FileValue[]).map(scalarText) };
    return { value: [scalarText(given)] };
  }
  if (option.type === "map") {
    if (typeof given === "string") return readEnvironment(option, given);
    if (typeof given !== "object" || given === null || Array.isArray(given)) throw new BadValue("must be a map");
    // the original's configuration library lower-cases every key it reads from a file.
    return { value: readMap(given as Record<string, FileValue>, (key) => key.toLowerCase()) };
  }
  // B-410: documents show a list where one text is meant.
  const single = Array.isArray(given) && given.length === 1 ? (given[0] as FileValue) : (given as FileValue);
  return readScalar(option, scalarText(single), true);
}

function readScalar(option: Option, text: string, bareAllowed: boolean): ReadValue {
  switch (option.type) {
    case "bool":
      return { value: readBool(text) };
    case "int":
    case "uint":
    case "uint32":
      return { value: readInteger(text, option.type) };
    case "float":
      return { value: readFloat(text) };
    case "duration":
      return readDuration(option, text, bareAllowed);
    default:
      return { value: text };
  }
}

function readMap(given: Readonly<Record<string, FileValue>>, rename: (key: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [rename(key), scalarText(value)]));
}

function scalarText(value: FileValue): string {
  if (value === null) return "";
  if (typeof value === "object") throw new BadValue("must be a single value");
  return String(value);
}
