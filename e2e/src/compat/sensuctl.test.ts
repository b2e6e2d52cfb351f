/** Our sensuctl and the original's against the original's backend: the same words give the same bytes. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import {
  ADMIN,
  type Backend,
  bundleCommand,
  originalCommand,
  run,
  startBackend,
  startOriginalBackend,
  temporaryFolder,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = temporaryFolder();
const RESOURCES = path.join(import.meta.dirname, "sensuctl-resources.yml");
const COMMANDS = { ours: bundleCommand("sensuctl"), original: originalCommand("sensuctl") };
const FORMATS = ["tabular", "json", "wrapped-json", "yaml"];
let backend: Backend;

type Which = keyof typeof COMMANDS;

async function sensuctl(which: Which, argv: readonly string[], options: { zone?: string; input?: string } = {}) {
  const config = path.join(folder.path, which);
  const { code, stdout, stderr } = await run([...COMMANDS[which], "--config-dir", config, ...argv], {
    // A machine that stands still for a while fails neither.
    env: { TZ: options.zone ?? "UTC", SENSU_TIMEOUT: "10m" },
    input: options.input ?? "",
  });
  return { code, stdout: comparable(stdout), stderr: comparable(stderr) };
}

/** Without colours, and without fields that the original's build at hand does not know yet. */
function comparable(text: string): string {
  const newer = "(?:fallback_pipeline|default_silenced_expiry|max_silenced_expiry_allowed)";
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences.
      .replace(/\u001b\[[0-9;]*m/g, "")
      .replace(new RegExp(`,\\n *"${newer}": (?:null|0|\\{[^}]*\\})(?=[,\\n])`, "g"), "")
      .replace(new RegExp(`\\n *${newer}:(?: null| 0|(?:\\n +(?:name|type|api_version): ""){3})(?=\\n)`, "g"), "")
  );
}

/** `meant`: what the original is asked, where it knows less. */
async function same(argv: readonly string[], zone = "UTC", meant = argv): Promise<void> {
  const original = await sensuctl("original", meant, { zone });
  expect(await sensuctl("ours", argv, { zone }), `${argv.join(" ")} in ${zone}`).toEqual(original);
}

beforeAll(async () => {
  backend = await startOriginalBackend({ stateDir: folder.path });
  const login = ["configure", "-n", "--url", backend.api, "--username", ADMIN.user, "--password", ADMIN.password];
  for (const which of ["ours", "original"] as const) {
    expect(await sensuctl(which, login)).toEqual({ code: 0, stdout: "", stderr: "" });
  }
  expect(await sensuctl("ours", ["create", "-f", RESOURCES])).toEqual({ code: 0, stdout: "", stderr: "" });
});

afterAll(async () => {
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

const NAMES: Readonly<Record<string, readonly string[]>> = {
  namespace: [],
  asset: ["sensu/cpu", "simple"],
  check: ["c1", "c2"],
  entity: ["router"],
  event: ["router c1", "router c2"],
  filter: ["f1", "f2"],
  handler: ["h1", "h2", "h3"],
  hook: ["ps", "quoting"],
  mutator: ["m1", "m2"],
  pipeline: ["p1"],
  role: ["r1"],
  "role-binding": ["rb1", "rb2"],
  "cluster-role": ["cr1", "view"],
  "cluster-role-binding": ["crb1"],
  silenced: ["net:c1", "*:c2"],
  user: [],
};

test.each(Object.entries(NAMES))("%s: list and info in all formats", async (noun, names) => {
  for (const format of FORMATS) {
    await same([noun, "list", "--format", format]);
    for (const name of names) await same([noun, "info", ...name.split(" "), "--format", format]);
  }
  await same([noun, "list"], "America/New_York");
});

test.each(FORMATS)("lists with options, dumps and descriptions as %s", async (format) => {
  for (const words of [
    "check list --all-namespaces",
    "handler list --namespace qa",
    "event list --chunk-size 1",
    "silenced list -s net -c c1",
    "dump checks,handlers,roles --omit handlers",
    "tessen info",
    "cluster health",
  ]) {
    await same([...words.split(" "), "--format", format]);
  }
});

/** Types of the commercial original: before those of core in `all` (C-117). */
const ADDED = ["fallback_pipeline/v1.FallbackPipeline", "web/v1.GlobalConfig"];

test.each(FORMATS)("all types as %s: the original's after those it has not", async (format) => {
  const flags = ["--format", format];
  const typesOf = async (which: Which): Promise<readonly string[]> => {
    const { stdout } = await sensuctl(which, ["describe-type", "all", "--format", "json"]);
    return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  };
  const known = await typesOf("original");
  expect(await typesOf("ours")).toEqual([...ADDED, ...known]);
  await same(["describe-type", known.join(","), ...flags], "UTC", ["describe-type", "all", ...flags]);
  await same(["dump", "all", "--omit", ADDED.join(","), ...flags], "UTC", ["dump", "all", ...flags]);
  // The original finds no events without a namespace.
  const everywhere = ["dump", "all", "--all-namespaces", "--omit"];
  await same([...everywhere, ["events", ...ADDED].join(","), ...flags], "UTC", [...everywhere, "events", ...flags]);
});

test.each([
  ["check", "foo", "bar"],
  ["chek"],
  ["check", "list", "--bogus"],
  ["check", "list", "--chunk-size", "x"],
  ["check", "info", "gone-for-good"],
  ["check", "create", "x", "-c", "a", "-s", "b"],
  ["check", "set-interval", "c1", "x"],
  ["namespace", "delete", "default", "--skip-confirm"],
  ["silenced", "create", "-r", "x", "-s", "a", "-b", "tomorrow"],
  ["create", "-f", "/gone"],
  ["delete", "-f", "/tmp"],
  ["dump", "foo"],
  ["user", "test-creds", ADMIN.user, "-p", "wrong"],
  ["user", "test-creds", ADMIN.user, "-p", ADMIN.password],
  ["cluster", "member-remove", "zz"],
])("%s %s: the same words and exit code", async (...argv) => {
  await same(argv);
});

test("a user name that cannot be is refused in the original's words, with a hint of ours behind them", async () => {
  const argv = ["user", "create", "Bad!Name", "-p", "password"];
  const original = await sensuctl("original", argv);
  const ours = await sensuctl("ours", argv);
  expect({ ...ours, stderr: "" }).toEqual({ ...original, stderr: "" });
  expect(ours.stderr.startsWith(`${original.stderr.trimEnd()}; did you mean "bad-name"?`)).toBe(true);
});

test("a check goes through its whole life", async () => {
  const ours = async (...argv: string[]) => (await sensuctl("ours", argv)).stdout;
  expect(await ours("check", "create", "life", "-c", "true", "-s", "a,b", "-i", "30", "-t", "5")).toBe("Created\n");
  expect(await ours("check", "set-cron", "life", "*/5 * * * *")).toBe("Updated\n");
  expect(await ours("check", "set-hooks", "life", "-t", "non-zero", "-k", "ps")).toBe("Added\n");
  expect(await ours("check", "execute", "life", "--reason", "test")).toBe("Issued\n");
  await same(["check", "info", "life", "--format", "json"]);
  expect(JSON.parse(await ours("check", "info", "life", "--format", "json"))).toMatchObject({
    interval: 0,
    cron: "*/5 * * * *",
    timeout: 5,
    check_hooks: [{ "non-zero": ["ps"] }],
  });
  const yaml = await ours("check", "info", "life", "--format", "yaml");
  expect(await ours("check", "delete", "life", "--skip-confirm")).toBe("Deleted\n");
  expect(await sensuctl("ours", ["create"], { input: yaml })).toEqual({ code: 0, stdout: "", stderr: "" });
  await same(["check", "info", "life", "--format", "yaml"]);
});

test("an API key logs in, and each program reads the other's files", async () => {
  const granted = await sensuctl("ours", ["api-key", "grant", ADMIN.user]);
  const key = /^Created: \/api\/core\/v2\/apikeys\/(\S+)$/m.exec(granted.stdout)?.[1] ?? "";
  await same(["api-key", "info", key, "--format", "yaml"]);
  const fresh = ["--config-dir", path.join(folder.path, "none"), "--api-url", backend.api, "--api-key", key];
  expect((await run([...COMMANDS.ours, ...fresh, "namespace", "list", "--format", "json"])).code).toBe(0);
  const crossed = ["--config-dir", path.join(folder.path, "ours"), "config", "view"];
  expect((await run([...COMMANDS.original, ...crossed])).stdout).toContain("Username:");
});

test("SD-000-72 the certificate guide's check has no interval: the original's words come from either API, ours fills it in", async () => {
  const backends = { original: backend, ours: await startBackend({ stateDir: path.join(folder.path, "ours-72") }) };
  const file = path.join(folder.path, "expired_certs.json");
  const spec = { command: "openssl x509 -noout -enddate -in b1.pem", publish: true, subscriptions: ["system"] };
  const metadata = { name: "expired_certs", namespace: "default" };
  writeFileSync(file, JSON.stringify({ type: "CheckConfig", api_version: "core/v2", metadata, spec }));
  const create = async (which: Which, { api }: Backend) => {
    const program = [...COMMANDS[which], "--config-dir", path.join(folder.path, `72-${which}`)];
    const login = ["configure", "-n", "--url", api, "--username", ADMIN.user, "--password", ADMIN.password];
    expect((await run([...program, ...login])).code).toBe(0);
    return await run([...program, "create", "-f", file]);
  };
  try {
    const [told, same] = [await create("original", backends.original), await create("original", backends.ours)];
    expect(told.code).toBe(1);
    expect(told.stderr).toContain("interval");
    expect(same).toEqual(told);
    for (const one of Object.values(backends)) {
      const filled = await create("ours", one);
      expect(filled).toMatchObject({ code: 0, stderr: expect.stringContaining("interval 60 was filled in") });
    }
  } finally {
    await backends.ours.program.stop();
  }
});

test("an event is resolved", async () => {
  expect((await sensuctl("ours", ["event", "resolve", "router", "c1"])).stdout).toBe("Resolved\n");
  const { stdout } = await sensuctl("original", ["event", "info", "router", "c1", "--format", "json"]);
  expect(JSON.parse(stdout).check).toMatchObject({ status: 0, output: "Resolved manually by sensuctl" });
});
