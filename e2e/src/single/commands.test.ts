/** The commands of `sensu-backend` beside `start`, as scripts call them (B-201 to B-242). */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ADMIN, Api, bundleCommand, run, startBackend, temporaryFolder } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const COMMAND = bundleCommand("sensu-backend");
const CREDENTIALS = {
  SENSU_BACKEND_CLUSTER_ADMIN_USERNAME: "root",
  SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD: "longenough",
};
const ETCD = ["--etcd-client-urls", "https://a.test:2379", "--etcd-cert-file", "c.pem", "--etcd-client-cert-auth"];

function lines(stderr: string): readonly Record<string, unknown>[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("init takes the flags that name a store, and says that it asks none (B-105, B-227)", async () => {
  using folder = temporaryFolder();
  const init = [...COMMAND, "init", "--state-dir", folder.path];
  const done = await run([...init, ...ETCD], { env: CREDENTIALS });
  expect(done.code, done.stderr).toBe(0);
  expect(lines(done.stderr)).toContainEqual(
    expect.objectContaining({
      level: "warning",
      msg: "options without effect on the built-in store: etcd-client-urls, etcd-cert-file, etcd-client-cert-auth",
    }),
  );
  expect((await run([...init, ...ETCD], { env: CREDENTIALS })).code).toBe(3);
});

test("upgrade is asked for twice and changes nothing, with the backend down or up (B-240, B-1614)", async () => {
  using folder = temporaryFolder();
  const upgrade = [...COMMAND, "upgrade", "--state-dir", folder.path];
  const missing = await run([...upgrade, "--skip-confirm"]);
  expect([missing.code, lines(missing.stderr)[0]?.["error"]]).toEqual([1, expect.stringContaining("no database in")]);
  expect((await run([...COMMAND, "init", "--state-dir", folder.path], { env: CREDENTIALS })).code).toBe(0);
  for (const args of [["--skip-confirm"], ["--skip-confirm", ...ETCD, "--timeout", "5"]]) {
    const { code, stderr } = await run([...upgrade, ...args]);
    expect([code, lines(stderr).at(-1)]).toEqual([
      0,
      expect.objectContaining({ level: "info", msg: "database already up to date", database_version: 1 }),
    ]);
  }
  await using _backend = (await startBackend({ stateDir: folder.path, resume: true })).program;
  expect(lines((await run([...upgrade, "--skip-confirm"])).stderr).at(-1)?.["msg"]).toBe("database already up to date");
});

test("upgrade does nothing without a yes", async () => {
  using folder = temporaryFolder();
  mkdirSync(path.join(folder.path, "store"));
  const upgrade = [...COMMAND, "upgrade", "--state-dir", folder.path];
  for (const input of ["", "n\n", "\n", "maybe\n"]) {
    const { code, stderr } = await run(upgrade, { input });
    expect([input, code, stderr]).toEqual([input, 1, expect.stringContaining("upgrade aborted by operator")]);
  }
  const { code, stderr } = await run(upgrade, { input: "y\n" });
  expect([code, stderr]).toEqual([0, expect.stringContaining("database already up to date")]);
});

test("a start that fails with the store already open says why and ends (B-393, B-707)", async () => {
  using folder = temporaryFolder();
  const start = [...COMMAND, "start", "--state-dir", folder.path];
  const missing = path.join(folder.path, "missing.pem");
  const withoutKeys = await run([...start, "--jwt-private-key-file", missing, "--jwt-public-key-file", missing]);
  expect([withoutKeys.code, lines(withoutKeys.stderr).at(-1)?.["error"]]).toEqual([
    1,
    `could not load the key pair for the JWT signature: open ${missing}: no such file or directory`,
  ]);
  const database = path.join(folder.path, "store", "sensu.db");
  const content = readFileSync(database);
  // All pages but the first, which holds the schema.
  writeFileSync(database, content.fill(0xff, 4096));
  const damaged = await run(start);
  expect([damaged.code, lines(damaged.stderr).at(-1)?.["error"]]).toEqual([
    1,
    expect.stringContaining("database disk image is malformed"),
  ]);
});

test("a backup of a running backend becomes another one's store (B-1301)", async () => {
  using folder = temporaryFolder();
  const [first, second, file] = ["first", "second", "copy.db"].map((name) => path.join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(second);
  const check = "/api/core/v2/namespaces/default/checks/kept";
  const backup = [...COMMAND, "backup", "--state-dir", first];
  const restore = [...COMMAND, "restore", file, "--state-dir", second];
  {
    await using running = await startRunning(first, false);
    const body = { metadata: { name: "kept", namespace: "default" }, interval: 60, command: "true" };
    expect((await running.api.send("PUT", check, body)).status).toBe(201);
    const done = await run([...backup, file]);
    expect([done.code, lines(done.stderr).at(-1)]).toEqual([0, expect.objectContaining({ msg: "backup written" })]);
    for (const [args, error] of [
      [[...backup, file], `${file} is there already`],
      [backup, "name one file: sensu-backend backup FILE"],
      [[...COMMAND, "restore", file, "--state-dir", first], `a backend is running on ${first}: stop it first`],
    ] as const) {
      const refused = await run(args);
      expect([refused.code, lines(refused.stderr).at(-1)?.["error"]]).toEqual([1, error]);
    }
  }
  const done = await run(restore);
  expect([done.code, lines(done.stderr).at(-1)]).toEqual([0, expect.objectContaining({ msg: "backup restored" })]);
  await using running = await startRunning(second, true);
  expect((await running.api.get(check)).command).toBe("true");
});

async function startRunning(stateDir: string, resume: boolean) {
  const backend = await startBackend({ stateDir, resume });
  const api = await new Api(backend).login(ADMIN.user, ADMIN.password);
  return { api, [Symbol.asyncDispose]: () => backend.program[Symbol.asyncDispose]() };
}
