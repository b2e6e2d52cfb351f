import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "../../migrate/migrate.ts";
import type { StoreTrouble, WorkerSettings } from "./protocol.ts";

export const FILE = "sensu.db";
const LOCK_FILE = "sensu.lock";

/** Bytes; two rows of the usual event fit. */
const PAGE = 4096;

export type OpenSettings = Pick<WorkerSettings, "folder" | "unsafeNoFsync" | "quotaBytes">;

export interface WriterDatabase {
  readonly db: DatabaseSync;
  close(): void;
}

/** Opens, locks and migrates the database; throws with a text for the person who starts the program. */
export function openForWriting({ folder, unsafeNoFsync, quotaBytes }: OpenSettings): WriterDatabase {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const lock = lockFolder(folder);
  try {
    const path = join(folder, FILE);
    touch(path);
    const db = new DatabaseSync(path, { timeout: 5000 });
    try {
      db.exec(`PRAGMA page_size = ${PAGE}`);
      db.exec("PRAGMA journal_mode = WAL");
      db.exec(`PRAGMA synchronous = ${unsafeNoFsync ? "OFF" : "FULL"}`);
      // Pages. A checkpoint writes a page once however often the log has it, so a longer log saves work.
      db.exec("PRAGMA wal_autocheckpoint = 8000");
      db.exec("PRAGMA journal_size_limit = 67108864");
      // KiB, as it is negative. Pages that do not fit come from the kernel's cache: with 12,000 events of 3 KB a second
      // 16 MiB were a fifth too slow, 32 were enough.
      db.exec("PRAGMA cache_size = -32768");
      db.exec("PRAGMA temp_store = MEMORY");
      if (quotaBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(quotaBytes / PAGE))}`);
      migrate(db);
    } catch (error) {
      db.close();
      throw error;
    }
    return {
      db,
      close() {
        try {
          db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        } finally {
          db.close();
          lock.close();
        }
      },
    };
  } catch (error) {
    lock.close();
    throw new Error(`cannot open the store in ${folder}: ${text(error)}`, { cause: error });
  }
}

/**
 * One process a folder. The lock is a transaction that never ends on a file of its own: the kernel drops it with the
 * process, so a kill leaves nothing to clean up, and readers of this process are not locked out.
 */
function lockFolder(folder: string): DatabaseSync {
  const path = join(folder, LOCK_FILE);
  touch(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    throw new Error(`the store in ${folder} is in use by another process`, { cause: error });
  }
  return lock;
}

export function openForReading(folder: string): DatabaseSync {
  const db = new DatabaseSync(join(folder, FILE), { readOnly: true, timeout: 5000 });
  db.exec("PRAGMA query_only = ON");
  db.exec("PRAGMA cache_size = -16384");
  db.exec("PRAGMA temp_store = MEMORY");
  return db;
}

/** SQLite gives its log and index files the mode of the database file. */
function touch(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

/** SQLite's result codes (the low byte of the extended ones). */
const TROUBLES: Readonly<Record<number, StoreTrouble>> = { 11: "damaged", 13: "full", 26: "damaged" };

export function troubleOf(error: unknown): StoreTrouble | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === "number" ? TROUBLES[code & 0xff] : undefined;
}

export function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
