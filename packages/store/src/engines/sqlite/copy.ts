/** Copies of a store, made while it is used, and their way back (B-1301). */
import { chownSync, closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SensuError } from "@sensu-ts/core";
import { FILE, text } from "./open.ts";

/**
 * Copies the store of `folder` as it is at this moment into one new file. Another process may be writing to it
 * meanwhile: what it committed before is in the copy. Throws with a text for the person who asked; the file is there
 * only when it is whole and on the disk.
 */
export function copySqlite(folder: string, file: string): void {
  const source = join(folder, FILE);
  if (!existsSync(source)) throw new SensuError("invalid", `there is no database in ${folder}`);
  if (existsSync(file)) throw new SensuError("invalid", `${file} is there already`);
  copy(source, file);
}

/** Makes the store of `folder` from a copy; the folder must hold none. It belongs to whom the folder above belongs. */
export function restoreSqlite(file: string, folder: string): void {
  if (!existsSync(file)) throw new SensuError("invalid", `open ${file}: no such file or directory`);
  // The log of another database would be written into the restored one.
  const present = [FILE, `${FILE}-wal`].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (present !== undefined) throw new SensuError("invalid", `${present} is there already: move its folder away first`);
  const above = statSync(dirname(folder), { throwIfNoEntry: false });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const target = join(folder, FILE);
  copy(file, target);
  if (above) for (const path of [folder, target]) chownSync(path, above.uid, above.gid);
}

function copy(source: string, target: string): void {
  const partial = `${target}.${process.pid}.partial`;
  try {
    // SQLite would make it for everybody to read; an empty file is taken for a new one.
    closeSync(openSync(partial, "wx", 0o600));
    const db = new DatabaseSync(source, { timeout: 5000 });
    try {
      if (db.prepare("SELECT version FROM schema_version").get() === undefined) throw new Error("it holds no store");
      db.prepare("VACUUM INTO ?").run(partial);
    } finally {
      db.close();
    }
    synced(partial);
    // Unlike a rename it never takes another file's place.
    linkSync(partial, target);
    synced(dirname(target));
  } catch (error) {
    throw new SensuError("unavailable", `cannot copy ${source} to ${target}: ${text(error)}`, { cause: error });
  } finally {
    rmSync(partial, { force: true });
  }
}

function synced(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
