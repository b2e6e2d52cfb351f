/** JSON with two spaces, `<`, `>` and `&` as they are (C-50). */
import type { Json } from "@sensu-ts/core";

export function prettyJson(value: Json, indent = ""): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item: Json) => deeper + prettyJson(item, deeper)).join(",\n")}\n${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as Readonly<Record<string, Json>>);
    if (entries.length === 0) return "{}";
    const lines = entries.map(([key, item]) => `${deeper}${quoted(key)}: ${prettyJson(item, deeper)}`);
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  return typeof value === "string" ? quoted(value) : String(value);
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
