/** The directory of a CA: its files, their owners and modes, its index and its lock (S-2 to S-12, S-86). */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { type Authority, createAuthority } from "../ca.ts";
import { type Certificate, fingerprint, readCertificate } from "../cert.ts";
import type { Reason } from "../crl.ts";
import { failure, PkiError } from "../errors.ts";
import { type FileOwner, readFile, setOwner, writeFileSafely } from "../files.ts";
import { listHosts } from "../hosts.ts";
import { readPrivateKey } from "../keys.ts";
import { certificateBlocks } from "../pem.ts";
import { readConfig, type SigningConfig } from "../profiles.ts";
import { formatName } from "../subject.ts";

export interface IndexEntry {
  /** File name in the directory; a replaced certificate keeps the name it had. */
  file: string;
  profile: string;
  /** Lower-case hex. */
  serial: string;
  subject: string;
  sans: string[];
  /** RFC 3339. */
  notBefore: string;
  notAfter: string;
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string;
  status: "issued" | "replaced" | "revoked";
  revokedAt?: string;
  reason?: Reason;
}

export interface Index {
  version: 1;
  /** Of the last CRL; 0 before the first. */
  crlNumber: number;
  certificates: IndexEntry[];
}

export interface PkiDirectory {
  path: string;
  file(name: string): string;
}

export function openDirectory(directory: string): PkiDirectory {
  const full = path.resolve(directory);
  return { path: full, file: (name) => path.join(full, name) };
}

/** User and group `sensu`, when this is root and the machine has them. */
export function serviceOwner(): FileOwner | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const find = (file: string): string[] | undefined => {
    if (!existsSync(file)) return undefined;
    return readFileSync(file, "utf8")
      .split("\n")
      .find((line) => line.startsWith("sensu:"))
      ?.split(":");
  };
  const user = find("/etc/passwd");
  if (user === undefined) return undefined;
  return { uid: Number(user[2]), gid: Number(find("/etc/group")?.[2] ?? user[3]) };
}

/** Makes the directory 0751: not to be listed by others, but a link into it can be followed (S-2). */
export function createDirectory(directory: PkiDirectory): void {
  if (existsSync(directory.path)) return;
  mkdirSync(directory.path, { recursive: true, mode: 0o751 });
  const owner = serviceOwner();
  if (owner !== undefined) setOwner(directory.path, { uid: 0, gid: owner.gid });
}

const WAIT_MS = 50;
const LOCK_PATIENCE_MS = 10_000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether the lock file could be made; throws when the directory takes none. */
function tryLock(directory: PkiDirectory, file: string): boolean {
  try {
    const descriptor = openSync(file, "wx", 0o600);
    writeSync(descriptor, String(process.pid));
    closeSync(descriptor);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (code === "ENOENT")
      throw failure(
        `open ${directory.path}: no such file or directory: sensu-pki init makes it, with a CA in it`,
        error,
      );
    throw failure(`${directory.path} cannot be written: ${code}`, error);
  }
}

/** The process that made the lock; 0 when it is gone, or has not written its number yet. */
function holderOf(lock: string): number {
  try {
    return Number(readFileSync(lock, "utf8"));
  } catch {
    return 0;
  }
}

/** Removes a lock whose process has died. One remover at a time: a second could take away the lock made after it. */
function removeDeadLock(directory: PkiDirectory, lock: string): void {
  const removal = `${lock}.removal`;
  if (!tryLock(directory, removal)) return;
  try {
    const holder = holderOf(lock);
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
  } finally {
    rmSync(removal, { force: true });
  }
}

/** Runs `change` while no other `sensu-pki` changes the directory. */
export function withLock<T>(directory: PkiDirectory, change: () => T): T {
  const lock = directory.file(".sensu-pki.lock");
  const until = Date.now() + LOCK_PATIENCE_MS;
  while (!tryLock(directory, lock)) {
    const holder = holderOf(lock);
    if (holder > 0 && !isAlive(holder)) removeDeadLock(directory, lock);
    if (Date.now() > until) throw failure(`${directory.path} is in use; if no sensu-pki runs, remove ${lock}*`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
  }
  try {
    return change();
  } finally {
    rmSync(lock, { force: true });
  }
}

export function readIndex(directory: PkiDirectory): Index {
  const file = directory.file("index.json");
  if (!existsSync(file)) return { version: 1, crlNumber: 0, certificates: [] };
  try {
    const index = JSON.parse(readFile(file)) as Index;
    if (index.version !== 1 || !Array.isArray(index.certificates)) throw failure(`${file} is of an unknown form`);
    return index;
  } catch (error) {
    if (error instanceof PkiError) throw error;
    throw failure(`${file} is no valid JSON`, error);
  }
}

export function writeIndex(directory: PkiDirectory, index: Index): void {
  writeFileSafely(directory.file("index.json"), `${JSON.stringify(index, null, 2)}\n`, { mode: 0o644, exact: true });
}

export function entryOf(file: string, profile: string, certificate: Certificate): IndexEntry {
  return {
    file,
    profile,
    serial: certificate.serial.toString("hex"),
    subject: formatName(certificate.subject),
    sans: listHosts(certificate.hosts),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    fingerprint: fingerprint(certificate.der),
    status: "issued",
  };
}

/** Adds a certificate; older ones of the same file are replaced by it. */
export function recordCertificate(index: Index, entry: IndexEntry): void {
  for (const other of index.certificates) {
    if (other.file === entry.file && other.status === "issued") other.status = "replaced";
  }
  index.certificates.push(entry);
}

export function readCaCertificate(directory: PkiDirectory): Certificate {
  const file = directory.file("ca.pem");
  if (!existsSync(file)) throw failure(`there is no CA in ${directory.path}: run sensu-pki init`);
  return readCertificate(readFile(file));
}

/** The CA with its key; throws with where the key should come from when it was taken away (S-4). */
export function readCa(directory: PkiDirectory, passphrase: string | undefined): Authority {
  const certificate = readCaCertificate(directory);
  const file = directory.file("ca-key.pem");
  if (!existsSync(file)) {
    throw failure(`${file} is not there: put the CA's key back from where it was archived, and remove it afterwards`);
  }
  try {
    return createAuthority(certificate, readPrivateKey(readFile(file), passphrase));
  } catch (error) {
    if (error instanceof PkiError && error.pkiNumber === 2100) {
      throw failure(`${file} is encrypted: give --passphrase-file`, error);
    }
    throw error;
  }
}

/** Keys of the CA and of those before it that lie in the directory, which need not be listable (S-2). */
export function caKeyFiles(directory: PkiDirectory): string[] {
  const file = directory.file("ca-key.pem");
  const found = existsSync(file) ? [file] : [];
  for (let number = 1; existsSync(`${file}.${number}`); number++) found.push(`${file}.${number}`);
  return found;
}

export function readProfiles(directory: PkiDirectory): SigningConfig {
  return readConfig(readFile(directory.file("ca-config.json")));
}

/** Certificates that chains may end in: `ca.pem` and, while two CAs overlap, `ca-bundle.pem`. */
export function trustedCertificates(directory: PkiDirectory): Certificate[] {
  return ["ca.pem", "ca-bundle.pem"]
    .filter((name) => existsSync(directory.file(name)))
    .flatMap((name) => certificateBlocks(readFile(directory.file(name))).map((der) => readCertificate(der)));
}

/**
 * Names of the files that hold certificates of their own: no keys, no bundles, nothing but files. Throws when there is
 * no such directory, which is a slip in its name.
 */
export function certificateFiles(directory: PkiDirectory): string[] {
  if (!statSync(directory.path, { throwIfNoEntry: false })?.isDirectory()) {
    throw failure(`open ${directory.path}: no such directory`);
  }
  return readdirSync(directory.path)
    .filter(
      (name) => name.endsWith(".pem") && !name.startsWith(".") && !/-key\./.test(name) && name !== "ca-bundle.pem",
    )
    .filter((name) => statSync(directory.file(name), { throwIfNoEntry: false })?.isFile())
    .filter((name) => readFile(directory.file(name)).includes("-----BEGIN CERTIFICATE-----"))
    .sort((a, b) => Number(b === "ca.pem") - Number(a === "ca.pem") || (a < b ? -1 : 1));
}

/** Names of the files that the index knows and that are no certificates any more: emptied, or cut off. */
export function spoiltFiles(directory: PkiDirectory, index: Index): string[] {
  const known = new Set(index.certificates.map(({ file }) => file));
  return [...known].filter(
    (name) =>
      statSync(directory.file(name), { throwIfNoEntry: false })?.isFile() === true &&
      certificateBlocks(readFile(directory.file(name))).length === 0,
  );
}

/** The first certificate of a file. */
export function readLeaf(file: string): Certificate {
  const [leaf] = certificateBlocks(readFile(file));
  if (leaf === undefined) throw new PkiError(1002, `${file} holds no certificate`);
  return readCertificate(leaf);
}

/** Keys and certificates of services: 0400, owner `sensu` (S-7, S-8). */
export function writeServiceFile(file: string, content: string): void {
  writeFileSafely(file, content, { mode: 0o400, exact: true, owner: serviceOwner() });
}

export function writePublicFile(file: string, content: string | Buffer): void {
  writeFileSafely(file, content, { mode: 0o644, exact: true });
}

/** 0600, owner the caller. */
export function writeCaKey(file: string, content: string): void {
  writeFileSafely(file, content, { mode: 0o600, exact: true });
}

/** A base name for files: no folder, no leading dot or dash, not the CA's. */
export function checkName(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$/.test(name) || name === "ca" || name.endsWith("-key")) {
    throw failure(`${JSON.stringify(name)} cannot be the name of a certificate`);
  }
  return name;
}
