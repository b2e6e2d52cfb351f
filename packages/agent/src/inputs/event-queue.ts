/**
 * Events taken by the agent's HTTP API, kept on disk until they are out of danger (W-142 to W-146): written to the
 * socket, or, towards our own backend, committed there. The file is opened with the first event, or at start when it
 * is there.
 */
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync } from "node:fs";
import { devNull } from "node:os";
import path from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { decodeProto, Event, encodeProto, formatUuid, SensuError } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { OutgoingEvent } from "../link/link.ts";
import type { TokenBucket } from "./token-bucket.ts";

export interface EventQueueOptions {
  /** The null device keeps the queue in memory (W-146). */
  readonly folder: string;
  readonly bucket: TokenBucket;
  readonly send: (outgoing: OutgoingEvent) => Promise<void>;
  readonly log: Logger;
  readonly maxEvents?: number;
  readonly maxUnacknowledged?: number;
}

const FILE = "event-queue.sqlite";
const MAX_EVENTS = 1_000_000;
const MAX_UNACKNOWLEDGED = 1000;
const ID_BYTES = 16;

interface Store {
  readonly database: DatabaseSync;
  readonly insert: StatementSync;
  readonly next: StatementSync;
  readonly remove: StatementSync;
  readonly count: StatementSync;
}

export class EventQueue {
  readonly #options: EventQueueOptions;
  readonly #file: string;
  readonly #stop = new AbortController();
  #store: Store | undefined;
  #opening: Promise<Store> | undefined;
  #reading: Promise<void> | undefined;
  /** Rows up to here have been given to the link. */
  #cursor = 0;
  /** Rows written to the socket of this connection whose commit has not been reported, by event id. */
  readonly #unacknowledged = new Map<string, number>();
  #wake: () => void = () => undefined;

  constructor(options: EventQueueOptions) {
    this.#options = options;
    this.#file = options.folder === devNull ? ":memory:" : path.join(options.folder, FILE);
  }

  /**
   * Fails when the folder cannot hold a queue, or when one is there and cannot be opened, as when another agent uses
   * the same folder.
   */
  async start(): Promise<void> {
    if (this.#file === ":memory:") return;
    const { folder } = this.#options;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      accessSync(folder, constants.W_OK | constants.X_OK);
    } catch (error) {
      const { message } = error as Error;
      throw new SensuError("unavailable", `cache-dir ${folder} cannot hold the event queue: ${message}`);
    }
    if (existsSync(this.#file)) await this.#open();
  }

  /** Resolves when the event is safe on disk. */
  async add(event: Event): Promise<void> {
    const store = await this.#open();
    const { maxEvents = MAX_EVENTS } = this.#options;
    if (Number((store.count.get() as { rows: number }).rows) >= maxEvents) {
      throw new SensuError("unavailable", "the event queue is full");
    }
    store.insert.run(encodeProto(Event, event));
    this.#wake();
  }

  /** The connection is gone: what was not reported as committed is sent again. */
  reset(): void {
    if (this.#unacknowledged.size === 0) return;
    this.#cursor = Math.min(...this.#unacknowledged.values()) - 1;
    this.#unacknowledged.clear();
    this.#wake();
  }

  /** Ids of 16 bytes each. */
  acknowledged(ids: Uint8Array): void {
    for (let at = 0; at + ID_BYTES <= ids.length; at += ID_BYTES) {
      const id = formatUuid(ids.subarray(at, at + ID_BYTES));
      const row = this.#unacknowledged.get(id);
      if (row === undefined) continue;
      this.#unacknowledged.delete(id);
      this.#store?.remove.run(row);
    }
    this.#wake();
  }

  stop(): void {
    this.#stop.abort();
    this.#wake();
    this.#store?.database.close();
    this.#store = undefined;
  }

  #open(): Promise<Store> {
    this.#opening ??= openStore(this.#file).then(
      (store) => {
        this.#store = store;
        this.#reading ??= this.#read();
        return store;
      },
      (error: unknown) => {
        this.#opening = undefined;
        throw new SensuError("unavailable", `event queue ${this.#file} cannot be opened`, { cause: error });
      },
    );
    return this.#opening;
  }

  async #read(): Promise<void> {
    const { bucket, send, log, maxUnacknowledged = MAX_UNACKNOWLEDGED } = this.#options;
    while (!this.#stop.signal.aborted) {
      const row = this.#unacknowledged.size < maxUnacknowledged ? this.#next() : undefined;
      if (row === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      await bucket.take(this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      this.#cursor = row.seq;
      let event: Event;
      try {
        event = decodeProto(Event, row.event);
      } catch (error) {
        log.error({ error }, "queued message cannot be read, dropping it");
        this.#store?.remove.run(row.seq);
        continue;
      }
      await new Promise<void>((resolve) => {
        const written = (acknowledges: boolean) => {
          if (acknowledges) this.#unacknowledged.set(formatUuid(event.id), row.seq);
          else this.#store?.remove.run(row.seq);
          log.info({}, "queued message sent");
          resolve();
        };
        void send({ event, written });
      });
    }
  }

  #next(): { seq: number; event: Uint8Array } | undefined {
    const waiting = new Set(this.#unacknowledged.values());
    for (let after = this.#cursor; ; ) {
      const row = this.#store?.next.get(after) as { seq: number; event: Uint8Array } | undefined;
      if (row === undefined || !waiting.has(row.seq)) return row;
      after = row.seq;
    }
  }
}

async function openStore(file: string): Promise<Store> {
  const { DatabaseSync } = await import("node:sqlite");
  if (file !== ":memory:") {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
    // Created before SQLite would, with the mode that its other files inherit.
    closeSync(openSync(file, "a", 0o600));
  }
  const database = new DatabaseSync(file);
  try {
    // Exclusive first: the lock keeps a second agent out, and the journal needs no shared memory.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    database.exec("CREATE TABLE IF NOT EXISTS queue (seq INTEGER PRIMARY KEY AUTOINCREMENT, event BLOB NOT NULL)");
    const count = database.prepare("SELECT count(*) AS rows FROM queue");
    if (Number((count.get() as { rows: number }).rows) === 0) database.exec("VACUUM");
    return {
      database,
      count,
      insert: database.prepare("INSERT INTO queue (event) VALUES (?)"),
      next: database.prepare("SELECT seq, event FROM queue WHERE seq > ? ORDER BY seq LIMIT 1"),
      remove: database.prepare("DELETE FROM queue WHERE seq = ?"),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
