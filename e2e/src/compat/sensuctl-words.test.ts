/** Command words and flags of the original's sensuctl, walked through its help: ours has each, but what is listed here. */
import { bundleCommand, originalCommand, run } from "@sensu-ts/testing";
import { expect, test } from "vitest";

/** Not there yet; each is refused by its name (`frame/not-yet.ts`). */
const NOT_YET = ["command", "asset add", "asset outdated"];

/** The configured values there, whatever they are. */
const OTHER_DEFAULTS = ['configure --format string "tabular"', 'configure --namespace string "default"'];

interface Help {
  readonly commands: readonly string[];
  /** `-s --name type (default x)`, sorted. */
  readonly flags: readonly string[];
}

async function help(command: readonly string[], path: readonly string[]): Promise<Help> {
  const { code, stdout } = await run([...command, ...path, "--help"], { env: { HOME: "/nonexistent" } });
  expect(code, path.join(" ")).toBe(0);
  const commands: string[] = [];
  const flags: string[] = [];
  let section = "";
  for (const line of stdout.split("\n")) {
    section = /^([A-Z][A-Za-z ]*):/.exec(line)?.[1] ?? section;
    const word = /^ {2}(\S+) /.exec(line)?.[1];
    if (section.endsWith("Commands") && word !== undefined) commands.push(word);
    if (!section.endsWith("Flags")) continue;
    const flag = /^ +(?:(-\w), )?(--[\w-]+)(?: (\w+))? {2}/.exec(line);
    if (flag) flags.push([flag[1], flag[2], flag[3]].filter(Boolean).join(" "));
    // The second form: the text was wrapped inside the default.
    const fallback = /(?:\(default |^ {20,}(?=\S+\)$))(.*)\)$/.exec(line)?.[1];
    // Folders differ by where the test runs, and long ones stand on a line of their own.
    if (fallback !== undefined && !fallback.includes("/")) flags.push(`${flags.pop()} ${fallback}`);
  }
  return { commands, flags };
}

test("every command and every flag of the original is there", async () => {
  const [original, ours] = [originalCommand("sensuctl"), bundleCommand("sensuctl")];
  const missing: string[] = [];
  let seen = 0;
  const walk = async (path: readonly string[]): Promise<void> => {
    const [theirs, mine] = await Promise.all([help(original, path), help(ours, path)]);
    seen++;
    const known = new Set([...mine.flags, ...mine.commands]);
    for (const word of [...theirs.flags, ...theirs.commands]) {
      if (!known.has(word)) missing.push([...path, word].join(" "));
    }
    for (const word of theirs.commands) {
      // Its own help is no table of flags.
      if (mine.commands.includes(word) && word !== "completion") await walk([...path, word]);
    }
  };
  await walk([]);
  expect(missing.sort()).toEqual([...NOT_YET, ...OTHER_DEFAULTS].sort());
  expect(seen).toBeGreaterThan(120);
});

test.each([...NOT_YET, "auth list", "auth info", "auth delete", "license", "login", "prune", "purge-assets", "secret"])(
  "%s is not there yet and says so",
  async (words) => {
    const { code, stderr } = await run([...bundleCommand("sensuctl"), ...words.split(" "), "x"]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(`"sensuctl ${words}" is not in this version yet`),
    });
  },
);
