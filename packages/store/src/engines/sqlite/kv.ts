import { randomUUID } from "node:crypto";
import { SensuError } from "@sensu-ts/core";
import type {
  Kv,
  KvCompare,
  KvEntry,
  KvLease,
  KvOp,
  KvRange,
  KvTxnResult,
  KvWatchItem,
  RangeOptions,
} from "../../kv/kv.ts";
import { checkTxn } from "../../kv/txn.ts";
import type { SqliteThreads } from "./threads.ts";
import { Watchers } from "./watch.ts";

export class SqliteKv implements Kv {
  readonly #threads: SqliteThreads;
  readonly #watchers: Watchers;
  readonly #leases = new Map<string, () => void>();

  constructor(threads: SqliteThreads) {
    this.#threads = threads;
    this.#watchers = new Watchers((prefix, after, limit) =>
      threads.quick.request({ op: "kvChanges", prefix, after, limit }),
    );
    threads.onChanged((revision, keys) => this.#watchers.committed(revision, keys));
  }

  async start(): Promise<void> {
    await this.#threads.start(this);
    this.#watchers.open();
  }

  async stop(): Promise<void> {
    const leases = [...this.#leases.keys()];
    // A store that failed cannot revoke; the next start drops the leases.
    await Promise.allSettled(leases.map((lease) => this.#revoke(lease)));
    this.#watchers.close();
    await this.#threads.stop(this);
  }

  get(key: string): Promise<KvEntry | undefined> {
    return this.#threads.quick.request({ op: "kvGet", key });
  }

  range(options: RangeOptions): Promise<KvRange> {
    const { prefix, after, limit, keysOnly } = options;
    if (limit !== undefined && limit < 1) {
      return Promise.reject(new SensuError("invalid", "the limit of a range must be at least 1"));
    }
    return this.#threads.quick.request({ op: "kvRange", prefix, after, limit, keysOnly });
  }

  async txn(compares: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    checkTxn(compares, ops);
    let bytes = 0;
    for (const op of ops) if (op.op === "put") bytes += op.value.byteLength;
    return this.#threads.writer.request({ op: "txn", compares, ops: ops.map(withoutSlack) }, bytes);
  }

  watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<KvWatchItem> {
    return this.#watchers.watch(prefix, afterRevision, signal);
  }

  /** Alive as long as this process: the database belongs to one process, so a restart drops every lease. */
  async lease(_ttlSeconds: number): Promise<KvLease> {
    const id = randomUUID();
    await this.#threads.writer.request({ op: "grantLease", lease: id });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#leases.set(id, resolve);
    return { id, lost: promise, revoke: () => this.#revoke(id) };
  }

  async compact(revision: number): Promise<void> {
    await this.#threads.writer.request({ op: "compact", revision });
  }

  revision(): Promise<number> {
    return this.#threads.quick.request({ op: "kvRevision" });
  }

  async #revoke(lease: string): Promise<void> {
    const lost = this.#leases.get(lease);
    if (lost === undefined) return;
    this.#leases.delete(lease);
    try {
      await this.#threads.writer.request({ op: "revokeLease", lease });
    } finally {
      lost();
    }
  }
}

/** A message to a thread carries the whole buffer a view looks into: of a pooled or shared one only the view is meant. */
function withoutSlack(op: KvOp): KvOp {
  if (op.op !== "put" || op.value.byteLength === op.value.buffer.byteLength) return op;
  return { ...op, value: new Uint8Array(op.value) };
}
