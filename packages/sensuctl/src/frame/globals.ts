import type { Options } from "@sensu-ts/core";
import { cacheFolder, configFolder } from "../config/folders.ts";

/** Flags of every command (sensuctl.md 2). The client certificate pair is ours (S-157). */
export const GLOBAL_FLAGS = [
  { name: "api-key", type: "string", default: "", help: "API key to use for authentication" },
  { name: "api-url", type: "string", default: "", help: "host URL of Sensu installation" },
  {
    name: "cache-dir",
    type: "string",
    default: cacheFolder(process.env, process.platform),
    // The variable is not read: agents on the same machine have one of this name.
    sources: ["flag"],
    help: "path to directory of command plugins (this version has none and warns)",
  },
  { name: "cert-file", type: "string", default: "", help: "client certificate in PEM format" },
  {
    name: "config-dir",
    type: "string",
    default: configFolder(process.env, process.platform),
    help: "path to directory containing configuration files",
  },
  {
    name: "insecure-skip-tls-verify",
    type: "bool",
    default: false,
    help: "skip TLS certificate verification (not recommended!)",
  },
  { name: "key-file", type: "string", default: "", help: "private key of the client certificate in PEM format" },
  { name: "namespace", type: "string", default: "default", help: "namespace in which we perform actions" },
  { name: "timeout", type: "duration", default: 15_000, help: "timeout when communicating with sensu backend" },
  { name: "trusted-ca-file", type: "string", default: "", help: "TLS CA certificate bundle in PEM format" },
] as const satisfies Options;

export type GlobalName = (typeof GLOBAL_FLAGS)[number]["name"];
