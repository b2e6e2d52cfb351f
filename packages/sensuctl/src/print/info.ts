/** Details of one thing: a title and labelled values (C-56). */
import type { Paint } from "./paint.ts";

export interface Info {
  readonly title: string;
  readonly rows: readonly (readonly [label: string, value: string])[];
}

export function renderInfo(info: Info, paint: Paint): string {
  const rows = info.rows.map(([label, value]) => [`${upperCaseWords(label)}: `, value] as const);
  const width = Math.max(0, ...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => `${label.padEnd(width)}${value}`);
  return [`=== ${paint.title(info.title)}`, ...lines].map((line) => `${line}\n`).join("");
}

function upperCaseWords(label: string): string {
  return label.replace(/(^|\s)(\p{L})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase());
}
