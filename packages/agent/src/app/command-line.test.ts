import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { readCommandLine } from "./command-line.ts";

const folder = mkdtempSync(path.join(tmpdir(), "agent-"));
const file = path.join(folder, "agent.yml");
writeFileSync(file, "name: from-file\nlabels: {Team: ops}\nsubscriptions: [a, b]\n");

test.each([
  [[], "Available Commands"],
  [["--help"], "Available Commands"],
  [["help"], "Available Commands"],
  [["help", "start"], "--backend-url strings"],
  [["start", "-h"], "-c, --config-file string"],
  [["version"], /^sensu-agent version \d+\.\d+\.\d+\S*\+ce, community edition, built with /],
])("%j prints", (argv, text) => {
  const invocation = readCommandLine(argv, {});
  expect(invocation).toMatchObject({ do: "print", text: expect.stringMatching(text) });
});

test.each([
  [["bogus"], 'unknown command "bogus" for "sensu-agent"'],
  [["start", "--foo"], "unknown flag: --foo"],
  [["start", "-c", "/no/such/file"], "configuration file /no/such/file cannot be read: ENOENT"],
])("%j is refused", (argv, text) => {
  expect(() => readCommandLine(argv, {})).toThrowError(text);
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
