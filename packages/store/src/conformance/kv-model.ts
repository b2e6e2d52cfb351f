import fc from "fast-check";
import { expect, test } from "vitest";
import { compareKeys } from "../kv/keys.ts";
import type { Kv, KvCompare, KvOp, KvWatchItem } from "../kv/kv.ts";
import { follow, type Made } from "./kv.ts";

const KEYS = ["/a", "/a/1", "/a/2", "/ab", "/b/1", "/b/é", "/b/\uffee", "/b/\u{1f600}"];
const PREFIXES = ["/", "/a", "/a/", "/b/", "/none"];
const bytes = (text: string) => new TextEncoder().encode(text);

interface Row {
  readonly value: string;
  readonly created: number;
  readonly modified: number;
}

/** The key-value store as a few lines of obvious code. */
class Model {
  revision = 0;
  compacted = 0;
  readonly rows = new Map<string, Row>();
  readonly history: { readonly revision: number; readonly key: string; readonly text: string }[] = [];

  keys(prefix: string): string[] {
    return [...this.rows.keys()].filter((key) => key.startsWith(prefix)).sort(compareKeys);
  }

  holds(compare: KvCompare): boolean {
    if ("prefix" in compare) return this.keys(compare.prefix).length === 0;
    const row = this.rows.get(compare.key);
    return "exists" in compare ? row !== undefined : (row?.modified ?? 0) === compare.modRevision;
  }

  apply(ops: readonly KvOp[]): void {
    const revision = this.revision + 1;
    const before = this.history.length;
    for (const op of ops) {
      if (op.op === "put") {
        const value = new TextDecoder().decode(op.value);
        this.rows.set(op.key, { value, created: this.rows.get(op.key)?.created ?? revision, modified: revision });
        this.history.push({ revision, key: op.key, text: `put ${op.key} = ${value}` });
        continue;
      }
      const keys = op.op === "deletePrefix" ? this.keys(op.prefix) : [op.key].filter((key) => this.rows.has(key));
      for (const key of keys) {
        this.rows.delete(key);
        this.history.push({ revision, key, text: `delete ${key}` });
      }
    }
    if (this.history.length > before) this.revision = revision;
  }
}

type Step = (model: Model, kv: Kv, restart: () => Promise<void>) => Promise<void>;

const key = fc.constantFrom(...KEYS);
const prefix = fc.constantFrom(...PREFIXES);
const put = fc
  .record({ key, value: fc.string() })
  .map(({ key, value }): KvOp => ({ op: "put", key, value: bytes(value) }));

/** Transactions that engines accept: no key twice. */
const ops: fc.Arbitrary<readonly KvOp[]> = fc.oneof(
  fc.uniqueArray(
    fc.oneof(
      put,
      key.map((name): KvOp => ({ op: "delete", key: name })),
    ),
    { maxLength: 4, selector: (op) => ("key" in op ? op.key : "") },
  ),
  fc.constantFrom(...PREFIXES.slice(1)).map((name): readonly KvOp[] => [{ op: "deletePrefix", prefix: name }]),
);

const write = fc
  .record({ ops, name: key, right: fc.boolean(), kind: fc.nat(3) })
  .map(({ ops, name, right, kind }): Step => {
    return async (model, kv) => {
      const modRevision = model.rows.get(name)?.modified ?? 0;
      const compares: KvCompare[] = [];
      if (kind === 1) compares.push({ key: name, modRevision: right ? modRevision : modRevision + 1 });
      if (kind === 2) compares.push({ key: name, exists: true });
      if (kind === 3) compares.push({ prefix: name, empty: true });
      const committed = compares.every((compare) => model.holds(compare));
      if (committed) model.apply(ops);
      expect(await kv.txn(compares, ops)).toEqual({ committed, revision: model.revision });
    };
  });

const range = fc
  .record({
    prefix,
    limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    after: fc.option(key, { nil: undefined }),
  })
  .map(({ prefix, limit, after }): Step => {
    return async (model, kv) => {
      const keys = model.keys(prefix).filter((name) => after === undefined || compareKeys(name, after) > 0);
      const given = { prefix, ...(limit === undefined ? {} : { limit }), ...(after === undefined ? {} : { after }) };
      const { entries, revision, more } = await kv.range(given);
      const expected = keys.slice(0, limit);
      const rows = entries.map((entry) => ({
        key: entry.key,
        value: new TextDecoder().decode(entry.value),
        created: entry.createRevision,
        modified: entry.modRevision,
      }));
      expect(rows).toEqual(expected.map((name) => ({ key: name, ...model.rows.get(name) })));
      expect({ revision, more }).toEqual({ revision: model.revision, more: keys.length > expected.length });
    };
  });

const watch = fc.record({ prefix, back: fc.nat(12) }).map(({ prefix, back }): Step => {
  return async (model, kv) => {
    const after = Math.max(0, model.revision - back);
    if (after < model.compacted) {
      const items: KvWatchItem[] = [];
      for await (const item of kv.watch(prefix, after, new AbortController().signal)) items.push(item);
      expect(items).toEqual([{ kind: "compacted", revision: model.revision }]);
      return;
    }
    const expected = model.history.filter((change) => change.revision > after && change.key.startsWith(prefix));
    const watched = follow(kv, prefix, after);
    expect(await watched.take(expected.length)).toEqual(expected.map((change) => change.text));
    await watched.end();
  };
});

const compact = fc.nat(8).map((back): Step => {
  return async (model, kv) => {
    const revision = Math.max(0, model.revision - back);
    model.compacted = Math.max(model.compacted, revision);
    await kv.compact(revision);
  };
});

const restart = fc.constant<Step>((_model, _kv, restart) => restart());

/** Random steps against the store and the model; `restart` stops the store and starts it on the same data. */
export function kvModelConformance(make: () => Promise<Made<Kv> & { restart(): Promise<void> }>, runs: number): void {
  test(
    "behaves like the model",
    async () => {
      const steps = fc.array(
        fc.oneof(
          { arbitrary: write, weight: 12 },
          { arbitrary: range, weight: 4 },
          { arbitrary: watch, weight: 4 },
          { arbitrary: compact, weight: 1 },
          { arbitrary: restart, weight: 1 },
        ),
        { minLength: 1, maxLength: 60, size: "max" },
      );
      await fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
          await using made = await make();
          const model = new Model();
          for (const step of sequence) await step(model, made.store, made.restart);
        }),
        { numRuns: runs },
      );
    },
    runs * 3000,
  );
}
