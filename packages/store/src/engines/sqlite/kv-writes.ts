import type { DatabaseSync } from "node:sqlite";
import { prefixEnd } from "../../kv/keys.ts";
import type { KvCompare, KvOp, KvTxnResult } from "../../kv/kv.ts";
import type { HistoryLimits } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

/** Changes between two looks at the limits of the history. */
const TRIM_EVERY_CHANGES = 1000;
const TRIM_EVERY_MS = 60_000;
const EMPTY = new Uint8Array(0);

/**
 * Writes of the key-value tables. The caller holds the transaction: `begin`, any number of writes, `flush`, then
 * either its commit or `rollBack`.
 */
export class KvWrites {
  readonly #db: DatabaseSync;
  readonly #limits: HistoryLimits;
  readonly #modRevision;
  readonly #createRevision;
  readonly #first;
  readonly #put;
  readonly #delete;
  readonly #deletePrefix;
  readonly #change;
  readonly #leaseExists;
  readonly #setMeta;
  #revision: number;
  #revisionBefore = 0;
  #changed: string[] = [];
  #changesSinceTrim = 0;
  #trimmedAt = 0;

  constructor(db: DatabaseSync, limits: HistoryLimits) {
    this.#db = db;
    this.#limits = limits;
    this.#modRevision = db.prepare("SELECT mod_revision FROM kv WHERE key = ?");
    this.#createRevision = db.prepare("SELECT create_revision FROM kv WHERE key = ?");
    this.#first = db.prepare("SELECT 1 FROM kv WHERE key >= ? AND (? IS NULL OR key < ?) LIMIT 1");
    // coalesce: node:sqlite binds an empty array as NULL.
    this.#put = db.prepare(
      "INSERT INTO kv (key, create_revision, mod_revision, lease, value) VALUES (?, ?, ?, ?, coalesce(?, zeroblob(0)))" +
        " ON CONFLICT (key) DO UPDATE SET mod_revision = excluded.mod_revision, lease = excluded.lease," +
        " value = excluded.value",
    );
    this.#delete = db.prepare("DELETE FROM kv WHERE key = ?");
    this.#deletePrefix = db.prepare("DELETE FROM kv WHERE key >= ? AND (? IS NULL OR key < ?) RETURNING key");
    this.#change = db.prepare(
      "INSERT INTO changes (revision, at, key, create_revision, deleted, value)" +
        " VALUES (?, ?, ?, ?, ?, coalesce(?, zeroblob(0)))",
    );
    this.#leaseExists = db.prepare("SELECT 1 FROM leases WHERE id = ?");
    this.#setMeta = db.prepare("UPDATE meta SET value = ? WHERE name = ?");
    this.#revision = this.#meta("revision");
  }

  get revision(): number {
    return this.#revision;
  }

  begin(): void {
    this.#revisionBefore = this.#revision;
    this.#changed = [];
  }

  /** Writes what belongs to the transaction as a whole; the keys it changed. */
  flush(now: number): readonly string[] {
    if (this.#revision !== this.#revisionBefore) this.#setMeta.run(this.#revision, "revision");
    this.#changesSinceTrim += this.#changed.length;
    if (
      this.#changesSinceTrim >= TRIM_EVERY_CHANGES ||
      (this.#changesSinceTrim > 0 && now - this.#trimmedAt >= TRIM_EVERY_MS)
    ) {
      this.#changesSinceTrim = 0;
      this.#trimmedAt = now;
      this.#trim(now);
    }
    return this.#changed;
  }

  rollBack(): void {
    this.#revision = this.#revisionBefore;
    this.#changed = [];
  }

  txn(compares: readonly KvCompare[], ops: readonly KvOp[], now: number): KvTxnResult {
    if (!compares.every((compare) => this.#holds(compare))) return { committed: false, revision: this.#revision };
    for (const op of ops) {
      if (op.op === "put" && op.lease !== undefined && this.#leaseExists.get(op.lease) === undefined) {
        throw new Refusal("notFound", "the lease is lost");
      }
    }
    const revision = this.#revision + 1;
    const before = this.#changed.length;
    for (const op of ops) {
      if (op.op === "put") {
        const created = this.#createRevision.get(op.key);
        const createRevision = created === undefined ? revision : Number(created["create_revision"]);
        this.#put.run(op.key, createRevision, revision, op.lease ?? null, op.value);
        this.#change.run(revision, now, op.key, createRevision, 0, op.value);
        this.#changed.push(op.key);
      } else if (op.op === "delete") {
        if (this.#delete.run(op.key).changes === 1) this.#deleted(op.key, revision, now);
      } else {
        const end = prefixEnd(op.prefix) ?? null;
        const keys = this.#deletePrefix.all(op.prefix, end, end).map((row) => row["key"] as string);
        for (const key of keys) this.#deleted(key, revision, now);
      }
    }
    if (this.#changed.length > before) this.#revision = revision;
    return { committed: true, revision: this.#revision };
  }

  compact(revision: number): void {
    if (revision > this.#revision) {
      throw new Refusal("invalid", `revision ${revision} is in the future, the store is at ${this.#revision}`);
    }
    if (revision <= this.#meta("compacted")) return;
    this.#db.prepare("DELETE FROM changes WHERE revision <= ?").run(revision);
    this.#setMeta.run(revision, "compacted");
  }

  grantLease(lease: string): void {
    this.#db.prepare("INSERT INTO leases (id) VALUES (?)").run(lease);
  }

  revokeLease(lease: string, now: number): KvTxnResult {
    const keys = this.#db.prepare("SELECT key FROM kv WHERE lease = ?").all(lease);
    this.#db.prepare("DELETE FROM leases WHERE id = ?").run(lease);
    return this.txn(
      [],
      keys.map((row) => ({ op: "delete", key: row["key"] as string })),
      now,
    );
  }

  /** Leases live as long as their process: those of the one before have ended. */
  dropLeases(now: number): void {
    for (const row of this.#db.prepare("SELECT id FROM leases").all()) this.revokeLease(row["id"] as string, now);
  }

  #holds(compare: KvCompare): boolean {
    if ("prefix" in compare) {
      const end = prefixEnd(compare.prefix) ?? null;
      return this.#first.get(compare.prefix, end, end) === undefined;
    }
    const row = this.#modRevision.get(compare.key);
    if ("exists" in compare) return row !== undefined;
    return (row === undefined ? 0 : row["mod_revision"]) === compare.modRevision;
  }

  #deleted(key: string, revision: number, now: number): void {
    this.#change.run(revision, now, key, 0, 1, EMPTY);
    this.#changed.push(key);
  }

  /** Compacts what is over a limit: the newest revision that is too old, too far back or beyond the bytes. */
  #trim(now: number): void {
    const { changes, bytes, milliseconds } = this.#limits;
    const row = this.#db
      .prepare(
        "SELECT max(revision) AS revision FROM (SELECT revision, at, row_number() OVER newest AS place," +
          " sum(length(value) + length(key) + 32) OVER newest AS size FROM changes" +
          " WINDOW newest AS (ORDER BY id DESC)) WHERE place > ? OR size > ? OR at < ?",
      )
      .get(changes, bytes, now - milliseconds);
    const revision = row?.["revision"];
    if (typeof revision === "number") this.compact(revision);
  }

  #meta(name: "revision" | "compacted"): number {
    return Number(this.#db.prepare("SELECT value FROM meta WHERE name = ?").get(name)?.["value"]);
  }
}
