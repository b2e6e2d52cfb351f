import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "@sensu-ts/testing";
import { expect, test } from "vitest";
import { secret } from "./secret.ts";

test("a password is made once, for this user alone; one that was never written is made again", () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, "admin-password");
  writeFileSync(file, "", { mode: 0o644 });
  const made = secret(file);
  expect(made).toMatch(/^[\w-]{24}$/);
  expect(secret(file)).toBe(made);
  expect(readFileSync(file, "utf8")).toBe(`${made}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toEqual(["admin-password"]);
});
