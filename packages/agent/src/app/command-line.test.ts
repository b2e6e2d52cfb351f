import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { ConfigFileError, readCommandLine } from "./command-line.ts";

const folder = mkdtempSync(path.join(tmpdir(), "agent-"));
const file = path.join(folder, "agent.yml");
writeFileSync(file, "name: from-file\nlabels: {Team: ops}\nsubscriptions: [a, b]\n");

test.each([
  [[], "Available Commands"],
  [["--help"], "Available Commands"],
  [["help"], "Available Commands"],
  [["help", "start"], "--backend-url strings"],
  [["help", "bogus"], /^Unknown help topic \[`bogus`\]\nUsage:\n/],
  [["start", "-h"], "-c, --config-file string"],
  [["version"], /^sensu-agent version \d+\.\d+\.\d+\S*\+ce, community edition, built with /],
])("%j prints", (argv, text) => {
  const invocation = readCommandLine(argv, {});
  expect(invocation).toMatchObject({ do: "print", text: expect.stringMatching(text) });
});

test.each([
  [["start", "--foo"], "unknown flag: --foo"],
  [["start", "-c", "/no/such/file"], "open /no/such/file: no such file or directory"],
])("%j is refused", (argv, text) => {
  expect(() => readCommandLine(argv, {})).toThrowError(text);
});

test("what is wrong with a named configuration file is told as such, and before bad flags (W-78)", () => {
  const broken = path.join(folder, "broken.yml");
  writeFileSync(broken, "a: [");
  for (const named of [broken, "/no/such/file", folder]) {
    expect(() => readCommandLine(["start", "--foo", "-c", named], {})).toThrowError(ConfigFileError);
  }
  expect(() => readCommandLine(["start", "--foo", "-c", file], {})).not.toThrowError(ConfigFileError);
});

test("file, environment and flags reach the settings", () => {
  const invocation = readCommandLine(["start", "--namespace", "ops"], { SENSU_CONFIG_FILE: file, SENSU_USER: "u" });
  expect(invocation).toMatchObject({
    do: "start",
    settings: {
      name: "from-file",
      namespace: "ops",
      entity: { user: "u", subscriptions: ["a", "b"], metadata: { labels: { team: "ops" } } },
    },
  });
});
