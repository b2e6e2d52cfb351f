/** Writing certificates and keys: whole or not at all, never wider than meant, identity of an older file kept. */
import { randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { failure, PkiError } from "./errors.ts";

export interface FileOwner {
  uid: number;
  gid: number;
}

export interface WriteOptions {
  /** Mode of a new file, before the umask unless `exact`. */
  mode: number;
  exact?: boolean;
  /** Owner of a new file; left alone where this process may not give files away. */
  owner?: FileOwner | undefined;
}

function statIfThere(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false });
}

function code(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** Text of the file; a missing or unreadable one fails as Go words it: `open F: no such file or directory`. */
export function readFile(file: string, pkiNumber = 0): string {
  return readBytes(file, pkiNumber).toString("utf8");
}

export function readBytes(file: string, pkiNumber = 0): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    // A folder can be opened.
    const verb = code(error) === "EISDIR" ? "read" : "open";
    throw new PkiError(pkiNumber, `${verb} ${file}: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  switch (code(error)) {
    case "ENOENT":
      return "no such file or directory";
    case "EACCES":
      return "permission denied";
    case "EISDIR":
      return "is a directory";
    case "ENOTDIR":
      return "not a directory";
    default:
      return code(error) ?? "cannot be read";
  }
}

/**
 * Writes through a file beside it that is 0600 from its first moment, then takes the name (S-71). An older file leaves
 * its owner, group and mode to the new one, a link is followed (S-476). Where the owner cannot be kept, or the
 * directory takes no new file, the old file is written in place.
 */
export function writeFileSafely(file: string, data: string | Uint8Array, options: WriteOptions): void {
  const old = statIfThere(file);
  const target = old === undefined ? file : realpathSync(file);
  try {
    if (writeBeside(target, data, old, options)) syncDirectory(path.dirname(target));
    // "w" truncates and keeps owner, group and mode.
    else writeFileSync(target, data, { flag: "w", flush: true });
  } catch (error) {
    throw failure(`open ${file}: ${reason(error)}`, error);
  }
}

/** False when the new file could not be made, or could not be given to the old one's owner. */
function writeBeside(
  target: string,
  data: string | Uint8Array,
  old: Stats | undefined,
  options: WriteOptions,
): boolean {
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString("hex")}`);
  let descriptor: number;
  try {
    descriptor = openSync(temporary, "wx", 0o600);
  } catch (error) {
    if (old !== undefined && code(error) === "EACCES") return false;
    throw error;
  }
  let renamed = false;
  try {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    if (old !== undefined && !keepOwner(descriptor, old)) return false;
    const { owner } = options;
    if (old === undefined && owner !== undefined) giveAway(() => fchownSync(descriptor, owner.uid, owner.gid));
    const mode = options.exact === true ? options.mode : options.mode & ~process.umask();
    fchmodSync(descriptor, old === undefined ? mode : old.mode & 0o7777);
    fsyncSync(descriptor);
    renameSync(temporary, target);
    renamed = true;
    return true;
  } finally {
    closeSync(descriptor);
    if (!renamed) rmSync(temporary, { force: true });
  }
}

function keepOwner(descriptor: number, old: Stats): boolean {
  if (old.uid === process.geteuid?.() && old.gid === process.getegid?.()) return true;
  try {
    fchownSync(descriptor, old.uid, old.gid);
    return true;
  } catch (error) {
    if (code(error) === "EPERM") return false;
    throw error;
  }
}

function giveAway(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (code(error) !== "EPERM") throw error;
  }
}

/** The new name survives a power cut. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function setOwner(file: string, owner: FileOwner): void {
  giveAway(() => chownSync(file, owner.uid, owner.gid));
}
