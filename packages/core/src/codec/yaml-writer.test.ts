import fc from "fast-check";
import { expect, test } from "vitest";
import { parseYaml } from "./yaml.ts";
import { yamlScalar } from "./yaml-scalar.ts";
import { compareKeys, sortedForYaml, stringifyYaml } from "./yaml-writer.ts";

/** `npm run test:long` asks for many more cases than usual. */
const FUZZ = Number(process.env["FUZZ_FACTOR"] ?? 1);

/** What go-yaml 2.4 writes for a text as a value. */
const SCALARS: readonly (readonly [text: string, yaml: string])[] = [
  ["", '""'],
  ["plain", "plain"],
  ["a:b", "a:b"],
  ["a: b", "'a: b'"],
  ["x #y", "'x #y'"],
  ["x#y", "x#y"],
  ["- x", "'- x'"],
  ["-x", "-x"],
  ["*/5 * * * *", "'*/5 * * * *'"],
  ["it's", "it's"],
  ["'it'", "'''it'''"],
  ["trail ", "'trail '"],
  ["yes", '"yes"'],
  ["NO", '"NO"'],
  ["nO", "nO"],
  ["y", '"y"'],
  ["~", '"~"'],
  ["null", '"null"'],
  ["1_000", '"1_000"'],
  ["0x1F", '"0x1F"'],
  ["0o17", '"0o17"'],
  ["08", '"08"'],
  ["1e3", '"1e3"'],
  ["12e", "12e"],
  ["1.2.3", "1.2.3"],
  [".5", '".5"'],
  ["1:20", '"1:20"'],
  ["1:90", "1:90"],
  ["2020-01-01", '"2020-01-01"'],
  ["2020-01-01x", "2020-01-01x"],
  ["18446744073709551616", '"18446744073709551616"'],
  ["tab\there", '"tab\\there"'],
  ["😀", '"\\U0001F600"'],
  ["é 検", "é 検"],
  ["a\nb", "|-\n    a\n    b"],
  ["a\n", "|\n    a"],
  ["a\n\n", "|+\n    a\n"],
  [" a\n", "|2\n     a"],
  ["a \nb", '"a \\nb"'],
];

test.each(SCALARS)("%j", (text, yaml) => {
  expect(yamlScalar(text, 10, 4)).toBe(yaml);
});

test("long texts are folded at the first space after column 80", () => {
  const words = Array.from({ length: 20 }, (_, i) => `word${i}`).join(" ");
  const [first = "", second = ""] = stringifyYaml({ a: { text: words } })
    .split("\n")
    .slice(1);
  expect(first).toMatch(/^ {2}text: word0 .* word11$/);
  expect(first.length).toBeGreaterThan(80);
  expect(second).toMatch(/^ {4}word12 /);
});

test("lists stand under their key, empty things on its line", () => {
  const tree = { list: [{ a: 1, b: [] }, [null, {}]], map: { k: "v" }, big: 18446744073709551615n, real: 1234567.5 };
  expect(stringifyYaml(tree)).toBe(`list:
- a: 1
  b: []
- - null
  - {}
map:
  k: v
big: 18446744073709551615
real: 1.2345675e+06
`);
});

test("keys of several lines are written out", () => {
  expect(stringifyYaml({ "a\nb": "v" })).toBe("? |-\n  a\n  b\n: v\n");
});

test("keys sort by number inside, letters last", () => {
  const keys = ["b10", "b2", "b", "a_b", "aB", "a-b", "_", "2", "10"];
  expect(keys.sort(compareKeys)).toEqual(["_", "2", "10", "a-b", "a_b", "aB", "b", "b2", "b10"]);
});

test("what is written is read back the same", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("a", " ", "\n", "'", '"', ":", "#", "-", "1", "é", "\t") }),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(fc.string({ unit: "grapheme-ascii", minLength: 1 }), tie("node"), { maxKeys: 3 }),
    ),
  })).node;
  fc.assert(
    fc.property(tree, (value) => {
      const given = sortedForYaml({ value } as never);
      expect(parseYaml(stringifyYaml(given))).toEqual(given);
    }),
    { numRuns: 300 * FUZZ },
  );
});
