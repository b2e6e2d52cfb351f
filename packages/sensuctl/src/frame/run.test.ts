import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { COMMANDS } from "../registrations.ts";
import { run } from "./run.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sensuctl-run-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sensuctl(argv: readonly string[], env: Record<string, string> = {}) {
  let out = "";
  let err = "";
  const code = await run(
    argv,
    { SENSU_CONFIG_DIR: folder, ...env },
    {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      interactive: false,
      colour: false,
    },
  );
  return { code, out, err };
}

const CONFIGURED = { SENSU_API_URL: "http://127.0.0.1:1", SENSU_API_KEY: "k" };

test("every command and sub-command has help without configuration", async () => {
  for (const [name, { load, summary }] of Object.entries(COMMANDS)) {
    const { default: command } = await load();
    expect(command.name).toBe(name);
    expect(command.summary).toBe(summary);
    // Another program's own help: tried below.
    if (command.kind === "program") continue;
    const paths = command.kind === "leaf" ? [[name]] : [[name], ...command.commands.map((sub) => [name, sub.name])];
    for (const words of paths) {
      const { code, out, err } = await sensuctl([...words, "--help"]);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toContain(`Usage:\tsensuctl ${words.join(" ")}`);
      for (const line of out.split("\n").filter((text) => text.startsWith("   "))) {
        expect(line.length).toBeLessThan(85);
      }
    }
  }
});

test.each([
  [["check", "list"], {}, "No API URL is defined."],
  [["check", "list"], { SENSU_API_URL: "http://h" }, "Unable to locate credentials."],
  [["check", "list", "--bogus"], CONFIGURED, "unknown flag: --bogus"],
  [["check", "list", "x"], CONFIGURED, "invalid argument(s) received"],
  [["check", "create", "x"], CONFIGURED, 'required flag(s) "command", "subscriptions" not set'],
  [["check", "create", "x", "-c", "a", "-s", "b"], CONFIGURED, "must specify --interval or --cron"],
  [["role", "create", "a", "b"], CONFIGURED, "too many arguments supplied: a, b"],
  [
    ["--timeout", "x", "check", "list"],
    CONFIGURED,
    'invalid argument "x" for "--timeout" flag: time: invalid duration "x"',
  ],
  [
    ["namespace", "list"],
    CONFIGURED,
    'Get "http://127.0.0.1:1/api/core/v2/namespaces": dial tcp 127.0.0.1:1: connect: connection refused',
  ],
  [
    ["check", "info", "x"],
    CONFIGURED,
    'GET "/api/core/v2/namespaces/default/checks/x": Get "http://127.0.0.1:1/api/core/v2/namespaces/default/checks/x": dial',
  ],
  [
    ["cluster", "member-list"],
    CONFIGURED,
    'error listing cluster members: GET "/api/core/v2/cluster/members": Get "http://127.0.0.1:1/',
  ],
  [
    ["namespace", "list", "--cert-file", "a.pem"],
    CONFIGURED,
    "--key-file is not set: a client certificate needs both --cert-file and --key-file",
  ],
  [
    ["user", "create", "Web 01", "--password", "P@ssw0rd!"],
    CONFIGURED,
    'username cannot contain spaces or special characters; did you mean "web-01"?',
  ],
  [["chek"], CONFIGURED, 'unknown command "chek" for "sensuctl"\n\nDid you mean this?\n\tcheck\n'],
])("%j fails with 1", async (argv, env, message) => {
  const { code, err } = await sensuctl(argv, env as Record<string, string>);
  expect(err).toContain(`Error: ${message}`);
  expect(code).toBe(1);
});

test("a management command alone ends with 64 and its help on stderr; unknown ones with 64 too", async () => {
  expect(await sensuctl(["check"], CONFIGURED)).toMatchObject({
    code: 64,
    out: "",
    err: expect.stringContaining("Usage:"),
  });
  expect(await sensuctl(["check", "foo", "bar"], CONFIGURED)).toMatchObject({
    code: 64,
    err: 'Error: unknown command "foo bar" for "sensuctl check"\nRun \'sensuctl check --help\' for usage.\n',
  });
  expect(await sensuctl(["check", "help"], CONFIGURED)).toMatchObject({ code: 0, err: "" });
});

test.each(["auth list", "asset add sensu/cpu", "command", "help prune", "secret --help"])(
  "%s is not there yet, and says so",
  async (line) => {
    const { code, out, err } = await sensuctl(line.split(" "));
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^Error: "sensuctl (auth list|asset add|command|prune|secret)" is not in this version yet: /);
  },
);

test("what the command line gets wrong in small is told like the original does", async () => {
  expect(await sensuctl(["help", "nope"])).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^Unknown help topic/),
    out: "",
  });
  expect(await sensuctl(["describe-type", "checks,"], CONFIGURED)).toMatchObject({
    code: 1,
    err: "Error: invalid resource type: \n",
  });
  expect(await sensuctl(["config", "set-timeout", "20"])).toMatchObject({
    code: 1,
    err: 'Unable to parse new timeout with error: time: missing unit in duration "20"\nError: time: missing unit in duration "20"\n',
  });
  expect(await sensuctl(["cluster", "member-remove", "1".repeat(17)], CONFIGURED)).toMatchObject({
    err: 'Error: invalid id: strconv.ParseUint: parsing "11111111111111111": value out of range\n',
  });
  expect(await sensuctl(["entity", "create", "a b", "-c", "proxy"], CONFIGURED)).toMatchObject({
    out: expect.stringContaining("Usage:\tsensuctl entity create"),
  });
  const { err } = await sensuctl(["--cache-dir", folder, "config", "set-format", "json"]);
  expect(err).toBe("warning: --cache-dir has no effect: this version has no command plugins and caches nothing\n");
});

test("a boolean variable that is none counts as false, a timeout that is none as the default", async () => {
  const env = { ...CONFIGURED, SENSU_INSECURE_SKIP_TLS_VERIFY: "no", SENSU_TIMEOUT: "soon" };
  const { code, out } = await sensuctl(["env", "--shell", "cmd"], env);
  expect(code).toBe(0);
  expect(out).toContain("SET SENSU_INSECURE_SKIP_TLS_VERIFY=false\n");
  expect(out).toContain("SET SENSU_TIMEOUT=15s\n");
});

test("without a terminal a question is an error, not a wait", async () => {
  const { code, err } = await sensuctl(["configure"]);
  expect({ code, err }).toEqual({
    code: 1,
    err: 'Error: EOF: there is no terminal to ask "Sensu Backend API URL:" on; give arguments and flags instead\n',
  });
});

test("a command's own flag hides the global one of its name", async () => {
  const argv = ["check", "create", "x", "-c", "a", "-s", "b", "-i", "1", "--timeout", "5", "--namespace", "n/n"];
  expect((await sensuctl(argv, CONFIGURED)).err).toContain('Error: Post "http://127.0.0.1:1');
});

test("S-72: sensuctl pki is sensu-pki, its flags and exit codes included", async () => {
  const dir = path.join(folder, "tls");
  expect(await sensuctl(["pki", "init", "--dir", dir, "--algo", "ecdsa"])).toMatchObject({ code: 0, err: "" });
  const { code, out } = await sensuctl(["pki", "list", "--json", "--dir", dir]);
  expect({ code, names: (JSON.parse(out) as { cn: string }[]).map(({ cn }) => cn) }).toEqual({
    code: 0,
    names: ["Sensu CA"],
  });
  expect(await sensuctl(["pki", "check", "--dir", dir, path.join(dir, "no.pem")])).toMatchObject({ code: 3 });
  expect((await sensuctl(["help", "pki", "issue"])).out).toContain("issue agent");
});

test("a deletion without a terminal is not done", async () => {
  expect(await sensuctl(["check", "delete", "x"], CONFIGURED)).toEqual({ code: 0, out: "Canceled\n", err: "" });
});

test("a hash has the prefix that the original's backends know", async () => {
  expect((await sensuctl(["user", "hash-password", "P@ssw0rd!"])).out).toMatch(/^\$2a\$10\$[./\w]{53}\n$/);
});
