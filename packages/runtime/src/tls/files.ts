/** Certificates, keys and CA bundles from files; what is wrong with one is said in the original's words (S-114, S-115). */
import { type KeyObject, X509Certificate } from "node:crypto";
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from "node:fs";
import { SensuError } from "@sensu-ts/core";
import {
  certificateBlocks,
  type PemBlock,
  PkiError,
  pemBlocks,
  privateKeyPem,
  readPrivateKey,
  toPem,
} from "@sensu-ts/pki";
import { locateKey } from "./keys.ts";

export interface PairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Pair {
  /** PEM, leaf first, nothing but certificates. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  readonly leaf: X509Certificate;
  /** What is sent behind the leaf. */
  readonly chain: readonly X509Certificate[];
  /** Certificates of the file that are cut off or not base64, and so are not sent. */
  readonly leftOut: number;
  /** The file that the key came from; another than configured in the case of S-475. */
  readonly keyFile: string;
}

const SERVER = "Error loading tls server certificate";
const CLIENT = "Error loading tls client certificate";
/** OpenSSL has the same limit, in other words. */
export const MIN_RSA_BITS = 2048;
const KEY_TYPES = ["rsa", "rsa-pss", "ec", "ed25519"];
/** A bundle with every public authority has a quarter of a MiB. */
export const MAX_FILE_BYTES = 16 << 20;
const MAX_PIPE_BYTES = 1 << 20;
/** What a pipe's writer may take. */
const PIPE_MS = 2000;
const CERTIFICATE = "CERTIFICATE";
/** Others have no place in TLS. */
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  ELOOP: "too many levels of symbolic links",
  EAGAIN: "nothing was written to this pipe in time",
};

/** `open F: permission denied` (S-415). */
export function openError(file: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  // A folder can be opened.
  return `${code === "EISDIR" ? "read" : "open"} ${file}: ${REASONS[code] ?? (code || "cannot be read")}`;
}

function invalid(what: string, why: string): SensuError {
  return new SensuError("invalid", `${what}: ${why}`);
}

function read(file: string, what: string): string {
  let size: number;
  try {
    const found = statSync(file);
    if (found.isFIFO()) return readPipe(file);
    ({ size } = found);
    if (size <= MAX_FILE_BYTES) return readFileSync(file, "latin1");
  } catch (error) {
    throw invalid(what, openError(file, error));
  }
  throw invalid(what, `open ${file}: ${size} bytes are too many for a PEM file`);
}

/** `--key-file <(decrypt)`. A pipe that nobody writes to must not stop the whole program. */
function readPipe(file: string): string {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const piece = Buffer.alloc(MAX_PIPE_BYTES);
    const until = Date.now() + PIPE_MS;
    for (let length = 0; ; ) {
      try {
        const read = readSync(descriptor, piece, length, piece.length - length, null);
        if (read === 0) return piece.toString("latin1", 0, length);
        length += read;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || Date.now() > until) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The certificates of a text that can be read, each its own PEM; other blocks are left out. */
export function certificatePems(text: string): readonly string[] {
  return certificateBlocks(text).map((der) => toPem(CERTIFICATE, der));
}

/** What is wrong with a file without a certificate, in Go's words. */
function noCertificate(blocks: readonly PemBlock[]): string {
  const labels = blocks.filter(({ der }) => der !== undefined).map(({ label }) => label);
  if (labels.length === 0) return "tls: failed to find any PEM data in certificate input";
  if (labels.length === 1 && labels[0]?.endsWith("PRIVATE KEY")) {
    return "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched";
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${labels.join(" ")}]`;
}

function noKey(blocks: readonly PemBlock[]): string {
  const labels = blocks.filter(({ der }) => der !== undefined).map(({ label }) => label);
  if (labels.length === 0) return "tls: failed to find any PEM data in key input";
  if (labels.length === 1 && labels[0] === CERTIFICATE) {
    return "tls: found a certificate rather than a key in the PEM for the private key";
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${labels.join(" ")}]`;
}

function parseCertificates(text: string, file: string, what: string) {
  const blocks = pemBlocks(text);
  const own = blocks.filter(({ label }) => label === CERTIFICATE);
  const ders = own.flatMap(({ der }) => der ?? []);
  const certificates = ders.map((der) => {
    try {
      return new X509Certificate(der);
    } catch {
      throw invalid(what, `x509: malformed certificate in ${file}`);
    }
  });
  const [leaf, ...chain] = certificates;
  if (leaf === undefined) throw invalid(what, `${noCertificate(blocks)} [${file}]`);
  return { leaf, chain, leftOut: own.length - ders.length };
}

function parseKey(text: string, file: string, what: string): KeyObject {
  try {
    return readPrivateKey(text);
  } catch (error) {
    const number = error instanceof PkiError ? error.pkiNumber : 0;
    if (number === 2002) throw invalid(what, `${noKey(pemBlocks(text))} [${file}]`);
    const remedy =
      number === 2100 ? `it is encrypted: write it in the clear, for instance openssl pkey -in ${file}` : "";
    throw invalid(what, `tls: failed to parse private key [${remedy || file}]`);
  }
}

/** Why no handshake of ours could succeed with this certificate's key. */
export function unusable({ publicKey }: X509Certificate): string | undefined {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  if (namedCurve !== undefined && !CURVES.includes(namedCurve)) return "x509: unsupported elliptic curve";
  if (modulusLength !== undefined && modulusLength < MIN_RSA_BITS) {
    return `x509: RSA key of ${modulusLength} bits is too weak, it needs ${MIN_RSA_BITS}`;
  }
  return undefined;
}

/** Certificate and key that belong together. */
function loadPair(files: PairFiles, what: string): Pair {
  const { leaf, chain, leftOut } = parseCertificates(read(files.certFile, what), files.certFile, what);
  const located = locateKey(files, leaf);
  let text: string;
  try {
    text = read(located.file, what);
  } catch (error) {
    if (located.tried.length === 0) throw error;
    throw new SensuError("invalid", `${(error as Error).message} [also tried ${located.tried.join(", ")}]`);
  }
  const key = parseKey(text, located.file, what);
  if (!KEY_TYPES.includes(key.asymmetricKeyType ?? "")) {
    throw invalid(what, `tls: unsupported public key algorithm [${files.certFile}]`);
  }
  if (!leaf.checkPrivateKey(key)) {
    throw invalid(
      what,
      `tls: private key does not match public key [certificate ${files.certFile}, key ${located.file}]`,
    );
  }
  const cert = [leaf, ...chain].map(String).join("");
  return { ...{ cert, leaf, chain, leftOut }, key: privateKeyPem(key), keyFile: located.file };
}

/** For whoever serves it: etcd, say, takes weaker keys than we do, which `unusable` tells of. */
export function loadServerPair(files: PairFiles): Pair {
  return loadPair(files, SERVER);
}

export function loadClientPair(files: PairFiles): Pair {
  const pair = loadPair(files, CLIENT);
  const unfit = unusable(pair.leaf);
  if (unfit !== undefined) throw invalid(CLIENT, `${unfit} [${files.certFile}]`);
  return pair;
}

/** The certificates of a CA bundle, each its own PEM: one that cannot be read does not hide those behind it. */
export function loadCa(file: string): readonly string[] {
  const pems = certificatePems(read(file, "Error reading CA file"));
  if (pems.some(isCertificate)) return pems;
  throw new SensuError("invalid", `No certificates could be parsed out of ${file}`);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
}
