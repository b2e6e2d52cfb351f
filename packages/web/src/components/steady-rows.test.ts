import { expect, test } from "vitest";
import { steadyRows } from "./steady-rows.ts";

const rows = (text: string) => [...text].map((key) => ({ key }));
const keyOf = ({ key }: { readonly key: string }) => key;

test.each([
  ["nothing", "abc", "abc", 0, ""],
  ["a new one at the end", "abc", "abcd", 1, ""],
  ["a new one on a full page", "abc", "xab", 1, "c"],
  ["one that went", "abc", "ac", 1, "b"],
  ["one that went and one that filled its place", "abc", "acd", 1, "b"],
  ["one that came and another that went", "abcd", "axcd", 2, "b"],
  ["the last to the top", "abcd", "dabc", 1, ""],
  ["the first to the end", "abcd", "bcda", 1, ""],
  ["all around", "abcd", "dcba", 3, ""],
  ["another page", "abc", "xyz", 3, "abc"],
  ["none left", "ab", "", 2, "ab"],
])("rows stay in their places: %s", (_, shown, wanted, changes, left) => {
  const list = steadyRows(rows(shown), rows(wanted), keyOf, wanted.length === shown.length);
  expect(list.rows.map(keyOf).join("")).toBe(shown);
  expect(list.changes).toBe(changes);
  expect([...list.left].join("")).toBe(left);
});

test("where there is room, one that comes pushes none off", () => {
  expect(steadyRows(rows("ab"), rows("xa"), keyOf, false).changes).toBe(2);
  expect(steadyRows(rows("ab"), rows("xa"), keyOf, true).changes).toBe(1);
});

test("a row shows what it is now, and what did not change stays the same list", () => {
  const [a, b] = [
    { key: "a", status: 2 },
    { key: "b", status: 2 },
  ];
  const shown = [a, b];
  expect(steadyRows(shown, [b, a], keyOf, false).rows).toBe(shown);
  const passed = { key: "b", status: 0 };
  expect(steadyRows(shown, [passed], keyOf, false).rows).toEqual([a, passed]);
});
