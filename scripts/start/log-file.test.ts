import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "@sensu-ts/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogFile } from "./log-file.ts";

const LIMIT = 100;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let told: string[];
let log: LogFile;

beforeEach(() => {
  folder = temporaryFolder();
  file = path.join(folder.path, "backend.log");
  told = [];
  log = new LogFile(file, { limit: LIMIT, tellUser: (text) => told.push(text) });
});
afterEach(() => folder[Symbol.dispose]());

function write(text: string): void {
  log.write(Buffer.from(text));
}

/** The file before, then the file. */
function kept(): string {
  return [`${file}.1`, file].map((each) => (existsSync(each) ? readFileSync(each, "utf8") : "")).join("");
}

function lines(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${String(from + index).padStart(4, "0")}\n`).join("");
}

test("two files of at most the limit hold the newest lines without a gap, readable by this user only", () => {
  for (let line = 0; line < 1000; line++) write(lines(line, 1));
  expect(kept()).toMatch(/^line/);
  expect(lines(0, 1000).endsWith(kept())).toBe(true);
  expect(kept().length).toBeGreaterThan(LIMIT);
  // The line that went over the limit is still in the old one.
  for (const each of [file, `${file}.1`]) {
    expect(statSync(each).size).toBeLessThanOrEqual(LIMIT + lines(0, 1).length);
    expect(statSync(each).mode & 0o777).toBe(0o600);
  }
});

test("chunks that end within lines do not cut a line in two files", () => {
  const text = lines(0, 100);
  for (let at = 0; at < text.length; at += 37) write(text.slice(at, at + 37));
  expect(text.endsWith(kept())).toBe(true);
  expect(readFileSync(file, "utf8")).toMatch(/^line/);
});

test("a file that an earlier start left too long is kept as the one before", () => {
  writeFileSync(file, lines(0, 50));
  write(lines(50, 2));
  expect(readFileSync(`${file}.1`, "utf8")).toBe(lines(0, 51));
  expect(readFileSync(file, "utf8")).toBe(lines(51, 1));
});

test("goes on after the user removed the file", () => {
  write(lines(0, 9));
  rmSync(file);
  write(lines(9, 9));
  expect(kept()).toBe(lines(9, 9));
});

test("lines go on where the old file cannot be kept, and that is told once", () => {
  mkdirSync(`${file}.1`);
  for (let line = 0; line < 30; line++) write(lines(line, 1));
  expect(readFileSync(file, "utf8")).toBe(lines(0, 30));
  expect(told).toEqual([expect.stringContaining(`log ${file}: EISDIR`)]);
});

test("a folder that is gone ends nothing", () => {
  rmSync(folder.path, { recursive: true });
  write(lines(0, 1));
  write(lines(1, 1));
  expect(told).toEqual([expect.stringContaining("ENOENT")]);
});
