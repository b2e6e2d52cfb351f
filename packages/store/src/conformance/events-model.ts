import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventQuery, EventStore, EventWrite, StoredEvent } from "../events/events.ts";
import { joinEventKey, splitEventKey } from "../events/key.ts";
import { compareKeys } from "../kv/keys.ts";
import type { Made } from "./kv.ts";

const NAMESPACES = ["a", "a-b", "b"];
const ENTITIES = ["e", "e-1", "E", "x"];
const CHECKS = ["", "c", "c-1", "e"];

type Written = Pick<StoredEvent, "revision" | "columns"> & { readonly joined: string; readonly text: string };
type Order = (a: Written, b: Written) => number;

const noCheck = (event: Written) => event.joined.endsWith("/");
const severity = (event: Written) => {
  if (noCheck(event)) return 4;
  return [3, 1, 0][event.columns.status] ?? 2;
};
const byName: Order = (a, b) => compareKeys(a.joined, b.joined);
const byLastOk: Order = (a, b) => b.columns.lastOk - a.columns.lastOk;
const ORDERS: Readonly<Record<NonNullable<EventQuery["order"]>, readonly Order[]>> = {
  name: [byName],
  newest: [(a, b) => b.columns.timestamp - a.columns.timestamp, byName],
  oldest: [(a, b) => a.columns.timestamp - b.columns.timestamp, byName],
  severity: [(a, b) => severity(a) - severity(b), byLastOk, byName],
  lastOk: [(a, b) => Number(a.columns.status === 0) - Number(b.columns.status === 0), byLastOk, byName],
};

function matching(events: Iterable<Written>, query: EventQuery): Written[] {
  return [...events].filter(({ joined, columns }) => {
    const key = splitEventKey(joined);
    return (
      (query.namespace === undefined || query.namespace === key.namespace) &&
      (query.entity === undefined || query.entity === key.entity) &&
      (query.check === undefined || query.check === key.check) &&
      (query.status === undefined || query.status.includes(columns.status)) &&
      (query.incidents !== true || columns.status !== 0) &&
      (query.silenced === undefined || query.silenced === columns.silenced) &&
      `${key.entity}/${key.check}`.toLowerCase().includes((query.text ?? "").toLowerCase())
    );
  });
}

function sorted(events: Written[], { order = "name", descending = false }: EventQuery): Written[] {
  const sign = descending ? -1 : 1;
  return events.sort((a, b) => {
    for (const compare of ORDERS[order]) {
      const result = compare(a, b);
      if (result !== 0) return sign * result;
    }
    return 0;
  });
}

const small = fc.nat(3);
const key = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  entity: fc.constantFrom(...ENTITIES),
  check: fc.constantFrom(...CHECKS),
});
const columns = fc.record({
  timestamp: small,
  status: fc.constantFrom(0, 1, 2, 3, 127),
  state: fc.constantFrom("passing", "failing", "flapping", ""),
  silenced: fc.boolean(),
  lastOk: small,
  executed: small,
});
const query: fc.Arbitrary<EventQuery> = fc.record(
  {
    namespace: fc.constantFrom(...NAMESPACES),
    entity: fc.constantFrom(...ENTITIES),
    check: fc.constantFrom(...CHECKS),
    status: fc.subarray([0, 1, 2, 3, 127]),
    incidents: fc.boolean(),
    silenced: fc.boolean(),
    text: fc.constantFrom("", "E", "-1", "e/c", "_"),
    order: fc.constantFrom("name", "newest", "oldest", "severity", "lastOk"),
    descending: fc.boolean(),
    limit: fc.integer({ min: 1, max: 6 }),
    offset: small,
  },
  { requiredKeys: [] },
);

type Step = (model: Map<string, Written>, store: EventStore) => Promise<void>;

const commit = fc.array(fc.record({ key, columns, right: fc.nat(4), text: fc.string() }), { maxLength: 8 }).map(
  (writes): Step =>
    async (model, store) => {
      const batch: EventWrite[] = [];
      const expected: unknown[] = [];
      for (const { key, columns, right, text } of writes) {
        const joined = joinEventKey(key);
        const revision = model.get(joined)?.revision ?? 0;
        // Mostly what the model knows, sometimes not.
        const claimed = right === 0 ? revision + 1 : revision;
        batch.push({ ...key, columns, expected: claimed, bytes: new TextEncoder().encode(text) });
        if (claimed === revision) {
          model.set(joined, {
            joined,
            revision: revision + 1,
            columns,
            text: new TextDecoder().decode(batch.at(-1)?.bytes),
          });
          expected.push({ ok: true, revision: revision + 1 });
        } else expected.push({ ok: false, reason: "conflict" });
      }
      expect(await store.commit(batch)).toEqual(expected);
    },
);

const list = query.map(
  (query): Step =>
    async (model, store) => {
      const all = sorted(matching(model.values(), query), query);
      const offset = query.offset ?? 0;
      const expected = all.slice(offset, query.limit === undefined ? undefined : offset + query.limit);
      const page = await store.list(query);
      const found = page.events.map((event) => ({
        joined: joinEventKey(event),
        revision: event.revision,
        columns: event.columns,
        text: new TextDecoder().decode(event.bytes),
      }));
      expect(found).toEqual(expected);
      expect(page.next !== undefined).toBe(
        (query.order ?? "name") === "name" && offset + found.length < all.length && found.length > 0,
      );
      expect(await store.count(query)).toBe(all.length);
    },
);

const remove = key.map(
  (key): Step =>
    async (model, store) => {
      expect(await store.delete(key)).toBe(model.delete(joinEventKey(key)));
    },
);

const removeEntity = key.map(
  ({ namespace, entity }): Step =>
    async (model, store) => {
      const gone = sorted(matching(model.values(), { namespace, entity }), {}).map((event) => event.joined);
      for (const joined of gone) model.delete(joined);
      expect(await store.deleteEntity(namespace, entity)).toEqual(gone.map(splitEventKey));
    },
);

/** Random writes and questions against the store and a map. */
export function eventModelConformance(make: () => Promise<Made<EventStore>>, runs: number): void {
  test(
    "behaves like the model",
    async () => {
      const steps = fc.array(
        fc.oneof(
          { arbitrary: commit, weight: 5 },
          { arbitrary: list, weight: 10 },
          { arbitrary: remove, weight: 1 },
          { arbitrary: removeEntity, weight: 1 },
        ),
        { minLength: 1, maxLength: 60, size: "max" },
      );
      await fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
          await using made = await make();
          const model = new Map<string, Written>();
          for (const step of sequence) await step(model, made.store);
        }),
        { numRuns: runs },
      );
    },
    runs * 3000,
  );
}
