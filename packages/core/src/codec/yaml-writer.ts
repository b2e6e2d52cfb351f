/** JSON trees as YAML in the original's layout (C-52): two spaces, lists not indented under their key. */
import type { Json, JsonObject } from "./schema.ts";
import { yamlScalar } from "./yaml-scalar.ts";

/** Bytes; longer keys, and those of several lines, are written with `?`. */
const LONGEST_SIMPLE_KEY = 128;

/** Keys in the order they have. Ends with a newline. */
export function stringifyYaml(value: Json): string {
  const lines: string[] = [];
  writeNode(value, 0, "", lines);
  return `${lines.join("\n")}\n`;
}

/** The same tree with the keys of every object in the emitter's order. */
export function sortedForYaml(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortedForYaml);
  if (typeof value !== "object" || value === null) return value;
  const tree = value as JsonObject;
  return Object.fromEntries(
    Object.keys(tree)
      .sort(compareKeys)
      .map((key) => [key, sortedForYaml(tree[key] as Json)]),
  );
}

/** `before` stands on the line already: what a list item or key begins with. */
function writeNode(value: Json, indent: number, before: string, lines: string[]): void {
  if (Array.isArray(value) && value.length > 0) {
    let start = before;
    for (const item of value as readonly Json[]) {
      writeNode(item, indent + 2, `${start || " ".repeat(indent)}- `, lines);
      start = "";
    }
  } else if (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
    let start = before;
    for (const [key, item] of Object.entries(value as JsonObject)) {
      writeEntry(key, item, indent, start || " ".repeat(indent), lines);
      start = "";
    }
  } else {
    // Further lines of a text that is the whole document stand indented too.
    lines.push(before + scalar(value, before.length, Math.max(indent, 2)));
  }
}

function writeEntry(key: string, value: Json, indent: number, before: string, lines: string[]): void {
  const nested = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (key.includes("\n") || new TextEncoder().encode(key).length > LONGEST_SIMPLE_KEY) {
    lines.push(`${before}? ${yamlScalar(key, before.length + 2, indent + 2)}`);
    writeNode(value, indent + 2, `${" ".repeat(indent)}: `, lines);
    return;
  }
  const head = `${before}${yamlScalar(key, before.length, indent + 2, true)}:`;
  if (nested) {
    lines.push(head);
    writeNode(value, Array.isArray(value) ? indent : indent + 2, "", lines);
  } else lines.push(`${head} ${scalar(value, head.length + 1, indent + 2)}`);
}

function scalar(value: Json, column: number, indent: number): string {
  if (typeof value === "string") return yamlScalar(value, column, indent);
  if (typeof value === "number") return numberText(value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[]" : "{}";
  return String(value);
}

/** Fractions from a million on have an exponent, as Go's shortest form. */
function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 21 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** Letters after everything else, runs of digits by their number. */
export function compareKeys(a: string, b: string): number {
  const x = [...a];
  const y = [...b];
  const digit = (char: string | undefined) => char !== undefined && /\p{Nd}/u.test(char);
  for (let i = 0; i < x.length && i < y.length; i++) {
    const left = x[i] as string;
    const right = y[i] as string;
    if (left === right) continue;
    const leftLetter = /\p{L}/u.test(left);
    const rightLetter = /\p{L}/u.test(right);
    if (leftLetter !== rightLetter) return rightLetter ? -1 : 1;
    if (!leftLetter) {
      let carry = 0;
      if (left === "0" || right === "0") {
        for (let j = i - 1; j >= 0 && digit(x[j]); j--) if (x[j] !== "0") carry = 1;
      }
      const run = (chars: readonly string[]) => {
        let end = i;
        let number = carry;
        for (; digit(chars[end]); end++) number = number * 10 + Number(chars[end]);
        return { end, number };
      };
      const p = run(x);
      const q = run(y);
      if (p.number !== q.number) return p.number - q.number;
      if (p.end !== q.end) return p.end - q.end;
    }
    return (left.codePointAt(0) ?? 0) - (right.codePointAt(0) ?? 0);
  }
  return x.length - y.length;
}
