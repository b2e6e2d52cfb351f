/** What app/compose knows of certificates, as this room wants to see it. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { refusalAsClient, type ServerTlsSource } from "@sensu-ts/runtime";
import type { KnownCertificate, KnownCrl, UiCertificates } from "../ports.ts";
import { certificatesIn, factsOf } from "./parsed.ts";

export interface ListenerCertificate {
  readonly source: ServerTlsSource;
  readonly keyFile: string;
  /** Every listener that serves it, such as `API [::]:8080`. */
  readonly addresses: readonly string[];
  /** Hosts of this backend's own URLs there (S-485). */
  readonly hosts: readonly string[];
}

/** A pair of files that no listener of ours serves. */
export interface FileCertificate {
  readonly option: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities that the other side trusts; empty: not set. */
  readonly caFile: string;
  readonly hosts: readonly string[];
}

export interface ShownCertificate {
  /** DER of the leaf, then of what was sent with it. The same objects at every call: they are taken apart once. */
  readonly chain: readonly Buffer[];
  /** SHA-256 of the leaf, hexadecimal, lower case. */
  readonly fingerprint: string;
  /** Milliseconds. */
  readonly notAfter: number;
  readonly namespace: string;
  readonly entity: string;
  readonly address: string;
  readonly revoked: boolean;
  /** Milliseconds. */
  readonly seenAt: number;
}

export interface CertificateSources {
  /** Name of this backend. */
  readonly backend: string;
  readonly listeners: readonly ListenerCertificate[];
  /** Pairs of etcd. */
  readonly store: readonly FileCertificate[];
  /** CA files with the options that name them. */
  readonly caFiles: readonly { readonly option: string; readonly file: string }[];
  /** What agents have shown. */
  readonly agents: () => readonly ShownCertificate[];
  readonly crls: () => readonly KnownCrl[];
  readonly reminderMs: () => number;
}

/** No agent, no listener: what most rows leave empty. */
const PLAIN = { namespace: "", entity: "", address: "", keyFits: true, hosts: [], revoked: false, seenAt: 0 } as const;

export function certificatesPort(sources: CertificateSources): UiCertificates {
  return {
    backend: sources.backend,
    crls: sources.crls,
    reminderMs: sources.reminderMs,
    async certificates() {
      const listeners = await Promise.all(sources.listeners.map(ofListener));
      const store = await Promise.all(sources.store.map(ofFile));
      const options = Map.groupBy(sources.caFiles, ({ file }) => file);
      const authorities = await Promise.all(
        [...options].map(([file, named]) => ofCaFile(named.map(({ option }) => option).join(", "), file)),
      );
      return [...listeners.flat(), ...store.flat(), ...authorities.flat(), ...sources.agents().map(ofAgent)];
    },
  };
}

function known(chain: readonly X509Certificate[]) {
  const [leaf] = chain;
  if (leaf === undefined) return [];
  const { fingerprint, notAfter } = factsOf(leaf);
  return [{ ...PLAIN, chain, fingerprint, notAfter }];
}

async function ofListener(listener: ListenerCertificate): Promise<readonly KnownCertificate[]> {
  const { source, keyFile, addresses, hosts } = listener;
  const [onDisk, key] = await Promise.all([readText(source.certFile), readText(keyFile)]);
  return known(certificatesIn(String(source.serverOptions().cert))).map((served) => ({
    ...served,
    role: "server",
    option: source.option,
    address: addresses.join(", "),
    file: source.certFile,
    ...(onDisk === undefined ? {} : { onDisk }),
    keyFits: onDisk === undefined || fits(onDisk, key),
    hosts,
  }));
}

/**
 * No port of the built-in store shows these, so instead of a handshake with each member it is told what one would come
 * to (U-320).
 */
async function ofFile(pair: FileCertificate): Promise<readonly KnownCertificate[]> {
  const { option, certFile, keyFile, caFile, hosts } = pair;
  const [onDisk = "", key, trusted = ""] = await Promise.all([certFile, keyFile, caFile].map(readText));
  const shown = certificatesIn(onDisk);
  const authorities = certificatesIn(trusted).map(String);
  const refusal = authorities.length > 0 ? refusalAsClient(shown, authorities, Date.now()) : undefined;
  return known(shown).map((found) => ({
    ...found,
    role: "store",
    ...(refusal === undefined ? {} : { refusal }),
    ...{ option, file: certFile, onDisk, hosts },
    keyFits: fits(onDisk, key),
  }));
}

/** A file that cannot be read has no row: its option's own error tells of it. */
async function ofCaFile(option: string, file: string): Promise<readonly KnownCertificate[]> {
  const authorities = certificatesIn((await readText(file)) ?? "");
  return authorities.flatMap((ca) => known([ca]).map((row) => ({ ...row, role: "ca", option, file })));
}

const parsed = new WeakMap<Buffer, X509Certificate>();

function parsedOf(der: Buffer): X509Certificate {
  let certificate = parsed.get(der);
  if (certificate === undefined) {
    certificate = new X509Certificate(der);
    parsed.set(der, certificate);
  }
  return certificate;
}

function ofAgent(shown: ShownCertificate): KnownCertificate {
  return {
    ...{ ...PLAIN, ...shown, role: "agent", option: "", file: "" },
    // Taken apart only for the rows that are shown.
    get chain() {
      return shown.chain.map(parsedOf);
    },
  };
}

/** A key that is missing or half written is no misfit: the next look may find it. */
function fits(certificate: string, key: string | undefined): boolean {
  const [leaf] = certificatesIn(certificate);
  if (leaf === undefined || key === undefined) return true;
  try {
    return leaf.checkPrivateKey(createPrivateKey(key));
  } catch {
    return true;
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "latin1");
  } catch {
    return undefined;
  }
}
