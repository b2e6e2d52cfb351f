/** Which certificate each listener serves, and whose certificates the agents' listener takes (S-117 to S-125, S-136). */
import { type ClientAuth, type Logger, loadCa, PeerVerifier, type ServerTls, ServerTlsSource } from "@sensu-ts/runtime";
import type { BackendOptions } from "./options.ts";

export interface TlsSources {
  readonly api: ServerTls;
  readonly page: ServerTls;
  readonly agents: ServerTls;
  /** Judges agents' certificates; absent: agents show passwords (S-174). */
  readonly peers: PeerVerifier | undefined;
  /** Each once. */
  readonly all: readonly ServerTlsSource[];
  /** Rejects with the original's words for a pair that cannot serve; nothing is left running then. */
  start(): Promise<void>;
  stop(): Promise<void>;
  reload(): Promise<void>;
}

const KEY_OPTIONS = {
  "cert-file": "key-file",
  "dashboard-cert-file": "dashboard-key-file",
  "agent-auth-cert-file": "agent-auth-key-file",
} as const;
type PairOption = keyof typeof KEY_OPTIONS;

export function tlsSources(options: BackendOptions, log: Logger): TlsSources {
  const source = (option: PairOption, clientAuth?: ClientAuth): ServerTls => {
    const keyOption = KEY_OPTIONS[option];
    const [certFile, keyFile] = [options[option], options[keyOption]];
    const strictPermissions = options["strict-permissions"];
    return certFile === ""
      ? undefined
      : new ServerTlsSource({ option, keyOption, certFile, keyFile, clientAuth, strictPermissions, log });
  };
  const api = source("cert-file");
  const page = source("dashboard-cert-file") ?? api;
  const strict = options["agent-auth-strict-handshake"];
  const trustedCaFile = options["agent-auth-trusted-ca-file"];
  const mutual = source("agent-auth-cert-file", { strict, trustedCaFile });
  const agents = mutual ?? api;
  const peers = mutual && peerVerifier(options, log);
  const all = [...new Set([api, page, agents])].filter((one) => one !== undefined);
  const stop = async () => {
    await Promise.all(all.map((one) => one.stop()));
    await peers?.stop();
  };
  return {
    ...{ api, page, agents, peers, all, stop },
    async start() {
      try {
        for (const one of all) await one.start();
        await peers?.start();
        // Read only with the pair (S-118).
        if (api && options["trusted-ca-file"] !== "") loadCa(options["trusted-ca-file"]);
      } catch (error) {
        await stop();
        throw error;
      }
    },
    async reload() {
      await Promise.all(all.map((one) => one.reload()));
      await peers?.reload();
    },
  };
}

function peerVerifier(options: BackendOptions, log: Logger): PeerVerifier {
  return new PeerVerifier({
    trustedCaFile: options["agent-auth-trusted-ca-file"],
    option: "agent-auth-trusted-ca-file",
    revocation: {
      crlUrls: options["agent-auth-crl-urls"],
      refreshMs: options["agent-auth-crl-refresh-interval"],
      hardFail: options["agent-auth-crl-hard-fail"],
      checkCertificates: options["enable-cert-revocation-check"],
      stateDir: options["state-dir"],
    },
    log,
  });
}

/** What each source serves where, for those who watch certificates. */
export function listenerCertificates(options: BackendOptions, sources: TlsSources) {
  const served = [
    [sources.api, `API ${options["api-listen-address"]}`],
    [sources.page, `web UI ${options["dashboard-host"]}:${options["dashboard-port"]}`],
    [sources.agents, `agents ${options["agent-host"]}:${options["agent-port"]}`],
  ] as const;
  const apiUrl = URL.canParse(options["api-url"]) ? new URL(options["api-url"]) : undefined;
  return sources.all.map((source) => ({
    source,
    keyFile: options[KEY_OPTIONS[source.option as PairOption]],
    addresses: served.filter(([by]) => by === source).map(([, address]) => address),
    hosts: source === sources.api && apiUrl?.protocol === "https:" ? [apiUrl.hostname] : [],
  }));
}
