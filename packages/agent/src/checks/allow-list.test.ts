import { writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "@sensu-ts/testing";
import { afterAll, expect, test } from "vitest";
import { AllowList } from "./allow-list.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const list = (exec: string, args: readonly string[], strict: boolean) =>
  new AllowList([{ exec, args, sha512: "", enableEnv: false }], strict);

/** The first verdict is what the original's agent does with such a list. */
test.each<readonly [exec: string, args: readonly string[], command: string, allowed: boolean, strictly: boolean]>([
  ["/bin/echo", ["hello"], "/bin/echo hello", true, true],
  ["/bin/echo", ["hello"], "  /bin/echo\t hello ", true, true],
  ["/bin/echo", ["hello"], "/bin/echo hello hello", true, true],
  ["/bin/echo", ["hello"], "/bin/echo", true, true],
  ["/bin/echo", ["hello"], "/bin/echo hello there", false, false],
  ["/bin/echo", ["hello"], "/bin/echo hello; id", false, false],
  ["/bin/echo", ["hello"], "/bin/echo hello > /tmp/x", false, false],
  ["/bin/echo", ["hello"], '/bin/echo "hello"', false, false],
  ["/bin/echo", ["hello"], "hello", false, false],
  ["/bin/echo", ["hello"], " ", false, false],
  // The text of the words is there, the words are not.
  ["/bin/echo", ["hello"], "/bin/echohello", true, false],
  ["/bin/echo", ["hello"], "hello /bin/echo", true, false],
  ["/bin/echo", ["hello"], "/bin/echo\nhello", true, false],
  ["/bin/echo", ["hello"], "/bin/echo /bin/echo", true, false],
  // What a shell would read in its own way.
  ["echo", ["$(id)"], "echo $(id)", true, false],
  ["echo", ["a;id"], "echo a;id", true, false],
  ["check-disk", ["-w 80", "-c 90", "-w"], "check-disk -c 90 -w 80", true, true],
  ["check-disk", ["-w 80", "-c 90", "-w"], "check-disk -w -w 80", true, true],
  ["check-disk", ["-w 80"], "check-disk 80 -w", false, false],
  ["uptime", [""], "uptime", true, true],
  ["sh plugins/x", [""], "sh plugins/x", true, true],
])("%s %j allows %j: %s, strictly %s (W-131, S-403)", (exec, args, command, allowed, strictly) => {
  expect(list(exec, args, false).match(command) !== undefined).toBe(allowed);
  expect(list(exec, args, true).match(command) !== undefined).toBe(strictly);
});

test.each<readonly [name: string, text: string, expected: object | string]>([
  ["a.json", '[{"Exec":"x","args":["a"],"ENABLE_ENV":true,"other":1}]', { args: ["a"], sha512: "", enableEnv: true }],
  ["a.yml", "- exec: x\n  args: [-c, 90]\n  sha512: ab\n", { args: ["-c", "90"], sha512: "ab", enableEnv: false }],
  ["a.yaml.bak", "- exec: x\n  args: ['']", { args: [""] }],
  ["a.json", "null", "empty"],
  ["a.yml", "", "empty"],
  ["a.json", "[{", "allow-list FILE: "],
  ["a.yml", "exec: x", "allow-list FILE: a list of commands is wanted"],
  ["a.yml", "- x", "allow-list FILE, entry 1: no object"],
  ["a.yml", "- args: [a]", "allow-list FILE, entry 1: exec cannot be empty"],
  ["a.yml", "- exec: x\n  args: [a]\n- exec: z", "allow-list FILE, entry 2: args cannot be empty"],
  ["a.yml", "- exec: x\n  args: a", "allow-list FILE, entry 1: args is no list"],
  ["a.yml", "- exec: x\n  args: [yes]", "allow-list FILE, entry 1: an item of args is no text: put it in quotes"],
  [
    "a.yml",
    "- exec: x\n  args: [a]\n  enable_env: 1",
    "allow-list FILE, entry 1: enable_env is neither true nor false",
  ],
  ["a.txt", "[]", "allow-list FILE: invalid file extension"],
])("%s of %j is read as %j (W-130)", (name, text, expected) => {
  const file = path.join(folder.path, name);
  writeFileSync(file, text);
  if (expected === "empty") expect(AllowList.read(file, false).isEmpty).toBe(true);
  else if (typeof expected === "object") expect(AllowList.read(file, false).match("x")).toMatchObject(expected);
  else expect(() => AllowList.read(file, false)).toThrowError(expected.replace("FILE", file));
});

test("a list that is not there is an error, not an empty list", () => {
  expect(() => AllowList.read(path.join(folder.path, "none.yml"), false)).toThrowError(/ENOENT/);
});
