/** Key files in another spelling than the configured one (S-475), and key files that others can read (S-404). */
import type { X509Certificate } from "node:crypto";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import path from "node:path";
import { SensuError } from "@sensu-ts/core";
import { findKeyBeside, keyFilesBeside } from "@sensu-ts/pki";
import type { PairFiles } from "./files.ts";

export interface LocatedKey {
  readonly file: string;
  /** Names looked at in vain. */
  readonly tried: readonly string[];
}

/**
 * The configured key file when it exists, else the one beside the certificate that fits it: tutorials write
 * `b1-key.acme.example.pem` where cfssljson makes `b1.acme.example-key.pem`.
 */
export function locateKey({ certFile, keyFile }: PairFiles, leaf: X509Certificate): LocatedKey {
  if (existsSync(keyFile)) return { file: keyFile, tried: [] };
  const file = findKeyBeside(certFile, leaf.publicKey);
  if (file !== undefined) return { file, tried: [] };
  const others = keyFilesBeside(certFile).filter((other) => path.resolve(other) !== path.resolve(keyFile));
  return { file: keyFile, tried: others.map(named) };
}

/** The name, and why the file was of no use when it is not simply missing or another key. */
function named(file: string): string {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return `${file}: permission denied`;
  }
  return file;
}

/** What a program says at start of the key of a pair: another file than configured, or one that others can read. */
export function keyWarnings(keyOption: string, files: PairFiles, used: string): readonly string[] {
  const warnings: string[] = [];
  if (used !== files.keyFile) {
    warnings.push(`${keyOption} ${files.keyFile} does not exist: ${used} fits ${files.certFile} and is used instead`);
  }
  const open = exposureWarning("private key", used);
  if (open !== undefined) warnings.push(open);
  return warnings;
}

/** Undefined for a file that not everybody can read. `what` it is: a private key, a password. */
export function exposureWarning(what: string, file: string): string | undefined {
  const exposed = exposure(file);
  return exposed && `${what} ${file} is readable by everybody (${exposed}): chmod o-r ${file}`;
}

/** Throws for a file that everybody can read (`strict-permissions`). */
export function refuseExposed(option: string, what: string, file: string): void {
  const exposed = exposure(file);
  if (exposed === undefined) return;
  throw new SensuError(
    "invalid",
    `${option}: ${what} ${file} is readable by everybody (${exposed}), which strict-permissions forbids: chmod o-r ${file}`,
  );
}

/** `mode 0644, owner 0`, when everybody on the host can read the key; undefined when not. */
export function exposure(keyFile: string): string | undefined {
  const { mode, uid } = statSync(keyFile);
  if ((mode & 0o004) === 0) return undefined;
  return `mode ${(mode & 0o7777).toString(8).padStart(4, "0")}, owner ${uid}`;
}
