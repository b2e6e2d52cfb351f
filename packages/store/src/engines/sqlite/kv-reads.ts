import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { firstKey, prefixEnd } from "../../kv/keys.ts";
import type { KvEntry, KvEvent } from "../../kv/kv.ts";
import type { KvChanges, ReadAnswers, ReadRequest } from "./protocol.ts";

type Row = Record<string, SQLOutputValue>;
const EMPTY = new Uint8Array(0);

/** Reads of the key-value tables, each in one snapshot of the database. */
export class KvReads {
  readonly #db: DatabaseSync;
  readonly #get;
  readonly #range;
  readonly #rangeKeys;
  readonly #meta;
  readonly #bound;
  readonly #changes;

  constructor(db: DatabaseSync) {
    this.#db = db;
    const columns = "key, create_revision, mod_revision";
    const rest = "FROM kv WHERE key >= ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?";
    this.#get = db.prepare(`SELECT ${columns}, value FROM kv WHERE key = ?`);
    this.#range = db.prepare(`SELECT ${columns}, value ${rest}`);
    this.#rangeKeys = db.prepare(`SELECT ${columns} ${rest}`);
    this.#meta = db.prepare("SELECT name, value FROM meta");
    const under = "revision > ? AND key >= ? AND (? IS NULL OR key < ?)";
    this.#bound = db.prepare(`SELECT revision FROM changes WHERE ${under} ORDER BY revision LIMIT 1 OFFSET ?`);
    this.#changes = db.prepare(
      `SELECT revision, key, create_revision, deleted, value FROM changes WHERE ${under} AND revision <= ?` +
        " ORDER BY revision, id",
    );
  }

  get(key: string): KvEntry | undefined {
    const row = this.#get.get(key);
    return row === undefined ? undefined : entry(row);
  }

  range(request: Extract<ReadRequest, { op: "kvRange" }>): ReadAnswers["kvRange"] {
    const { prefix, after, limit, keysOnly = false } = request;
    const first = firstKey(prefix, after);
    const end = prefixEnd(prefix) ?? null;
    return this.#snapshot(() => {
      const statement = keysOnly ? this.#rangeKeys : this.#range;
      const entries = statement.all(first, end, end, limit === undefined ? -1 : limit + 1).map(entry);
      const more = limit !== undefined && entries.length > limit;
      if (more) entries.length = limit;
      return { entries, revision: this.#revisions().revision, more };
    });
  }

  changes(request: Extract<ReadRequest, { op: "kvChanges" }>): KvChanges {
    const { prefix, after, limit } = request;
    const end = prefixEnd(prefix) ?? null;
    return this.#snapshot(() => {
      const { revision, compacted } = this.#revisions();
      if (after < compacted) return { revision, events: [], compacted: true };
      // A revision is never cut in two: read whole revisions up to the one that holds the last change wanted.
      const last = this.#bound.get(after, prefix, end, end, limit - 1);
      const bound = last === undefined ? revision : Number(last["revision"]);
      const events = this.#changes.all(after, prefix, end, end, bound).map(change);
      return { revision: bound, events, compacted: false };
    });
  }

  revision(): number {
    return this.#revisions().revision;
  }

  #revisions(): { revision: number; compacted: number } {
    const values = Object.fromEntries(this.#meta.all().map((row) => [row["name"], Number(row["value"])]));
    return { revision: values["revision"] ?? 0, compacted: values["compacted"] ?? 0 };
  }

  #snapshot<T>(read: () => T): T {
    this.#db.exec("BEGIN");
    try {
      return read();
    } finally {
      this.#db.exec("COMMIT");
    }
  }
}

function entry(row: Row): KvEntry {
  return {
    key: row["key"] as string,
    value: (row["value"] as Uint8Array | undefined) ?? EMPTY,
    createRevision: row["create_revision"] as number,
    modRevision: row["mod_revision"] as number,
  };
}

function change(row: Row): KvEvent {
  const key = row["key"] as string;
  const modRevision = row["revision"] as number;
  if (row["deleted"] === 1) return { kind: "delete", key, modRevision };
  const createRevision = row["create_revision"] as number;
  return { kind: "put", entry: { key, value: row["value"] as Uint8Array, createRevision, modRevision } };
}
