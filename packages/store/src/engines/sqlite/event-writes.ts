import type { DatabaseSync } from "node:sqlite";
import { prefixEnd } from "../../kv/keys.ts";
import { NUMBERS } from "./packer.ts";
import type { PackedWrites } from "./protocol.ts";

/** Writes of the events table; the caller holds the transaction. */
export class EventWrites {
  readonly #insert;
  readonly #update;
  readonly #delete;
  readonly #deletePrefix;

  constructor(db: DatabaseSync) {
    // coalesce: node:sqlite binds an empty array as NULL.
    this.#insert = db.prepare(
      "INSERT INTO events (revision, timestamp, status, state, silenced, last_ok, executed, bytes, key)" +
        " VALUES (1, ?, ?, ?, ?, ?, ?, coalesce(?, zeroblob(0)), ?) ON CONFLICT DO NOTHING",
    );
    this.#update = db.prepare(
      "UPDATE events SET revision = revision + 1, timestamp = ?, status = ?, state = ?, silenced = ?, last_ok = ?," +
        " executed = ?, bytes = coalesce(?, zeroblob(0)) WHERE key = ? AND revision = ?",
    );
    this.#delete = db.prepare("DELETE FROM events WHERE key = ?");
    this.#deletePrefix = db.prepare("DELETE FROM events WHERE key >= ? AND key < ? RETURNING key");
  }

  /** New revision of each event; 0 is a conflict. */
  commit(batch: PackedWrites): Float64Array<ArrayBuffer> {
    const { keys, states, numbers, bytes } = batch;
    const revisions = new Float64Array(keys.length);
    let offset = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const state = states[i] as string;
      const at = i * NUMBERS;
      const expected = numbers[at] as number;
      const timestamp = numbers[at + 1] as number;
      const status = numbers[at + 2] as number;
      const silenced = numbers[at + 3] as number;
      const lastOk = numbers[at + 4] as number;
      const executed = numbers[at + 5] as number;
      const end = offset + (numbers[at + 6] as number);
      const value = bytes.subarray(offset, end);
      offset = end;
      const done =
        expected === 0
          ? this.#insert.run(timestamp, status, state, silenced, lastOk, executed, value, key)
          : this.#update.run(timestamp, status, state, silenced, lastOk, executed, value, key, expected);
      revisions[i] = done.changes === 1 ? expected + 1 : 0;
    }
    return revisions;
  }

  delete(key: string): boolean {
    return this.#delete.run(key).changes === 1;
  }

  deletePrefix(prefix: string): string[] {
    const rows = this.#deletePrefix.all(prefix, prefixEnd(prefix) ?? "");
    return rows.map((row) => row["key"] as string).sort();
  }
}
