import type { EventStore } from "../../events/events.ts";
import type { Kv } from "../../kv/kv.ts";
import type { StoreLog } from "../../log.ts";
import { SqliteEvents } from "./events.ts";
import { SqliteKv } from "./kv.ts";
import type { HistoryLimits, StoreTrouble } from "./protocol.ts";
import { SqliteThreads } from "./threads.ts";

export interface SqliteOptions {
  /** Made if missing; one process at a time. */
  readonly folder: string;
  /** Told of failures of the disk and of workers that had to be started again. */
  readonly log?: StoreLog;
  /** Commits without fsync (`etcd-unsafe-no-fsync`, B-425): a power loss may lose acknowledged data. */
  readonly unsafeNoFsync?: boolean;
  /** Writes that would make the database larger are refused as `unavailable`; deletions go on. */
  readonly quotaBytes?: number;
  /** Watch history that is kept; default the last 20,000 changes, 64 MiB, one hour. */
  readonly history?: Partial<HistoryLimits>;
}

export interface SqliteStore {
  readonly kv: Kv;
  readonly events: EventStore;
  /** Rejects with `SensuError("unavailable")` naming the folder when it is in use or cannot be opened. */
  start(): Promise<void>;
  /** Answers what was asked before, checkpoints, closes. */
  stop(): Promise<void>;
  /** Why writes or reads fail now, as far as the disk is the reason. */
  trouble(): StoreTrouble | undefined;
}

const HISTORY: HistoryLimits = { changes: 20_000, bytes: 64 * 1024 * 1024, milliseconds: 60 * 60 * 1000 };

/** The store in one file of a folder (design 6). No effect before `start`. */
export function openSqlite(options: SqliteOptions): SqliteStore {
  const threads = new SqliteThreads({
    folder: options.folder,
    unsafeNoFsync: options.unsafeNoFsync ?? false,
    quotaBytes: options.quotaBytes,
    history: { ...HISTORY, ...options.history },
    log: options.log ?? (() => undefined),
  });
  const kv = new SqliteKv(threads);
  const events = new SqliteEvents(threads);
  return {
    kv,
    events,
    async start() {
      await kv.start();
      await events.start();
    },
    async stop() {
      await events.stop();
      await kv.stop();
    },
    trouble: () => threads.writer.trouble ?? threads.quick.trouble ?? threads.lists.trouble,
  };
}
