import { expect, test } from "vitest";
import { renderInfo } from "./info.ts";
import { paintFor } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";

const plain = paintFor(false);
const COLUMNS: readonly Column<readonly [string, string]>[] = [
  { title: "Name", cell: ([name]) => name, style: "primary" },
  { title: "Size", cell: ([, size]) => size },
];

test.each([
  {
    what: "no rows",
    rows: [],
    lines: ["  Name   Size  ", "─────── ───────"],
  },
  {
    what: "numbers stand right unless painted",
    rows: [
      ["123", "1,234"],
      ["b", "x"],
    ] as const,
    lines: ["  Name   Size   ", "─────── ────────", "  123    1,234  ", "  b      x      "],
  },
  {
    what: "wide characters and several lines; a last line break is a line",
    rows: [["検査", "a\nbb\n"]] as const,
    lines: ["  Name   Size  ", "─────── ───────", "  検査   a     ", "         bb    ", "               "],
  },
])("$what", ({ rows, lines }) => {
  expect(renderTable(COLUMNS, rows, plain)).toBe(`${lines.join("\n")}\n`);
});

test("colour changes no width", () => {
  const rows = [["default", "1"]] as const;
  const coloured = renderTable(COLUMNS, rows, paintFor(true));
  expect(coloured).toContain("\u001b[1;34mdefault\u001b[0m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences.
  expect(coloured.replace(/\u001b\[[\d;]*m/g, "")).toBe(renderTable(COLUMNS, rows, plain));
});

test("info rows are capitalised and padded to the longest label", () => {
  const info = { title: "t", rows: [["last seen", "x"] as const, ["  users", "a, b"] as const] };
  expect(renderInfo(info, plain)).toBe("=== t\nLast Seen: x\n  Users:   a, b\n");
});
