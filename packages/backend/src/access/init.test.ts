import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Namespace, resourceOf, User } from "@sensu-ts/core";
import { openSqlite, ResourceCache, ResourceStore, type SqliteStore, type StoredType } from "@sensu-ts/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../observe/silent-log.ts";
import { Bcrypt } from "./authenticate/bcrypt.ts";
import { initExitCode, initStore, isInitialized } from "./init.ts";
import { ACCESS_TYPES } from "./sources.ts";

const ADMIN = { username: "admin", password: "longpass1" };

let folder: string;
let sqlite: SqliteStore;
let bcrypt: Bcrypt;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "init-"));
  sqlite = openSqlite({ folder });
  await sqlite.start();
  bcrypt = new Bcrypt();
});
afterEach(async () => {
  await bcrypt.stop();
  await sqlite.stop();
  await rm(folder, { recursive: true });
});

const init = (request = ADMIN) => initStore({ kv: sqlite.kv, bcrypt, log: silentLog }, request);
const keys = async () => {
  const { entries } = await sqlite.kv.range({ prefix: "/sensu.io/", keysOnly: true });
  return entries.map((entry) => entry.key.slice("/sensu.io/".length));
};

test("exactly the objects of S-219, with the original's hashes", async () => {
  expect(await isInitialized(sqlite.kv)).toBe(false);
  expect(await initStore({ kv: sqlite.kv, bcrypt, log: silentLog }, { ...ADMIN, apiKey: "the-key" })).toBe("done");
  expect(await keys()).toEqual([
    ".initialized",
    "apikeys/the-key",
    "namespaces/default",
    ...["cluster-admin", "system:agent", "system:user"].map((name) => `rbac/clusterrolebindings/${name}`),
    ...["admin", "cluster-admin", "edit", "system:agent", "system:user", "view"].map(
      (name) => `rbac/clusterroles/${name}`,
    ),
    "rbac/rolebindings/default/system:pipeline",
    "rbac/roles/default/system:pipeline",
    "users/admin",
    "users/agent",
  ]);
  const store = new ResourceStore(sqlite.kv);
  const agent = (await store.get(resourceOf(User), "", "agent"))?.value;
  expect(agent).toMatchObject({ groups: ["system:agents"], disabled: false });
  expect(agent?.password).toBe(agent?.password_hash);
  expect(await bcrypt.matches("P@ssw0rd!", agent?.password_hash ?? "")).toBe(true);
});

test("again: exit code 3 and nothing changed (S-217)", async () => {
  await init();
  const { revision } = await sqlite.kv.range({ prefix: "/" });
  const again = await init({ username: "other", password: "otherpass" });
  expect(again).toBe("alreadyInitialized");
  expect(initExitCode(again, false)).toBe(3);
  expect(initExitCode(again, true)).toBe(0);
  expect((await sqlite.kv.range({ prefix: "/" })).revision).toBe(revision);
});

test("two at once: one is done, and only its administrator exists (S-218)", async () => {
  const results = await Promise.all([init(), init({ username: "eve", password: "evepassw" })]);
  expect([...results].sort()).toEqual(["alreadyInitialized", "done"]);
  const users = (await keys()).filter((key) => key.startsWith("users/"));
  expect(users).toEqual([results[0] === "done" ? "users/admin" : "users/eve", "users/agent"].sort());
});

test("what is there stays, namespaces that are there get their pair (S-218, B-235)", async () => {
  const store = new ResourceStore(sqlite.kv);
  await store.put(resourceOf(Namespace), Namespace.create({ name: "sensu-system" }));
  await store.put(resourceOf(User), User.create({ username: "agent", password_hash: "mine" }));
  expect(await init()).toBe("done");
  expect((await store.get(resourceOf(User), "", "agent"))?.value.password_hash).toBe("mine");
  expect(await keys()).toContain("rbac/rolebindings/sensu-system/system:pipeline");
});

test("who is told that it is done may sign in: a running backend's cache has everything", async () => {
  const cache = new ResourceCache(new ResourceStore(sqlite.kv), ACCESS_TYPES);
  await cache.start();
  await initStore({ kv: sqlite.kv, bcrypt, log: silentLog, follower: cache }, { ...ADMIN, apiKey: "the-key" });
  expect(ACCESS_TYPES.map((type) => [type.name, cache.list(type as StoredType<unknown>).length])).toEqual([
    ["User", 2],
    ["APIKey", 1],
    ["Namespace", 1],
    ["ClusterRole", 6],
    ["ClusterRoleBinding", 3],
    ["Role", 1],
    ["RoleBinding", 1],
  ]);
  await cache.stop();
});

test("name and password are needed", async () => {
  await expect(init({ username: "admin", password: "" })).rejects.toMatchObject({
    message: "both cluster-admin-username and cluster-admin-password are required to be set (or an API key)",
  });
  expect(await keys()).toEqual([]);
});
