import { expect, test } from "vitest";
import { newerThanEs5 } from "./es5.ts";

/** What the original's backend takes as the expression of a filter; each was tried there. */
const TAKEN = [
  "true",
  "",
  "/(?i)a/.test('A')",
  "/(?P<x>a)/.test('A')",
  "/(?<x>a)/.test('a')",
  "/a/s.test('a')",
  "/[/]/.test('a')",
  "/[[:alpha:]]/.test('a')",
  "/\\Aa\\z/.test('a')",
  "/a{,3}/",
  "/\\cA/",
  "/\\p{L}/",
  "[1,2,].length",
  "var a = {b:1,}",
  "var a = {class: 1}",
  "017",
  "var let = 1",
  "var yield = 1",
  "var a = 'x\\\ny'",
  "with (a) {}",
  "a\u00e9 = 1",
  "x = {get a() {return 1}}",
  "label: for(;;){break label}",
];

const REFUSED: readonly (readonly [string, string])[] = [
  ["let a = 1; a", "line 1, column 5"],
  ["true;\nconst a = 1", "line 2, column 1"],
  ["() => 1", "Unexpected token"],
  ["`x`", "Unexpected character '`'"],
  ["/a(?=b)/.test('ab')", "RE2 does not know look-around, line 1, column"],
  ["/(?<=a)b/.test('a')", "look-around"],
  ["/(a)\\1/.test('aa')", "a back-reference"],
  ["/[^]/.test('a')", "an empty class"],
  ["class A {}", "class"],
  ["a ?? b", ""],
  ["a?.b", ""],
  ["2 ** 3", ""],
  ["function f(a=1){}", ""],
  ["var {a} = event", ""],
  ["async function x(){}", ""],
  ["1_000", ""],
  ["0b11", ""],
  ["for (var x of y) {}", ""],
  ["f(a,)", ""],
  ["f(...a)", ""],
  ["'\u2028'", ""],
  ["try {} catch {}", ""],
  ["({a, b})", ""],
  ["({a() {}})", ""],
  ["({[a]: 1})", ""],
  ["return true", "outside of function"],
];

test.each(TAKEN)("%j is ES5", (code) => {
  expect(newerThanEs5(code, "program")).toBeUndefined();
});

test.each(REFUSED)("%j is newer", (code, why) => {
  expect(newerThanEs5(code, "program")).toContain(why);
});

test("a body may return", () => {
  expect(newerThanEs5("event.check.labels.a = 'b'; return event", "body")).toBeUndefined();
  expect(newerThanEs5("return event?.check", "body")).toContain("Unexpected token");
});

test("an escape hides what follows it, a class what is in it", () => {
  for (const pattern of ["\\\\1", "\\(?=", "[(?=]", "[\\]\\1]"]) {
    expect([pattern, newerThanEs5(`/${pattern}/`, "program")]).toEqual([pattern, undefined]);
  }
});

test("nesting without end is no fault of this parser", () => {
  expect(newerThanEs5("(".repeat(200_000), "program")).toBeUndefined();
});
