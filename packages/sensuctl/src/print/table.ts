/** Tables of `list` commands (C-55). */
import { stripVTControlCharacters } from "node:util";
import type { Paint } from "./paint.ts";

export interface Column<T> {
  readonly title: string;
  cell(value: T, paint: Paint): string;
  /** `primary` paints the whole cell; a painted cell is never aligned as a number. */
  readonly style?: "primary" | "painted";
}

const NUMBER = /^-?(?:\d{1,3}(?:,\d{3})*|\d+)(?:\.\d+)?$/;

export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[], paint: Paint): string {
  const cells = rows.map((row) => columns.map((column) => column.cell(row, paint).split("\n")));
  const widths = columns.map((column, i) =>
    Math.max(textWidth(column.title), ...cells.map((row) => Math.max(...(row[i] ?? []).map(textWidth)))),
  );
  const width = (i: number) => widths[i] ?? 0;

  let header = " ";
  let rule = "─";
  columns.forEach((column, i) => {
    const gap = width(i) - textWidth(column.title);
    const left = Math.floor(gap / 2);
    header += ` ${" ".repeat(left)}${paint.title(column.title)}${" ".repeat(gap - left)}  `;
    rule += "─".repeat(width(i) + 2) + (i === columns.length - 1 ? "─" : " ");
  });
  const lines = [header, rule];

  for (const row of cells) {
    const height = Math.max(...row.map((cell) => cell.length));
    for (let y = 0; y < height; y++) {
      let line = "";
      columns.forEach((column, i) => {
        const text = row[i]?.[y] ?? "";
        const padding = " ".repeat(width(i) - textWidth(text));
        const shown = column.style === "primary" ? paint.primary(text) : text;
        const right = column.style === undefined && NUMBER.test(text.trim());
        line += `  ${right ? padding + shown : shown + padding} `;
      });
      lines.push(`${line} `);
    }
  }
  return `${lines.join("\n")}\n`;
}

// Code points of two columns; emoji are found by their Unicode property.
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];

/** Columns on a terminal, escape sequences not counted. */
export function textWidth(text: string): number {
  const clean = stripVTControlCharacters(text);
  if (/^[\x20-\x7e]*$/.test(clean)) return clean.length;
  let width = 0;
  for (const char of clean) {
    const code = char.codePointAt(0) ?? 0;
    if (/\p{M}|\p{Cc}|\p{Cf}/u.test(char)) continue;
    width += WIDE.some(([from, to]) => code >= from && code <= to) || /\p{Emoji_Presentation}/u.test(char) ? 2 : 1;
  }
  return width;
}
