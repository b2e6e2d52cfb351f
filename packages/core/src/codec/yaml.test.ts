import { expect, test } from "vitest";
import { CodecError } from "./error.ts";
import { parseYaml } from "./yaml.ts";
import { stringifyYaml } from "./yaml-writer.ts";

test.each<[string, unknown]>([
  ["y", true],
  ["Y", true],
  ["yes", true],
  ["on", true],
  ["true", true],
  ["n", false],
  ["no", false],
  ["off", false],
  ["false", false],
  ["0777", 511],
  ["0o17", 15],
  ["0x1F", 31],
  ["0b11", 3],
  ["1_000", 1000],
  ["-5", -5],
  ["~", null],
  ["", null],
  ["null", null],
  ["1:30", "1:30"],
  ["1:30:45.5", "1:30:45.5"],
  ["2024-05-06", "2024-05-06"],
  ["2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"],
  ["5.0", 5],
  ["1.5e3", 1500],
  [".5", 0.5],
  ["1_0.5", 10.5],
  ["+1e3", 1000],
  ["1e400", "1e400"],
  [".", "."],
  ["e0", "e0"],
  ["!!float 5", 5],
  ["08", 8],
  ["1700000000000000001", 1700000000000000001n],
  ["18446744073709551615", 18446744073709551615n],
  ['"yes"', "yes"],
  ["'5'", "5"],
  ["a b", "a b"],
  ["core/v2", "core/v2"],
])("R-31: %s", (text, value) => {
  expect(parseYaml(`a: ${text}`)).toEqual({ a: value });
});

test("R-31: duplicates, merge keys, keys that are no texts", () => {
  expect(parseYaml("a: 1\na: 2")).toEqual({ a: 2 });
  expect(parseYaml("base: &b\n  x: 1\n  y: 2\nc:\n  <<: *b\n  y: 3")).toEqual({
    base: { x: 1, true: 2 },
    c: { x: 1, true: 3 },
  });
  expect(parseYaml("1: a\ntrue: b\n1.5: c")).toEqual({ 1: "a", true: "b", 1.5: "c" });
});

test.each(["a: .inf", "a: .nan", "~: 1", "a: [", "a: 1\n b: 2", "{a: b}: c", "a: *x"])(
  "R-31: %j is refused",
  (text) => {
    expect(() => parseYaml(text)).toThrow(CodecError);
  },
);

test("aliases and nesting cannot exhaust the program", () => {
  const bomb = Array.from(
    { length: 12 },
    (_, i) =>
      `a${i}: &a${i} [${Array(10)
        .fill(i ? `*a${i - 1}` : "x")
        .join(", ")}]`,
  );
  expect(() => parseYaml(bomb.join("\n"))).toThrow(CodecError);
  expect(() => parseYaml("[".repeat(50_000))).toThrow(CodecError);
});

test.each([
  "y",
  "N",
  "0777",
  "0o17",
  "1_000",
  "0b1",
  "~",
  "null",
  "<<",
  "=",
  "- a",
  "# c",
  "a: b",
  " a",
  "a ",
  "'",
  '"',
  "\t",
  "1e3",
  ".inf",
  "2001-01-01",
  "@a",
  "%a",
  "`",
  "|",
  "a\n\nb",
  "\n",
  "{}",
  "\u0000",
  "---",
  "é😀",
])("the text %j is still a text after a round trip", (text) => {
  expect(parseYaml(stringifyYaml({ key: text, [text]: "x" }))).toEqual({ key: text, [text]: "x" });
});

test.each([" \n", "\n", "a\n \nb", " a\nb", "a\n\t", "a\nb\n"])("blanks beside line ends survive: %j", (text) => {
  expect(parseYaml(stringifyYaml({ output: text }))).toEqual({ output: text });
  expect(parseYaml(stringifyYaml(text))).toEqual(text);
});
