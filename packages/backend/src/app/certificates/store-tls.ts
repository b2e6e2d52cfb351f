/**
 * The TLS options of etcd where the built-in store opens no port for them: without effect, but files and names in
 * them are checked as if, so that the block is known to be right on the day it is needed (B-1110).
 */
import { SensuError } from "@sensu-ts/core";
import {
  type CertificateInUse,
  certificateInUse,
  loadCa,
  loadServerPair,
  type Pair,
  refusalAsClient,
  uncoveredName,
} from "@sensu-ts/runtime";
import type { BackendOptions } from "../options.ts";
import { checkCipherSuites } from "./cipher-suites.ts";

const BLOCKS = [
  {
    cert: "etcd-cert-file",
    key: "etcd-key-file",
    ca: "etcd-trusted-ca-file",
    demand: "etcd-client-cert-auth",
    listen: "etcd-listen-client-urls",
    advertise: "etcd-advertise-client-urls",
  },
  {
    cert: "etcd-peer-cert-file",
    key: "etcd-peer-key-file",
    ca: "etcd-peer-trusted-ca-file",
    demand: "etcd-peer-client-cert-auth",
    listen: "etcd-listen-peer-urls",
    advertise: "etcd-initial-advertise-peer-urls",
  },
] as const;

export const STORE_TLS_OPTIONS: readonly string[] = [
  ...BLOCKS.flatMap(({ cert, key, ca, demand }) => [cert, key, ca, demand]),
  "etcd-cipher-suites",
];

export interface StoreTls {
  readonly certificates: readonly CertificateInUse[];
  readonly warnings: readonly string[];
}

/** Its pairs with the hosts of the URLs that they are served under, for those who watch certificates. */
export function storePairs(options: BackendOptions) {
  return BLOCKS.filter(({ cert }) => options[cert] !== "").map((block) => ({
    option: block.cert,
    certFile: options[block.cert],
    keyFile: options[block.key],
    caFile: options[block.ca],
    hosts: ownUrls(options, block)
      .filter(({ url }) => url.startsWith("https:") && URL.canParse(url))
      .map(({ url }) => new URL(url).hostname),
  }));
}

/** Throws for what etcd itself would refuse (S-140). */
export function checkStoreTls(options: BackendOptions): StoreTls {
  const certificates: CertificateInUse[] = [];
  const warnings = [...checkCipherSuites(options["etcd-cipher-suites"])];
  for (const block of BLOCKS) {
    const { cert, key, ca, demand, listen } = block;
    const [certFile, keyFile] = [options[cert], options[key]];
    if ((certFile === "") !== (keyFile === "")) {
      throw new SensuError("invalid", `tls configuration error, both flags --${cert} & --${key} are required`);
    }
    if (certFile === "" && options[listen].some((url) => url.startsWith("https:"))) {
      throw new SensuError("invalid", `${listen} is https, which needs ${cert} and ${key}`);
    }
    if (options[demand] && options[ca] === "") warnings.push(`${demand} needs ${ca} to know whom to let in`);
    if (options[ca] !== "") loadCa(options[ca]);
    if (certFile === "") continue;
    const pair = load({ certFile, keyFile }, cert);
    certificates.push(certificateInUse(cert, certFile, pair.leaf));
    // etcd demands a certificate as soon as it knows whose (S-484), and a member is the client of the others.
    const refusal = options[ca] && refusalAsClient([pair.leaf, ...pair.chain], loadCa(options[ca]), Date.now());
    if (refusal) {
      warnings.push(`${cert} ${certFile}: a member that trusts ${ca} ${options[ca]} would refuse it: ${refusal}`);
    }
    if (pair.keyFile !== keyFile) warnings.push(`${key} ${keyFile} does not exist: ${pair.keyFile} fits ${certFile}`);
    for (const name of ownUrls(options, block)) {
      const warning = name.url.startsWith("https:") ? uncoveredName(name, pair.leaf, certFile) : undefined;
      if (warning !== undefined) warnings.push(warning);
    }
  }
  return { certificates, warnings };
}

function load(files: { certFile: string; keyFile: string }, option: string): Pair {
  try {
    return loadServerPair(files);
  } catch (error) {
    throw new SensuError("invalid", `${option}: ${(error as Error).message}`, { cause: error });
  }
}

function ownUrls(options: BackendOptions, { advertise }: (typeof BLOCKS)[number]): { option: string; url: string }[] {
  const entry = advertise === "etcd-initial-advertise-peer-urls" ? ownEntry(options) : [];
  return [...options[advertise].map((url) => ({ option: advertise, url })), ...entry];
}

/** This member's URLs in `etcd-initial-cluster` (`name=url,name=url`). */
function ownEntry(options: BackendOptions): { option: string; url: string }[] {
  const own = `${options["etcd-name"]}=`;
  return options["etcd-initial-cluster"]
    .split(",")
    .filter((entry) => entry.startsWith(own))
    .map((entry) => ({ option: "etcd-initial-cluster", url: entry.slice(own.length) }));
}
