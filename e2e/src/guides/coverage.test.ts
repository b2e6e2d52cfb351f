/** No row of the checklist and no guide of ours is forgotten. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { BACKGROUND, ROWS, WAITING } from "./coverage.ts";

const root = path.resolve(import.meta.dirname, "../../..");

/** Texts of all tests but this one. */
const tests = ["e2e/src/**/*.test.ts", "packages/*/src/**/*.test.ts"]
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .filter((file) => !file.endsWith("guides/coverage.test.ts"))
  .map((file) => readFileSync(path.join(root, file), "utf8"));

/** Ids in the names of tests, which are strings on lines of their own or after `test(`. */
const tested = new Set(
  tests.flatMap((text) =>
    [...text.matchAll(/["`](?:(?:SD|S|B|W|U)-[\d-]+ ?)*/g)].flatMap(([name]) => name.match(/SD-\d{3}-\d{2}/g) ?? []),
  ),
);

const rows = Object.entries(ROWS).flatMap(([guide, count]) =>
  Array.from({ length: count }, (_, at) => `${guide}-${String(at + 1).padStart(2, "0")}`),
);

test("each row has a test that bears its id, or is listed with what it waits for", () => {
  expect(rows.filter((row) => !tested.has(row) && !(row in WAITING) && !BACKGROUND.includes(row))).toEqual([]);
});

test("what is listed as waiting has no test, and exists", () => {
  for (const row of [...Object.keys(WAITING), ...BACKGROUND]) {
    expect({ row, known: rows.includes(row), tested: tested.has(row) }).toEqual({ row, known: true, tested: false });
  }
  expect([...tested].filter((row) => !rows.includes(row) && row.slice(0, 6) in ROWS)).toEqual([]);
});

test("each guide is followed by a test", () => {
  const guides = globSync("docs/guides/*.md", { cwd: root }).map((file) => path.basename(file));
  // Starts from a checkout: its commands are those of e2e/src/start.
  const byCommand = ["secure-start.md"];
  expect(guides.length).toBeGreaterThanOrEqual(6);
  expect(guides.filter((guide) => !byCommand.includes(guide) && !tests.some((text) => text.includes(guide)))).toEqual(
    [],
  );
});
