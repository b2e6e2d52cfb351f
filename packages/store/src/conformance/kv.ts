import { expect, test } from "vitest";
import type { Kv, KvCompare, KvEvent, KvWatchItem } from "../kv/kv.ts";

/** A started store, empty, and how to let go of it. */
export interface Made<T> {
  readonly store: T;
  [Symbol.asyncDispose](): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => (value === undefined ? undefined : new TextDecoder().decode(value));
const put = (key: string, value = key) => ({ op: "put", key, value: bytes(value) }) as const;

/** What every key-value engine must do. */
export function kvConformance(makeKv: () => Promise<Made<Kv>>): void {
  test("put, get, delete with revisions", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const start = await kv.revision();
    expect(await kv.get("/a")).toBeUndefined();
    const first = await kv.txn([], [put("/a", "1")]);
    expect(first).toEqual({ committed: true, revision: start + 1 });
    const second = await kv.txn([], [put("/a", "2"), put("/b")]);
    expect(second.revision).toBe(start + 2);
    const a = await kv.get("/a");
    expect(a).toMatchObject({ key: "/a", createRevision: start + 1, modRevision: start + 2 });
    expect(text(a?.value)).toBe("2");
    await kv.txn([], [{ op: "delete", key: "/a" }]);
    expect(await kv.get("/a")).toBeUndefined();
    await kv.txn([], [put("/a", "3")]);
    expect(await kv.get("/a")).toMatchObject({ createRevision: start + 4, modRevision: start + 4 });
    expect(await kv.revision()).toBe(start + 4);
  });

  test("a transaction that changes nothing keeps the revision", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const revision = await kv.revision();
    expect(await kv.txn([], [{ op: "delete", key: "/none" }])).toEqual({ committed: true, revision });
    expect(await kv.txn([], [{ op: "deletePrefix", prefix: "/none" }])).toEqual({ committed: true, revision });
    expect(await kv.txn([{ key: "/none", modRevision: 0 }], [])).toEqual({ committed: true, revision });
  });

  test("comparisons decide over all operations", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const { revision } = await kv.txn([{ key: "/a", modRevision: 0 }], [put("/a")]);
    const refused = await kv.txn(
      [
        { key: "/a", modRevision: revision },
        { key: "/b", modRevision: revision },
      ],
      [put("/a", "changed"), put("/b")],
    );
    expect(refused.committed).toBe(false);
    expect(text((await kv.get("/a"))?.value)).toBe("/a");
    expect(await kv.get("/b")).toBeUndefined();
    expect((await kv.txn([{ key: "/a", modRevision: 0 }], [put("/a")])).committed).toBe(false);
    expect((await kv.txn([{ key: "/a", modRevision: revision }], [put("/a", "2")])).committed).toBe(true);
  });

  test("comparisons of existence and of emptiness", async () => {
    await using made = await makeKv();
    const kv = made.store;
    await kv.txn([], [put("/p/1")]);
    const holds = async (compare: KvCompare) => (await kv.txn([compare], [])).committed;
    expect(await holds({ key: "/p/1", exists: true })).toBe(true);
    expect(await holds({ key: "/p/", exists: true })).toBe(false);
    expect(await holds({ prefix: "/p/", empty: true })).toBe(false);
    expect(await holds({ prefix: "/p/1/", empty: true })).toBe(true);
    expect(await holds({ prefix: "/o", empty: true })).toBe(true);
  });

  test("of concurrent compare-and-swaps of one key exactly one wins", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const { revision } = await kv.txn([], [put("/a")]);
    const tries = Array.from({ length: 20 }, (_, i) =>
      kv.txn([{ key: "/a", modRevision: revision }], [put("/a", String(i))]),
    );
    const results = await Promise.all(tries);
    expect(results.filter((result) => result.committed)).toHaveLength(1);
  });

  test("a transaction that touches a key twice is invalid", async () => {
    await using made = await makeKv();
    const kv = made.store;
    for (const ops of [
      [put("/a"), put("/a")],
      [put("/a"), { op: "delete", key: "/a" } as const],
      [put("/a/b"), { op: "deletePrefix", prefix: "/a/" } as const],
      [put("")],
    ]) {
      await expect(kv.txn([], ops)).rejects.toMatchObject({ code: "invalid" });
    }
    expect(await kv.get("/a")).toBeUndefined();
  });

  test("empty and binary values come back byte for byte", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
    await kv.txn([], [{ op: "put", key: "/empty", value: new Uint8Array(0) }]);
    await kv.txn([], [{ op: "put", key: "/binary", value: binary }]);
    expect(Array.from((await kv.get("/empty"))?.value ?? [1])).toEqual([]);
    expect(Array.from((await kv.get("/binary"))?.value ?? [])).toEqual(Array.from(binary));
  });

  test("ranges are in byte order, page without loss and stop at the prefix", async () => {
    await using made = await makeKv();
    const kv = made.store;
    // UTF-16 order would put the last two the other way round.
    const keys = ["/p/", "/p/-", "/p/.", "/p/a", "/p/a-b/x", "/p/a/x", "/p/aa", "/p/é", "/p/\uffee", "/p/\u{1f600}"];
    await kv.txn(
      [],
      [...keys].reverse().map((key) => put(key)),
    );
    await kv.txn([], [put("/p"), put("/q/x"), put("/o/z")]);
    const all = await kv.range({ prefix: "/p/" });
    expect(all.entries.map((entry) => entry.key)).toEqual(keys);
    expect(all.more).toBe(false);
    expect(all.revision).toBe(await kv.revision());
    for (const limit of [1, 3, keys.length, keys.length + 1]) {
      const seen: string[] = [];
      let after: string | undefined;
      for (;;) {
        const page = await kv.range({ prefix: "/p/", limit, ...(after === undefined ? {} : { after }) });
        seen.push(...page.entries.map((entry) => entry.key));
        after = page.entries.at(-1)?.key;
        if (!page.more) break;
        expect(page.entries).toHaveLength(limit);
      }
      expect(seen).toEqual(keys);
    }
    expect((await kv.range({ prefix: "/p/", after: "/p/a", limit: 2 })).entries.map((entry) => entry.key)).toEqual([
      "/p/a-b/x",
      "/p/a/x",
    ]);
    expect((await kv.range({ prefix: "/p/", after: "/a" })).entries).toHaveLength(keys.length);
    expect((await kv.range({ prefix: "/p/", after: "/z" })).entries).toEqual([]);
    const keysOnly = await kv.range({ prefix: "/p/a", keysOnly: true });
    expect(keysOnly.entries.map((entry) => entry.value.byteLength)).toEqual([0, 0, 0, 0]);
    expect((await kv.range({ prefix: "" })).entries.length).toBe(keys.length + 3);
  });

  test("deletePrefix deletes what starts with it, nothing else", async () => {
    await using made = await makeKv();
    const kv = made.store;
    await kv.txn(
      [],
      ["/a", "/a/1", "/a/2", "/a-", "/b"].map((key) => put(key)),
    );
    await kv.txn([], [{ op: "deletePrefix", prefix: "/a/" }]);
    expect((await kv.range({ prefix: "/" })).entries.map((entry) => entry.key)).toEqual(["/a", "/a-", "/b"]);
  });

  test("a watch sees the past, the present, deletions and whole revisions in order", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const start = await kv.revision();
    await kv.txn([], [put("/w/1"), put("/w/2"), put("/other")]);
    const watch = follow(kv, "/w/", start);
    expect(await watch.take(2)).toEqual(["put /w/1 = /w/1", "put /w/2 = /w/2"]);
    await kv.txn([], [put("/other", "again")]);
    await kv.txn([], [put("/w/1", "new"), { op: "delete", key: "/w/2" }]);
    expect(await watch.take(2)).toEqual(["put /w/1 = new", "delete /w/2"]);
    await kv.txn([], [{ op: "deletePrefix", prefix: "/w/" }]);
    expect(await watch.take(1)).toEqual(["delete /w/1"]);
    expect(watch.lastRevision()).toBe(await kv.revision());
    await watch.end();
  });

  test("a watch from the middle goes on after it; one from now sees nothing old", async () => {
    await using made = await makeKv();
    const kv = made.store;
    await kv.txn([], [put("/w/1")]);
    const { revision } = await kv.txn([], [put("/w/2")]);
    await kv.txn([], [put("/w/3")]);
    const middle = follow(kv, "/w/", revision);
    const now = follow(kv, "/w/", await kv.revision());
    expect(await middle.take(1)).toEqual(["put /w/3 = /w/3"]);
    await kv.txn([], [put("/w/4")]);
    expect(await middle.take(1)).toEqual(["put /w/4 = /w/4"]);
    expect(await now.take(1)).toEqual(["put /w/4 = /w/4"]);
    await Promise.all([middle.end(), now.end()]);
  });

  test("no change is lost or doubled while a watch begins and many write", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const start = await kv.revision();
    const writes = Array.from({ length: 300 }, (_, i) => kv.txn([], [put(`/w/${i}`)]));
    const watch = follow(kv, "/w/", start);
    await Promise.all(writes);
    const seen = await watch.take(300);
    expect(new Set(seen).size).toBe(300);
    await watch.end();
  });

  test("a watch of a compacted revision says so and where the store is, then ends", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const { revision } = await kv.txn([], [put("/w/1")]);
    const later = await kv.txn([], [put("/w/2")]);
    await kv.compact(revision);
    const items: KvWatchItem[] = [];
    for await (const item of kv.watch("/w/", revision - 1, new AbortController().signal)) items.push(item);
    expect(items).toEqual([{ kind: "compacted", revision: later.revision }]);
    const watch = follow(kv, "/w/", revision);
    expect(await watch.take(1)).toEqual(["put /w/2 = /w/2"]);
    await watch.end();
    await expect(kv.compact(later.revision + 1)).rejects.toMatchObject({ code: "invalid" });
    expect(text((await kv.get("/w/1"))?.value)).toBe("/w/1");
  });

  test("an idle watch outlives the compaction of what it has seen", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const watch = follow(kv, "/w/", await kv.revision());
    await kv.txn([], [put("/w/1")]);
    await watch.take(1);
    for (let i = 0; i < 5; i++) await kv.txn([], [put("/other", String(i))]);
    await kv.compact(await kv.revision());
    await kv.txn([], [put("/w/2")]);
    expect(await watch.take(1)).toEqual(["put /w/2 = /w/2"]);
    await watch.end();
  });

  test("a lease takes its keys with it, and not those put again without it", async () => {
    await using made = await makeKv();
    const kv = made.store;
    const lease = await kv.lease(5);
    await kv.txn(
      [],
      [
        { op: "put", key: "/l/1", value: bytes("x"), lease: lease.id },
        { op: "put", key: "/l/2", value: bytes("x"), lease: lease.id },
      ],
    );
    await kv.txn([], [put("/l/2"), put("/l/3")]);
    const watch = follow(kv, "/l/", await kv.revision());
    await lease.revoke();
    await lease.lost;
    expect(await watch.take(1)).toEqual(["delete /l/1"]);
    await watch.end();
    expect((await kv.range({ prefix: "/l/" })).entries.map((entry) => entry.key)).toEqual(["/l/2", "/l/3"]);
    await expect(kv.txn([], [{ op: "put", key: "/l/4", value: bytes("x"), lease: lease.id }])).rejects.toMatchObject({
      code: "notFound",
    });
    expect(await kv.get("/l/4")).toBeUndefined();
    await lease.revoke();
  });

  test("start and stop may be repeated", async () => {
    await using made = await makeKv();
    const kv = made.store;
    await kv.txn([], [put("/a")]);
    await Promise.all([kv.start(), kv.start()]);
    expect(await kv.get("/a")).toBeDefined();
    const ended = follow(kv, "/a", await kv.revision());
    const ends = ended.ended();
    await Promise.all([kv.stop(), kv.stop()]);
    await ends;
    await expect(kv.get("/a")).rejects.toMatchObject({ code: "unavailable" });
    await kv.start();
    expect(text((await kv.get("/a"))?.value)).toBe("/a");
  });
}

export function describeEvent(event: KvEvent): string {
  return event.kind === "delete" ? `delete ${event.key}` : `put ${event.entry.key} = ${text(event.entry.value)}`;
}

/** Reads a watch as the test asks for it. */
export function follow(kv: Kv, prefix: string, after: number) {
  const abort = new AbortController();
  const items = kv.watch(prefix, after, abort.signal)[Symbol.asyncIterator]();
  const events: string[] = [];
  let revision = after;
  return {
    async take(count: number): Promise<string[]> {
      while (events.length < count) {
        const { value, done } = await items.next();
        if (done === true || value.kind !== "events") throw new Error("the watch ended early");
        revision = value.revision;
        events.push(...value.events.map(describeEvent));
      }
      return events.splice(0, count);
    },
    lastRevision: () => revision,
    async ended(): Promise<void> {
      while ((await items.next()).done !== true);
    },
    async end(): Promise<void> {
      abort.abort();
      await items.return?.();
    },
  };
}
