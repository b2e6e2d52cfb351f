/** The system's own roots of trust, as Go finds them (S-92). Node brings its own list and does not look. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import tls from "node:tls";
import { SensuError } from "@sensu-ts/core";
import { certificatePems } from "./files.ts";

const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const FOLDERS = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

export interface SystemRoots {
  /** One PEM a certificate. */
  readonly pem: readonly string[];
  /** Changes whenever the roots may have changed. */
  readonly identity: string;
  /** Places that were looked at. */
  readonly places: readonly string[];
}

interface Places {
  readonly bundles: readonly string[];
  readonly folders: readonly string[];
}

/** Files that change when a CA is added to the system's store, for a `FileWatch`. */
export function systemRootFiles(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  return env["SSL_CERT_FILE"] ? [env["SSL_CERT_FILE"]] : BUNDLES;
}

let kept: SystemRoots | undefined;

/** Read again only when a place has changed, so that a CA added to the store counts from the next connection (S-479). */
export function systemRoots(env: NodeJS.ProcessEnv = process.env): SystemRoots {
  const places: Places = {
    bundles: systemRootFiles(env),
    folders: env["SSL_CERT_DIR"] ? env["SSL_CERT_DIR"].split(path.delimiter) : FOLDERS,
  };
  const identity = [...places.bundles, ...places.folders].map(identityOf).join("\n");
  if (kept?.identity !== identity) {
    kept = { pem: readAll(places), identity, places: [...places.bundles, ...places.folders] };
  }
  return kept;
}

/** The roots, or an error that cannot be taken for one of the other side's certificate (S-492). */
export function requireSystemRoots(env?: NodeJS.ProcessEnv): SystemRoots {
  const roots = systemRoots(env);
  if (roots.pem.length > 0) return roots;
  throw new SensuError(
    "unavailable",
    `this system has no roots of trust: none in ${roots.places.join(", ")} [install the package ca-certificates, or set trusted-ca-file to the CA of the other side]`,
  );
}

function identityOf(place: string): string {
  const found = statSync(place, { throwIfNoEntry: false, bigint: true });
  return found ? [place, found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(" ") : place;
}

function readAll({ bundles, folders }: Places): readonly string[] {
  const found = new Set<string>();
  const add = (text: string) => {
    for (const block of certificatePems(text)) found.add(block);
  };
  if (process.platform === "darwin" || process.platform === "win32") {
    tls.getCACertificates("system").forEach(add);
    if (!process.env["SSL_CERT_FILE"] && !process.env["SSL_CERT_DIR"]) return [...found];
  }
  for (const file of bundles) {
    const text = readText(file);
    if (text === undefined) continue;
    add(text);
    break;
  }
  for (const folder of folders) for (const file of filesIn(folder)) add(readText(file) ?? "");
  return [...found];
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}

/** Without the links that name a neighbour by its hash. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !/^[0-9a-f]{8}\.\d+$/.test(name))
      .map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
