import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EventWrite } from "../../events/events.ts";
import { SCHEMA_VERSION } from "../../migrate/migrate.ts";
import { copySqlite, restoreSqlite } from "./copy.ts";
import { openSqlite } from "./sqlite.ts";
import { workerUrl } from "./worker-url.ts";

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "store-"));
  folder = join(parent, "state", "store");
});
afterEach(() => rm(parent, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const put = (key: string, lease?: string) =>
  ({ op: "put", key, value: bytes(key), ...(lease === undefined ? {} : { lease }) }) as const;
const columns = { timestamp: 1, status: 0, state: "passing", silenced: false, lastOk: 1, executed: 1 };
const write = (check: string): EventWrite => ({
  ...{ namespace: "ns", entity: "e", check },
  expected: 0,
  columns,
  bytes: bytes(check),
});

test("folder and files are for their owner only", async () => {
  const store = openSqlite({ folder });
  await store.start();
  await store.kv.txn([], [put("/a")]);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  const files = await readdir(folder);
  expect(files).toContain("sensu.db-wal");
  for (const file of files) expect((await stat(join(folder, file))).mode & 0o777, file).toBe(0o600);
  await store.stop();
  expect((await readdir(folder)).sort()).toEqual(["sensu.db", "sensu.lock"]);
});

test("a folder in use is refused by its name and works after its user has gone", async () => {
  const first = openSqlite({ folder });
  const second = openSqlite({ folder });
  await first.start();
  await expect(second.start()).rejects.toMatchObject({
    code: "unavailable",
    message: `the store in ${folder} is in use by another process`,
  });
  await first.kv.txn([], [put("/a")]);
  await first.stop();
  await second.start();
  expect(await second.kv.get("/a")).toBeDefined();
  await second.stop();
});

test("data from a newer program and a broken file are refused, not changed", async () => {
  const store = openSqlite({ folder });
  await store.start();
  await store.stop();
  const db = new DatabaseSync(join(folder, "sensu.db"));
  db.exec(`UPDATE schema_version SET version = ${SCHEMA_VERSION + 1}`);
  db.close();
  await expect(store.start()).rejects.toThrow(`cannot open the store in ${folder}: the data has schema version`);
  await expect(store.kv.get("/a")).rejects.toMatchObject({ code: "unavailable" });
});

test("a restart keeps data, revisions and history, and drops the leases of the process before", async () => {
  const store = openSqlite({ folder });
  await store.start();
  await store.kv.txn([], [put("/a")]);
  await store.events.commit([write("c")]);
  const revision = await store.kv.revision();
  await store.stop();
  // What a killed process leaves behind.
  const db = new DatabaseSync(join(folder, "sensu.db"));
  db.exec("INSERT INTO leases (id) VALUES ('old')");
  db.exec("INSERT INTO kv (key, create_revision, mod_revision, lease, value) VALUES ('/lock', 1, 1, 'old', 'x')");
  db.close();
  await store.start();
  expect(await store.kv.get("/a")).toMatchObject({ modRevision: revision });
  expect((await store.events.get({ namespace: "ns", entity: "e", check: "c" }))?.revision).toBe(1);
  expect(await store.kv.get("/lock")).toBeUndefined();
  const abort = new AbortController();
  for await (const item of store.kv.watch("/", 0, abort.signal)) {
    expect(item).toMatchObject({ events: [{ kind: "put" }, { kind: "delete", key: "/lock" }], revision: revision + 1 });
    break;
  }
  await store.stop();
});

test("stop answers what was asked before it and lets leases go", async () => {
  const store = openSqlite({ folder });
  await store.start();
  const lease = await store.kv.lease(5);
  await store.kv.txn([], [put("/lock", lease.id)]);
  const commits = Array.from({ length: 50 }, (_, i) => store.events.commit([write(String(i))]));
  await store.stop();
  await lease.lost;
  expect((await Promise.all(commits)).every(([result]) => result?.ok)).toBe(true);
  await store.start();
  expect(await store.events.count({})).toBe(50);
  expect(await store.kv.get("/lock")).toBeUndefined();
  await store.stop();
});

test("a request that fails in a shared transaction fails alone", async () => {
  const store = openSqlite({ folder });
  await store.start();
  const answers = await Promise.allSettled([
    store.kv.txn([], [put("/a")]),
    store.kv.txn([], [put("/b", "no such lease")]),
    store.events.commit([write("c")]),
    store.kv.txn([], [put("/d")]),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect((await store.kv.range({ prefix: "/" })).entries.map((entry) => entry.key)).toEqual(["/a", "/d"]);
  expect(await store.kv.revision()).toBe(2);
  await store.stop();
});

test("a full disk refuses the write as unavailable, keeps what was acknowledged, and writing goes on when there is room", async () => {
  const store = openSqlite({ folder });
  await store.start();
  await store.events.commit([write("before")]);
  await store.stop();
  const logged: string[] = [];
  const full = openSqlite({ folder, quotaBytes: 60 * 4096, log: (_level, message) => logged.push(message) });
  await full.start();
  const big = { ...write("big"), bytes: new Uint8Array(1_000_000) };
  await expect(full.events.commit([big])).rejects.toMatchObject({ code: "unavailable", message: "the store failed" });
  await expect(full.events.commit([big])).rejects.toMatchObject({ code: "unavailable" });
  // The same failure again within a second is no line of its own.
  expect([logged, full.trouble()]).toEqual([["the store failed"], "full"]);
  expect(await full.events.commit([write("after")])).toEqual([{ ok: true, revision: 1 }]);
  expect(full.trouble()).toBeUndefined();
  expect((await full.events.list({})).events.map((event) => event.check)).toEqual(["after", "before"]);
  await full.stop();
});

test("history beyond the limit is compacted by itself, and a watch from before says so", async () => {
  const store = openSqlite({ folder, history: { changes: 10 } });
  await store.start();
  for (let i = 0; i < 1200; i += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, j) => store.kv.txn([], [put(`/${i + j}`)])));
  }
  const items = [];
  for await (const item of store.kv.watch("/", 1, new AbortController().signal)) items.push(item);
  expect(items).toEqual([{ kind: "compacted", revision: 1200 }]);
  await store.stop();
});

test("workers are found beside sources and beside a bundle", () => {
  expect(workerUrl("writer", "file:///x/engines/sqlite/worker-url.ts").href).toBe(
    "file:///x/engines/sqlite/store-writer.worker.ts",
  );
  expect(workerUrl("reader", "file:///dist/backend/main.js").href).toBe("file:///dist/backend/store-reader.worker.js");
});

test("pages that are damaged are told apart from a full disk, and stay so", async () => {
  const store = openSqlite({ folder });
  await store.start();
  await store.kv.txn([], [put("/whole")]);
  await store.events.commit([write("lost")]);
  await store.stop();
  const file = join(folder, "sensu.db");
  const pages = readFileSync(file);
  const at = pages.indexOf(Buffer.from("/lost"));
  writeFileSync(file, pages.fill(0xff, at - (at % 4096), at - (at % 4096) + 100));
  await store.start();
  expect(store.trouble()).toBeUndefined();
  await expect(store.events.list({})).rejects.toMatchObject({ code: "unavailable", message: "the store failed" });
  await store.kv.txn([], [put("/more")]);
  expect(store.trouble()).toBe("damaged");
  await store.stop();
});

test("a copy made while the store is written to holds what was acknowledged before it, and opens as a store", async () => {
  const store = openSqlite({ folder });
  await store.start();
  await store.kv.txn([], [put("/before")]);
  await store.events.commit([write("before")]);
  const file = join(parent, "copy.db");
  const writing = Array.from({ length: 50 }, (_, i) => store.kv.txn([], [put(`/while/${i}`)]));
  copySqlite(folder, file);
  await Promise.all(writing);
  await store.stop();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(() => copySqlite(folder, file)).toThrow(`${file} is there already`);
  expect((await readdir(parent)).sort()).toEqual(["copy.db", "state"]);

  const restored = join(parent, "other", "store");
  restoreSqlite(file, restored);
  expect((await stat(join(restored, "sensu.db"))).mode & 0o777).toBe(0o600);
  expect(() => restoreSqlite(file, restored)).toThrow("sensu.db is there already: move its folder away first");
  await rename(join(restored, "sensu.db"), join(restored, "sensu.db-wal"));
  expect(() => restoreSqlite(file, restored)).toThrow("sensu.db-wal is there already");
  await rename(join(restored, "sensu.db-wal"), join(restored, "sensu.db"));
  const copy = openSqlite({ folder: restored });
  await copy.start();
  expect((await copy.kv.get("/before"))?.value).toEqual(bytes("/before"));
  expect((await copy.events.list({})).events.map((event) => event.check)).toEqual(["before"]);
  await copy.kv.txn([], [put("/after")]);
  await copy.stop();
});

test("nothing is left of a copy that failed", async () => {
  const missing = join(parent, "none");
  expect(() => copySqlite(missing, join(parent, "copy.db"))).toThrow(`there is no database in ${missing}`);
  const store = openSqlite({ folder });
  await store.start();
  await store.stop();
  const file = join(folder, "sensu.db");
  writeFileSync(file, readFileSync(file).fill(0xff, 4096));
  expect(() => copySqlite(folder, join(parent, "copy.db"))).toThrow("malformed");
  expect(await readdir(parent)).toEqual(["state"]);
  const other = join(parent, "other.db");
  writeFileSync(other, "no database at all, whatever its name says");
  expect(() => restoreSqlite(other, join(parent, "restored"))).toThrow("file is not a database");
  expect(await readdir(join(parent, "restored"))).toEqual([]);
});
