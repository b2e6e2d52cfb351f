import { afterAll, expect, test } from "vitest";
import { translatePatterns } from "./re2.ts";
import { Sandbox } from "./sandbox.ts";

const sandbox = new Sandbox();
afterAll(() => sandbox.stop());

test.each([
  [`"disk".match(/(?i)^DISK$/)`, true],
  [`"disk".match(/^DISK$/)`, false],
  [String.raw`"a\nb".match(/(?s)a.b/)`, true],
  [String.raw`/(?P<name>x+)-\z/.exec("xx-")[1] == "xx"`, true],
  [`/^[[:digit:][:upper:]_-]+$/.test("A1_-")`, true],
  [`/^[^[:space:]]+$/.test("a b")`, false],
  [`/[]/x]+/.test("]")`, true],
  [`new RegExp("(?i)DISK").test("disk")`, true],
  [`"disk".match("(?i)DISK") && "disk".search("(?i)SK") == 2`, true],
  [`"a/(?i)b".split("/").length == 2 && 8 / 4 / 2 == 1`, true],
  [`/x/ instanceof RegExp && new RegExp("a") instanceof RegExp`, true],
])("%s is %s", async (expression, expected) => {
  expect(await sandbox.test(expression, {})).toBe(expected);
});

test("filters with RE2's patterns are accepted when written", async () => {
  expect(await sandbox.checkSyntax("event.check.name.match(/(?i)x/)")).toBeUndefined();
});

test("only pattern literals are touched", () => {
  const code = '// a /(?i)x/\nvar a = b / c / (?i) /* /(?i)y/ */ "/(?i)z/"';
  expect(translatePatterns(code)).toBe(code);
  expect(translatePatterns("return /(?i)x/ ; (1) / 2")).toBe("return /x/i ; (1) / 2");
});
