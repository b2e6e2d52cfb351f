import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckConfig, Entity, Namespace, ObjectMeta, type SensuError, System } from "@sensu-ts/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CacheChange, ResourceCache } from "./cache.ts";
import { openSqlite, type SqliteStore } from "./engines/sqlite/sqlite.ts";
import { joinEntity, splitEntity } from "./entities.ts";
import type { AnyStoredType, StoredType } from "./keys.ts";
import { deleteNamespace } from "./namespaces.ts";
import { ResourceStore, type ResourceWrite } from "./resources.ts";

const checks: StoredType<CheckConfig> = {
  name: "CheckConfig",
  scope: "namespaced",
  storePrefix: "checks",
  message: CheckConfig,
  id: ({ metadata }) => metadata,
};
const namespaces: StoredType<Namespace> = {
  name: "Namespace",
  scope: "cluster",
  storePrefix: "namespaces",
  message: Namespace,
  id: ({ name }) => ({ namespace: "", name }),
};

function check(namespace: string, name: string, command = "true"): CheckConfig {
  return CheckConfig.create({ metadata: ObjectMeta.create({ namespace, name }), command });
}

let folder: string;
let sqlite: SqliteStore;
let store: ResourceStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "store-"));
  sqlite = openSqlite({ folder });
  await sqlite.start();
  store = new ResourceStore(sqlite.kv);
  for (const name of ["a", "a-b"]) await store.create(namespaces, Namespace.create({ name }));
});

afterEach(async () => {
  await sqlite.stop();
  await rm(folder, { recursive: true });
});

test("create, get, put, update, delete under the original's keys", async () => {
  await store.create(checks, check("a", "cpu"));
  await expect(store.create(checks, check("a", "cpu", "false"))).rejects.toMatchObject({ code: "alreadyExists" });
  const first = await store.get(checks, "a", "cpu");
  expect(first?.value).toEqual(check("a", "cpu"));
  expect(first?.etag).toMatch(/^"[1-9a-f][0-9a-f]*"$/);
  expect((await sqlite.kv.get("/sensu.io/checks/a/cpu"))?.modRevision).toBe(first?.revision);

  await store.update(checks, check("a", "cpu", "one"), first?.revision ?? 0);
  await expect(store.update(checks, check("a", "cpu", "two"), first?.revision ?? 0)).rejects.toMatchObject({
    code: "preconditionFailed",
  });
  const second = await store.get(checks, "a", "cpu");
  expect(second?.value.command).toBe("one");
  expect(second?.etag).not.toBe(first?.etag);
  await store.put(checks, check("a", "cpu"));
  expect((await store.get(checks, "a", "cpu"))?.etag).toBe(first?.etag);

  expect(await store.delete(checks, "a", "cpu")).toBe(true);
  expect(await store.delete(checks, "a", "cpu")).toBe(false);
  expect(await store.get(checks, "a", "cpu")).toBeUndefined();
});

test("every write into a missing namespace says so, before a conflict is looked for", async () => {
  for (const write of [
    () => store.create(checks, check("none", "cpu")),
    () => store.put(checks, check("none", "cpu")),
    () => store.update(checks, check("none", "cpu"), 1),
  ]) {
    await expect(write()).rejects.toMatchObject({
      code: "namespaceMissing",
      message: "the namespace none does not exist",
    });
  }
});

test("a namespace and what belongs to it are made in one transaction or not at all", async () => {
  const put = (type: AnyStoredType, value: unknown): ResourceWrite => ({ op: "create", type, value });
  await store.apply([put(checks, check("new", "one")), put(namespaces, Namespace.create({ name: "new" }))]);
  const [first, second] = [await store.get(checks, "new", "one"), await store.get(namespaces, "", "new")];
  expect(first?.revision).toBe(second?.revision);
  const again = store.apply([put(checks, check("a", "two")), put(checks, check("new", "one"))]);
  await expect(again).rejects.toMatchObject({ code: "alreadyExists" });
  expect(await store.get(checks, "a", "two")).toBeUndefined();
});

test("concurrent changes of one value are all applied", async () => {
  await store.create(checks, check("a", "cpu", ""));
  const letters = [..."abcdefghij"];
  await Promise.all(
    letters.map((letter) =>
      store.change(checks, { namespace: "a", name: "cpu" }, (value) => ({ ...value, command: value.command + letter })),
    ),
  );
  expect([...((await store.get(checks, "a", "cpu"))?.value.command ?? "")].sort()).toEqual(letters);
  const missing = store.change(checks, { namespace: "a", name: "none" }, (value) => value);
  await expect(missing).rejects.toMatchObject({ code: "notFound" });
});

test("lists are in joined-key order; the token vanishes on a full last page; predicates count what they keep", async () => {
  const names = ["a-b/x", "a/1", "a/2", "a/3", "a/4"];
  for (const name of names) await store.create(checks, check(name.split("/")[0] ?? "", name.split("/")[1] ?? ""));
  const pages = async (options: { namespace?: string; limit?: number; matches?: (value: CheckConfig) => boolean }) => {
    const seen: string[][] = [];
    let after: string | undefined;
    do {
      const page = await store.list(checks, { ...options, ...(after === undefined ? {} : { after }) });
      seen.push(page.items.map(({ value }) => `${value.metadata.namespace}/${value.metadata.name}`));
      if (page.next !== undefined) expect(page.next).toBe(page.items.at(-1)?.position);
      after = page.next;
    } while (after !== undefined);
    return seen;
  };
  expect(await pages({})).toEqual([names]);
  expect(await pages({ limit: 2 })).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4)]);
  expect(await pages({ limit: 5 })).toEqual([names]);
  expect(await pages({ namespace: "a", limit: 2 })).toEqual([names.slice(1, 3), names.slice(3)]);
  const even = (value: CheckConfig) => Number(value.metadata.name) % 2 === 0;
  expect(await pages({ limit: 1, matches: even })).toEqual([["a/2"], ["a/4"]]);
  expect(await pages({ limit: 2, matches: even })).toEqual([["a/2", "a/4"]]);
  await expect(store.list(checks, { after: "%" })).rejects.toMatchObject({ code: "invalid" });
});

test("a namespace is deleted only when empty, and nothing slips in while it goes", async () => {
  await store.create(checks, check("a", "cpu"));
  await expect(deleteNamespace(sqlite.kv, "a")).rejects.toMatchObject({
    code: "conflict",
    message: "resource is invalid: namespace is not empty",
  });
  await store.delete(checks, "a", "cpu");
  const bytes = new Uint8Array([1]);
  const put = (key: string) => ({ op: "put", key, value: bytes }) as const;
  await sqlite.kv.txn(
    [],
    [
      ...["/sensu.io/rbac/roles/a/system:pipeline", "/sensu.io/rbac/roles/a/other", "/sensu.io/entity_states/a/e"].map(
        put,
      ),
      ...["/sensu.io/checks/a-b/keep", "/sensu.io/entity_states/a-b/e"].map(put),
    ],
  );
  const outcomes = await Promise.all([
    deleteNamespace(sqlite.kv, "a").catch((error: SensuError) => error.code),
    store.create(checks, check("a", "late")).catch((error: SensuError) => error.code),
  ]);
  expect([
    [true, "namespaceMissing"],
    ["conflict", undefined],
  ]).toContainEqual(outcomes);
  if (outcomes[0] !== true) return;
  expect(await deleteNamespace(sqlite.kv, "a")).toBe(false);
  const keys = (await sqlite.kv.range({ prefix: "/sensu.io/", keysOnly: true })).entries.map((entry) => entry.key);
  expect(keys).toEqual(["/sensu.io/checks/a-b/keep", "/sensu.io/entity_states/a-b/e", "/sensu.io/namespaces/a-b"]);
});

test("an entity survives being split and joined; without a state it has an empty one", () => {
  const entity = Entity.create({
    metadata: ObjectMeta.create({ namespace: "a", name: "e", labels: { x: "y" } }),
    entity_class: "agent",
    user: "agent",
    subscriptions: ["linux"],
    deregister: true,
    deregistration: { handler: "h" },
    keepalive_handlers: ["slack"],
    redact: ["password"],
    system: System.create({ hostname: "h", os: "linux" }),
    last_seen: 5,
    sensu_agent_version: "6.14.0",
  });
  const { config, state } = splitEntity(entity);
  expect(joinEntity(config, state)).toEqual(entity);
  expect(joinEntity(config)).toEqual({ ...entity, system: System.create(), last_seen: 0, sensu_agent_version: "" });
});

test("a watch tells changes as values and ids", async () => {
  const abort = new AbortController();
  const { revision } = await store.list(checks);
  await store.create(checks, check("a", "cpu"));
  await store.delete(checks, "a", "cpu");
  const seen: string[] = [];
  for await (const item of store.watch(checks, revision, abort.signal)) {
    if (item.kind !== "changes") break;
    for (const change of item.changes) seen.push(`${change.kind} ${change.id.namespace}/${change.id.name}`);
    if (seen.length === 2) abort.abort();
  }
  expect(seen).toEqual(["put a/cpu", "delete a/cpu"]);
});

test("the cache keeps what a write left as it was", async () => {
  const value = check("a", "cpu");
  await store.create(checks, { ...value, subscriptions: ["linux"] });
  const cache = new ResourceCache(store, [checks]);
  await cache.start();
  try {
    const before = cache.get(checks, "a", "cpu");
    await store.put(checks, { ...value, subscriptions: ["linux"], command: "new" });
    const after = cache.get(checks, "a", "cpu");
    expect([before?.command, after?.command]).toEqual([value.command, "new"]);
    expect(after?.subscriptions).toBe(before?.subscriptions);
    expect(after?.metadata).toBe(before?.metadata);
  } finally {
    await cache.stop();
  }
});

test("the cache follows the store and finds the differences after a compaction it slept through", async () => {
  for (const name of ["stays", "changes", "goes"]) await store.create(checks, check("a", name));
  const cache = new ResourceCache(store, [checks, namespaces]);
  await cache.start();
  try {
    const told: string[] = [];
    let wake = () => {};
    cache.onChange(({ id, value, previous }: CacheChange) => {
      const kind = value === undefined ? "gone" : previous === undefined ? "new" : "changed";
      told.push(`${kind} ${id.namespace}/${id.name}`);
      wake();
    });
    const until = async (count: number) => {
      while (told.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return told.splice(0).sort();
    };
    const names = (namespace?: string) => cache.list(checks, namespace).map((value) => value.metadata.name);
    expect(names()).toEqual(["changes", "goes", "stays"]);
    expect(cache.get(namespaces, "", "a")?.name).toBe("a");

    await store.put(checks, check("a-b", "first"));
    expect(await until(1)).toEqual(["new a-b/first"]);
    expect(names()).toEqual(["first", "changes", "goes", "stays"]);
    expect(names("a-b")).toEqual(["first"]);
    expect(cache.count(checks)).toBe(4);

    // While its store is away the cache misses changes whose history is then compacted.
    await sqlite.stop();
    const other = openSqlite({ folder });
    await other.start();
    const elsewhere = new ResourceStore(other.kv);
    await elsewhere.put(checks, check("a", "changes", "new"));
    await elsewhere.delete(checks, "a", "goes");
    await elsewhere.put(checks, check("a", "fresh"));
    await other.kv.compact(await other.kv.revision());
    await other.stop();
    await sqlite.start();
    expect(await until(3)).toEqual(["changed a/changes", "gone a/goes", "new a/fresh"]);
    expect(names("a")).toEqual(["changes", "fresh", "stays"]);
    expect(cache.count(checks)).toBe(4);
    expect(cache.get(checks, "a", "changes")?.command).toBe("new");
  } finally {
    await cache.stop();
  }
});
