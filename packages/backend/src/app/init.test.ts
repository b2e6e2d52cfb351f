/** The command line of `sensu-backend init`: whose passwords it sets, and from where (S-221, S-398). */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { resourceOf, User } from "@sensu-ts/core";
import { openSqlite, ResourceStore } from "@sensu-ts/store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Bcrypt } from "../access/mod.ts";
import { testLog } from "../observe/test-log.ts";
import { resolve } from "./configuration.ts";
import { runInit } from "./init.ts";
import { INIT_OPTIONS } from "./options.ts";
import { refuseEtcdData, storeFolder } from "./store-folder.ts";

/** Hashes of passwords take their time. */
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "init-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function init(argv: readonly string[], env: Record<string, string> = {}) {
  const log = testLog();
  const resolution = resolve(INIT_OPTIONS, { argv: ["--state-dir", folder, ...argv], env });
  expect(resolution.errors).toEqual([]);
  const code = await runInit(resolution, log);
  return { code, warnings: log.lines.filter((line) => line.startsWith("warn")) };
}

/** Users with the password that each has. */
async function users(passwords: readonly string[]): Promise<Record<string, string | undefined>> {
  const store = openSqlite({ folder: storeFolder(folder) });
  const bcrypt = new Bcrypt();
  await Promise.all([store.start(), bcrypt.start()]);
  try {
    const { items } = await new ResourceStore(store.kv).list(resourceOf(User));
    const found: Record<string, string | undefined> = {};
    for (const { value } of items) {
      for (const password of passwords) {
        if (await bcrypt.matches(password, value.password_hash)) found[value.username] = password;
      }
    }
    return found;
  } finally {
    await Promise.all([store.stop(), bcrypt.stop()]);
  }
}

const ADMIN = { SENSU_BACKEND_CLUSTER_ADMIN_USERNAME: "admin" };

test("a password from a file, another one for agents", async () => {
  const file = path.join(folder, "password");
  writeFileSync(file, "of-the-file\n", { mode: 0o600 });
  const env = { ...ADMIN, SENSU_BACKEND_AGENT_PASSWORD: "for-agents" };
  expect(await init(["--cluster-admin-password-file", file], env)).toEqual({ code: 0, warnings: [] });
  expect(await users(["of-the-file", "for-agents"])).toEqual({ admin: "of-the-file", agent: "for-agents" });
  const gone = resolve(INIT_OPTIONS, { argv: ["--cluster-admin-password-file", "/none"], env });
  await expect(runInit(gone, testLog())).rejects.toThrow("open /none: no such file or directory");
});

test("no user for agents that show certificates; a flag is warned about", async () => {
  const result = await init(["--no-agent-user", "--cluster-admin-password", "longpass1"], ADMIN);
  expect(result).toEqual({
    code: 0,
    warnings: [expect.stringContaining("cluster-admin-password was given as a flag")],
  });
  expect(await users(["longpass1", "P@ssw0rd!"])).toEqual({ admin: "longpass1" });
});

test("B-1102 the data of Sensu Go are never answered with an empty store, unless that is asked for", async () => {
  const options = (store: string) => ({ "state-dir": folder, "embedded-store": store });
  refuseEtcdData(options("auto"));
  mkdirSync(path.join(folder, "etcd/data/member"), { recursive: true });
  expect(() => refuseEtcdData(options("auto"))).toThrow(
    /has the data of Sensu Go.*sensuctl dump.*embedded-store: builtin/,
  );
  const env = { ...ADMIN, SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD: "P@ssw0rd!" };
  await expect(init([], env)).rejects.toThrow("has the data of Sensu Go");
  expect(await init([], { ...env, SENSU_BACKEND_EMBEDDED_STORE: "builtin" })).toMatchObject({ code: 0 });
  // Decided once.
  refuseEtcdData(options("auto"));
});
