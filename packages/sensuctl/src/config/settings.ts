/** What a command runs with: flag over environment over file over default (C-13, C-14). */
import type { ResolvedOptions } from "@sensu-ts/core";
import type { GLOBAL_FLAGS, GlobalName } from "../frame/globals.ts";
import { type ClusterFile, type ProfileFile, readConfig } from "./files.ts";

export interface Settings {
  readonly folder: string;
  readonly apiUrl: string;
  /** Empty when tokens are used. */
  readonly apiKey: string;
  readonly namespace: string;
  /** Preferred output format of the profile. */
  readonly format: string;
  readonly trustedCaFile: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly certFile: string;
  readonly keyFile: string;
  readonly timeoutMs: number;
  /** As the files have it, for writers that must not persist what flags and environment say (C-21). */
  readonly files: { readonly cluster: ClusterFile; readonly profile: ProfileFile };
}

export const DEFAULT_TIMEOUT_MS = 15_000;

/** A pair is taken from one place: a given file never meets a stored one. */
function clientPair(flags: ResolvedOptions<typeof GLOBAL_FLAGS>, stored: ClusterFile) {
  const given = { certFile: flags["cert-file"], keyFile: flags["key-file"] };
  return given.certFile === "" && given.keyFile === "" ? { certFile: stored.certFile, keyFile: stored.keyFile } : given;
}

/** `given` tells whether a flag or variable was set. */
export function resolveSettings(
  flags: ResolvedOptions<typeof GLOBAL_FLAGS>,
  given: (name: GlobalName) => boolean,
): Settings {
  const folder = flags["config-dir"];
  const files = readConfig(folder);
  const { cluster, profile } = files;
  const timeoutMs = given("timeout") ? flags.timeout : cluster.timeoutMs;
  return {
    folder,
    files,
    apiUrl: flags["api-url"] || cluster.apiUrl,
    apiKey: flags["api-key"] || cluster.apiKey,
    namespace: (given("namespace") && flags.namespace) || profile.namespace || "default",
    format: profile.format || "tabular",
    trustedCaFile: flags["trusted-ca-file"] || cluster.trustedCaFile,
    insecureSkipTlsVerify: flags["insecure-skip-tls-verify"] || cluster.insecureSkipTlsVerify,
    ...clientPair(flags, cluster),
    timeoutMs: timeoutMs > 0 ? timeoutMs : DEFAULT_TIMEOUT_MS,
  };
}
