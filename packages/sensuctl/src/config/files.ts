/**
 * The two JSON files that sensuctl shares with the original's (C-17 to C-22): `cluster` (address and credentials) and
 * `profile` (format and namespace). Written whole, atomically and for the owner only.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Tokens } from "@sensu-ts/client";
import { Failure, fileFailure } from "../frame/failure.ts";

export interface ClusterFile {
  readonly apiUrl: string;
  readonly trustedCaFile: string;
  readonly insecureSkipTlsVerify: boolean;
  /** Client certificate and its key (S-157); empty without one. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Absent until the first login. */
  readonly tokens?: Tokens | undefined;
  readonly apiKey: string;
  /** Milliseconds; 0 is unset. */
  readonly timeoutMs: number;
}

export interface ProfileFile {
  readonly format: string;
  readonly namespace: string;
}

const NANOSECONDS = 1_000_000;

/** Either file may hold any key; `cluster` is read last. What cannot be read counts as empty (C-19). */
export function readConfig(folder: string): { cluster: ClusterFile; profile: ProfileFile } {
  const found = { ...readObject(path.join(folder, "profile")), ...readObject(path.join(folder, "cluster")) };
  const text = (key: string) => (typeof found[key] === "string" ? (found[key] as string) : "");
  const count = (key: string) => (typeof found[key] === "number" ? (found[key] as number) : 0);
  const hasTokens = ["access_token", "expires_at", "refresh_token"].some((key) => key in found);
  return {
    cluster: {
      apiUrl: text("api-url"),
      trustedCaFile: text("trusted-ca-file"),
      insecureSkipTlsVerify: found["insecure-skip-tls-verify"] === true,
      certFile: text("cert-file"),
      keyFile: text("key-file"),
      ...(hasTokens
        ? {
            tokens: {
              access_token: text("access_token"),
              expires_at: count("expires_at"),
              refresh_token: text("refresh_token"),
            },
          }
        : {}),
      apiKey: text("apikey"),
      timeoutMs: count("timeout") / NANOSECONDS,
    },
    profile: { format: text("format"), namespace: text("namespace") },
  };
}

export function writeCluster(folder: string, cluster: ClusterFile): void {
  writeObject(folder, "cluster", {
    "api-url": cluster.apiUrl,
    "trusted-ca-file": cluster.trustedCaFile,
    "insecure-skip-tls-verify": cluster.insecureSkipTlsVerify,
    ...cluster.tokens,
    APIKey: cluster.apiKey,
    timeout: Math.round(cluster.timeoutMs * NANOSECONDS),
    // Ours and last: without a pair the file is the original's to the byte.
    ...(cluster.certFile === "" ? {} : { "cert-file": cluster.certFile, "key-file": cluster.keyFile }),
  });
}

export function writeProfile(folder: string, profile: ProfileFile): void {
  writeObject(folder, "profile", { format: profile.format, namespace: profile.namespace });
}

/** Replaces the tokens and nothing else. */
export function writeTokens(folder: string, tokens: Tokens): void {
  const { access_token, expires_at, refresh_token } = tokens;
  writeCluster(folder, { ...readConfig(folder).cluster, tokens: { access_token, expires_at, refresh_token } });
}

function readObject(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
    // Go does not distinguish the case of keys.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toLowerCase(), item]));
  } catch {
    return {};
  }
}

function writeObject(folder: string, name: string, value: object): void {
  makeFolder(path.resolve(folder));
  const place = path.join(folder, name);
  // A link stays one: what it leads to is replaced.
  const file = existsSync(place) ? realpathSync(place) : place;
  const draft = `${file}.${process.pid}.tmp`;
  const text = JSON.stringify(value, null, 2);
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    writeInPlace(file, text, error);
  }
}

/** Where the folder takes no other file, or the file is mounted by itself; `cause` is what happened before. */
function writeInPlace(file: string, text: string, cause: unknown): void {
  if (!["EACCES", "EPERM", "EBUSY", "EROFS"].includes((cause as NodeJS.ErrnoException).code ?? "")) {
    throw unwritable("open", file, cause);
  }
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw unwritable("open", file, error);
  }
}

function unwritable(action: string, place: string, error: unknown): Failure {
  return new Failure(`unable to write new configuration file with error: ${fileFailure(action, place, error).message}`);
}

/** Step by step: Node's recursive mkdir never ends where nothing can be made, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another sensuctl may have been faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable("mkdir", folder, error);
  }
}
