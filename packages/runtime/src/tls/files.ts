/** Certificates, keys and CA bundles from files; what is wrong with one is said in the original's words (S-114, S-115). */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { SensuError } from "@sensu-ts/core";
import { asOpensslReadsKey } from "@sensu-ts/pki";
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
  /** The file that the key came from; another than configured in the case of S-475. */
  readonly keyFile: string;
}

const SERVER = "Error loading tls server certificate";
const CLIENT = "Error loading tls client certificate";
const KEY_TYPES = ["rsa", "rsa-pss", "ec", "ed25519"];
/** A bundle with every public authority has a quarter of a MiB. */
export const MAX_FILE_BYTES = 16 << 20;
const BEGIN = /-----BEGIN CERTIFICATE-----/g;
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  ELOOP: "too many levels of symbolic links",
};

/** `open F: permission denied` (S-415). */
export function openError(file: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return `open ${file}: ${REASONS[code] ?? (code || "cannot be read")}`;
}

function read(file: string, what: string): Buffer {
  let size: number;
  try {
    ({ size } = statSync(file));
    if (size <= MAX_FILE_BYTES) return readFileSync(file);
  } catch (error) {
    throw new SensuError("invalid", `${what}: ${openError(file, error)}`, { cause: error });
  }
  throw new SensuError("invalid", `${what}: open ${file}: ${size} bytes are too many for a PEM file`);
}

/** The certificates of a PEM text, other blocks left out. */
export function certificateBlocks(pem: string): readonly string[] {
  return pem.match(BLOCK) ?? [];
}

function parseCertificates(pem: string, file: string, what: string): X509Certificate[] {
  const blocks = certificateBlocks(pem);
  if (blocks.length === 0) {
    throw new SensuError("invalid", `${what}: tls: failed to find any PEM data in certificate input [${file}]`);
  }
  // Somebody is still writing it.
  if (blocks.length < (pem.match(BEGIN) ?? []).length) {
    throw new SensuError("invalid", `${what}: x509: malformed certificate: the last one in ${file} is cut off`);
  }
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new SensuError("invalid", `${what}: x509: malformed certificate in ${file}`, { cause: error });
    }
  });
}

function parseKey(pem: string, file: string, what: string): KeyObject {
  if (!/-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/.test(pem)) {
    throw new SensuError("invalid", `${what}: tls: failed to find any PEM data in key input [${file}]`);
  }
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ERR_MISSING_PASSPHRASE" ? ": it is encrypted" : "";
    throw new SensuError("invalid", `${what}: tls: failed to parse private key${why} [${file}]`, { cause: error });
  }
}

/** Certificate and key that belong together. */
function loadPair(files: PairFiles, what: string): Pair {
  const certificates = parseCertificates(read(files.certFile, what).toString("latin1"), files.certFile, what);
  const [leaf, ...chain] = certificates as [X509Certificate, ...X509Certificate[]];
  if (!KEY_TYPES.includes(leaf.publicKey.asymmetricKeyType ?? "")) {
    throw new SensuError("invalid", `${what}: tls: unsupported public key algorithm [${files.certFile}]`);
  }
  const located = locateKey(files, leaf);
  let key: string;
  try {
    key = asOpensslReadsKey(read(located.file, what).toString("latin1"));
  } catch (error) {
    if (located.tried.length === 0) throw error;
    throw new SensuError("invalid", `${(error as Error).message} [also tried ${located.tried.join(", ")}]`, {
      cause: error,
    });
  }
  if (!leaf.checkPrivateKey(parseKey(key, located.file, what))) {
    throw new SensuError(
      "invalid",
      `${what}: tls: private key does not match public key [certificate ${files.certFile}, key ${located.file}]`,
    );
  }
  return { cert: certificates.map(String).join(""), key, leaf, chain, keyFile: located.file };
}

export function loadServerPair(files: PairFiles): Pair {
  return loadPair(files, SERVER);
}

export function loadClientPair(files: PairFiles): Pair {
  return loadPair(files, CLIENT);
}

/** The certificates of a CA bundle, each its own PEM: one that cannot be read does not hide those behind it. */
export function loadCa(file: string): readonly string[] {
  const blocks = certificateBlocks(read(file, "Error reading CA file").toString("latin1"));
  if (blocks.length === 0) throw new SensuError("invalid", `No certificates could be parsed out of ${file}`);
  return blocks;
}
