/** Every certificate that the options name, for `observe/certificates`. */
import { X509Certificate } from "node:crypto";
import { type CertificateInUse, certificateInUse, type Logger, loadCa } from "@sensu-ts/runtime";
import type { BackendOptions } from "../options.ts";
import { checkStoreTls } from "./store-tls.ts";
import { onePerPair, type TlsSources } from "./tls-sources.ts";

const STORE_FILES = ["etcd-cert-file", "etcd-peer-cert-file"] as const;
const PEOPLES_CAS = ["api-auth-trusted-ca-file", "dashboard-auth-trusted-ca-file"] as const;
const STORE_CAS = ["etcd-trusted-ca-file", "etcd-peer-trusted-ca-file"] as const;

/** Those that no listener serves, and so no source watches. */
export function filesBesideListeners(options: BackendOptions): readonly string[] {
  return [...caFiles(options).map(({ file }) => file), ...STORE_FILES.map((option) => options[option])].filter(
    (file) => file !== "",
  );
}

/** What looks at all of them; it tells what is wrong with the store's, at first and when another fault comes up. */
export function certificatesInUse(
  options: BackendOptions,
  tls: TlsSources,
  log: Logger,
): () => readonly CertificateInUse[] {
  let told: readonly string[] = [];
  const ofStore = () => {
    const { certificates, warnings } = checkStoreTls(options);
    for (const warning of warnings) if (!told.includes(warning)) log.warn({}, warning);
    told = warnings;
    return certificates;
  };
  return () => [
    ...onePerPair(tls.all).flatMap((source) => source.certificates()),
    ...readable(log, [ofStore, ...authoritiesIn(options)]),
  ];
}

function authoritiesIn(options: BackendOptions) {
  return caFiles(options).map(
    ({ option, file }) =>
      () =>
        authorities(option, file),
  );
}

function readable(log: Logger, reads: readonly (() => readonly CertificateInUse[])[]): readonly CertificateInUse[] {
  return reads.flatMap((read) => {
    try {
      return read();
    } catch (error) {
      // It could be read at start; who uses the file says what follows from that.
      log.error({ error }, "cannot look how long certificates are good for");
      return [];
    }
  });
}

function authorities(option: string, file: string): readonly CertificateInUse[] {
  return loadCa(file).map((pem) => certificateInUse(option, file, new X509Certificate(pem)));
}

export function caFiles(options: BackendOptions): readonly { option: string; file: string }[] {
  // Without the pair the file is not read at all (S-118).
  const ours = options["cert-file"] === "" ? [] : (["trusted-ca-file"] as const);
  const agents = options["agent-auth-cert-file"] === "" ? [] : (["agent-auth-trusted-ca-file"] as const);
  return [...ours, ...agents, ...PEOPLES_CAS, ...STORE_CAS]
    .map((option) => ({ option, file: options[option] }))
    .filter(({ file }) => file !== "");
}
