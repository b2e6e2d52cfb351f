/**
 * The two JSON files that sensuctl shares with the original's (C-17 to C-22): `cluster` (address and credentials) and
 * `profile` (format and namespace). Written whole, atomically and for the owner only.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Tokens } from "@sensu-ts/client";

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
      apiKey: text("APIKey"),
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
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function writeObject(folder: string, name: string, value: object): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, name);
  const draft = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, JSON.stringify(value, null, 2), { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
