import { expect, test } from "vitest";
import type { EventColumns, EventKey, EventQuery, EventStore, EventWrite } from "../events/events.ts";
import { joinEventKey } from "../events/key.ts";
import type { Made } from "./kv.ts";

const columns: EventColumns = {
  timestamp: 100,
  status: 0,
  state: "passing",
  silenced: false,
  lastOk: 100,
  executed: 99,
};

function write(joined: string, given: Partial<EventColumns> = {}, expected = 0, bytes = joined): EventWrite {
  const [namespace = "", entity = "", check = ""] = joined.split("/");
  return {
    namespace,
    entity,
    check,
    expected,
    columns: { ...columns, ...given },
    bytes: new TextEncoder().encode(bytes),
  };
}

function key(joined: string): EventKey {
  const { namespace, entity, check } = write(joined);
  return { namespace, entity, check };
}

/** What every event store must do. */
export function eventStoreConformance(makeEvents: () => Promise<Made<EventStore>>): void {
  async function names(store: EventStore, query: EventQuery): Promise<string[]> {
    return (await store.list(query)).events.map(joinEventKey);
  }

  test("what is written comes back whole", async () => {
    await using made = await makeEvents();
    const { store } = made;
    const given: EventColumns = {
      timestamp: 7,
      status: 4294967295,
      state: "flapping",
      silenced: true,
      lastOk: 3,
      executed: 5,
    };
    const raw = Uint8Array.from({ length: 256 }, (_, i) => i);
    const results = await store.commit([
      { ...key("ns/e/c"), expected: 0, columns: given, bytes: raw },
      { ...key("ns/e/empty"), expected: 0, columns, bytes: new Uint8Array(0) },
    ]);
    expect(results).toEqual([
      { ok: true, revision: 1 },
      { ok: true, revision: 1 },
    ]);
    const event = await store.get(key("ns/e/c"));
    expect(event).toMatchObject({ ...key("ns/e/c"), revision: 1, columns: given });
    expect(Array.from(event?.bytes ?? [])).toEqual(Array.from(raw));
    expect(raw.byteLength).toBe(256);
    expect((await store.get(key("ns/e/empty")))?.bytes.byteLength).toBe(0);
    expect(await store.get(key("ns/e/none"))).toBeUndefined();
  });

  test("a write against another revision than the stored one is a conflict and changes nothing", async () => {
    await using made = await makeEvents();
    const { store } = made;
    await store.commit([write("ns/e/c")]);
    const results = await store.commit([
      write("ns/e/c", { status: 1 }, 0, "new"),
      write("ns/e/c", { status: 2 }, 2, "ahead"),
      write("ns/e/other", {}, 5),
      write("ns/e/fine"),
    ]);
    expect(results.map((result) => result.ok)).toEqual([false, false, false, true]);
    expect((await store.get(key("ns/e/c")))?.columns.status).toBe(0);
    expect(await store.get(key("ns/e/other"))).toBeUndefined();
    expect(await store.commit([write("ns/e/c", { status: 1 }, 1)])).toEqual([{ ok: true, revision: 2 }]);
    expect((await store.get(key("ns/e/c")))?.columns.status).toBe(1);
  });

  test("two writes of one key in a batch: the second sees the first", async () => {
    await using made = await makeEvents();
    const { store } = made;
    const results = await store.commit([write("ns/e/c"), write("ns/e/c", { status: 1 }, 1), write("ns/e/c", {}, 1)]);
    expect(results.map((result) => result.ok)).toEqual([true, true, false]);
  });

  test("many batches at once: of equal expectations one wins", async () => {
    await using made = await makeEvents();
    const { store } = made;
    const batches = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.commit([write("ns/e/c"), write(`ns/e/own-${i}`)])),
    );
    expect(batches.filter(([first]) => first?.ok)).toHaveLength(1);
    expect(batches.every(([, second]) => second?.ok)).toBe(true);
    expect(await store.count({})).toBe(21);
  });

  test("getMany answers in the order asked, with gaps and repeats", async () => {
    await using made = await makeEvents();
    const { store } = made;
    await store.commit(["a/e/1", "a/e/2", "b/e/1"].map((name) => write(name)));
    const found = await store.getMany(["b/e/1", "a/e/9", "a/e/2", "a/e/2"].map(key));
    expect(found.map((event) => event && joinEventKey(event))).toEqual(["b/e/1", undefined, "a/e/2", "a/e/2"]);
    expect(new TextDecoder().decode(found[2]?.bytes)).toBe("a/e/2");
    expect(await store.getMany([])).toEqual([]);
  });

  test("lists are ordered by the joined key and page without loss", async () => {
    await using made = await makeEvents();
    const { store } = made;
    const sorted = ["a-b/e/c", "a/e-x/c", "a/e/c", "a/e/c-1", "a/e/d", "ab/e/c"];
    await store.commit([...sorted].reverse().map((name) => write(name)));
    expect(await names(store, {})).toEqual(sorted);
    expect(await names(store, { descending: true })).toEqual([...sorted].reverse());
    expect(await names(store, { namespace: "a" })).toEqual(sorted.slice(1, 5));
    for (const descending of [false, true]) {
      for (const namespace of [undefined, "a"]) {
        for (const limit of [1, 2, 4, 6, 7]) {
          const base: EventQuery = { descending, limit, ...(namespace === undefined ? {} : { namespace }) };
          const seen: string[] = [];
          let page = await store.list(base);
          for (;;) {
            seen.push(...page.events.map(joinEventKey));
            if (page.next === undefined) break;
            page = await store.list({ ...base, after: page.next });
          }
          const expected = namespace === undefined ? sorted : sorted.slice(1, 5);
          expect(seen).toEqual(descending ? [...expected].reverse() : expected);
        }
      }
    }
    await expect(store.list({ after: "*" })).rejects.toMatchObject({ code: "invalid" });
    const pages: string[][] = [];
    for await (const page of store.scan(4)) pages.push(page.map(joinEventKey));
    expect(pages).toEqual([sorted.slice(0, 4), sorted.slice(4)]);
  });

  test("filters", async () => {
    await using made = await makeEvents();
    const { store } = made;
    await store.commit([
      write("a/web-1/cpu", { status: 0 }),
      write("a/web-1/disk", { status: 2, silenced: true }),
      write("a/Web-10/cpu", { status: 1 }),
      write("a/db/cpu", { status: 127 }),
      write("b/web-1/cpu", { status: 2 }),
      write("cpu/db/x"),
    ]);
    const cases: [EventQuery, string[]][] = [
      [{ namespace: "a" }, ["a/Web-10/cpu", "a/db/cpu", "a/web-1/cpu", "a/web-1/disk"]],
      [{ namespace: "a", entity: "web-1" }, ["a/web-1/cpu", "a/web-1/disk"]],
      [{ entity: "web-1" }, ["a/web-1/cpu", "a/web-1/disk", "b/web-1/cpu"]],
      [{ entity: "cpu" }, []],
      [{ check: "cpu" }, ["a/Web-10/cpu", "a/db/cpu", "a/web-1/cpu", "b/web-1/cpu"]],
      [{ check: "pu" }, []],
      [{ namespace: "a", entity: "web-1", check: "disk" }, ["a/web-1/disk"]],
      [{ status: [1, 127] }, ["a/Web-10/cpu", "a/db/cpu"]],
      [{ status: [] }, []],
      [{ incidents: true, namespace: "a" }, ["a/Web-10/cpu", "a/db/cpu", "a/web-1/disk"]],
      [{ incidents: false, namespace: "cpu" }, ["cpu/db/x"]],
      [{ silenced: true }, ["a/web-1/disk"]],
      [{ silenced: false, namespace: "a", entity: "web-1" }, ["a/web-1/cpu"]],
      [{ text: "WEB-1" }, ["a/Web-10/cpu", "a/web-1/cpu", "a/web-1/disk", "b/web-1/cpu"]],
      [{ text: "isk" }, ["a/web-1/disk"]],
      [{ text: "%" }, []],
      [{ text: "", namespace: "b" }, ["b/web-1/cpu"]],
      [{ namespace: "none" }, []],
    ];
    for (const [query, expected] of cases) {
      expect(await names(store, query), JSON.stringify(query)).toEqual(expected);
      expect(await store.count(query), JSON.stringify(query)).toBe(expected.length);
      expect(await store.count({ ...query, limit: 1, offset: 1, descending: true })).toBe(expected.length);
    }
  });

  test("orders", async () => {
    await using made = await makeEvents();
    const { store } = made;
    await store.commit([
      write("a/ok-old/c", { status: 0, lastOk: 10, timestamp: 10 }),
      write("a/ok-new/c", { status: 0, lastOk: 50, timestamp: 50 }),
      write("a/critical/c", { status: 2, lastOk: 5, timestamp: 40 }),
      write("a/warning/c", { status: 1, lastOk: 30, timestamp: 30 }),
      write("a/unknown-b/c", { status: 127, lastOk: 20, timestamp: 20 }),
      write("a/unknown-a/c", { status: 3, lastOk: 20, timestamp: 20 }),
      write("a/metrics/", { status: 0, lastOk: 0, timestamp: 60 }),
    ]);
    const entities = async (query: EventQuery) => (await store.list(query)).events.map((event) => event.entity);
    const severity = ["critical", "warning", "unknown-a", "unknown-b", "ok-new", "ok-old", "metrics"];
    expect(await entities({ order: "severity" })).toEqual(severity);
    expect(await entities({ order: "severity", descending: true })).toEqual([...severity].reverse());
    expect(await entities({ order: "lastOk" })).toEqual([
      ...["warning", "unknown-a", "unknown-b", "critical"],
      ...["ok-new", "ok-old", "metrics"],
    ]);
    const newest = ["metrics", "ok-new", "critical", "warning", "unknown-a", "unknown-b", "ok-old"];
    expect(await entities({ order: "newest" })).toEqual(newest);
    expect(await entities({ order: "newest", limit: 2, offset: 3 })).toEqual(newest.slice(3, 5));
    expect((await entities({ order: "oldest" }))[0]).toBe("ok-old");
    await expect(store.list({ order: "newest", after: "YQ" })).rejects.toMatchObject({ code: "invalid" });
  });

  test("deletion", async () => {
    await using made = await makeEvents();
    const { store } = made;
    await store.commit(["a/e/2", "a/e/1", "a/e-x/1", "b/e/1"].map((name) => write(name)));
    expect(await store.delete(key("a/e/none"))).toBe(false);
    expect(await store.delete(key("b/e/1"))).toBe(true);
    expect(await store.get(key("b/e/1"))).toBeUndefined();
    expect(await store.deleteEntity("a", "e")).toEqual([key("a/e/1"), key("a/e/2")]);
    expect(await names(store, {})).toEqual(["a/e-x/1"]);
    expect(await store.commit([write("b/e/1", {}, 1)])).toEqual([{ ok: false, reason: "conflict" }]);
    expect(await store.commit([write("b/e/1")])).toEqual([{ ok: true, revision: 1 }]);
  });

  test("numbers beyond what fits are stored at the limit, not refused", async () => {
    await using made = await makeEvents();
    const { store } = made;
    await store.commit([write("a/e/c", { timestamp: 2 ** 62, lastOk: Number.NaN, executed: -Infinity })]);
    expect((await store.get(key("a/e/c")))?.columns).toMatchObject({
      timestamp: Number.MAX_SAFE_INTEGER,
      lastOk: 0,
      executed: Number.MIN_SAFE_INTEGER,
    });
  });

  test("names with a slash are refused, the batch unwritten", async () => {
    await using made = await makeEvents();
    const { store } = made;
    const bad = { ...write("a/e/c"), entity: "e/x" };
    await expect(store.commit([write("a/e/c"), bad])).rejects.toMatchObject({ code: "invalid" });
    expect(await store.count({})).toBe(0);
  });
}
