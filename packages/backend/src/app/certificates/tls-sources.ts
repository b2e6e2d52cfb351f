/** Which certificate each listener serves, and whose certificates the agents' listener takes (S-117 to S-125, S-136). */
import path from "node:path";
import { type ClientAuth, type Logger, loadCa, PeerVerifier, type ServerTls, ServerTlsSource } from "@sensu-ts/runtime";
import type { BackendOptions } from "../options.ts";
import { ownNames } from "./own-names.ts";

export interface TlsSources {
  readonly api: ServerTls;
  readonly page: ServerTls;
  readonly agents: ServerTls;
  /** Judges agents' certificates; absent: agents show passwords (S-174). */
  readonly peers: PeerVerifier | undefined;
  /** Judge the certificates of people (S-486); absent: the port asks for none. */
  readonly apiPeers: PeerVerifier | undefined;
  readonly pagePeers: PeerVerifier | undefined;
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
  const people = (option: "api-auth-trusted-ca-file" | "dashboard-auth-trusted-ca-file"): ClientAuth | undefined =>
    // The answer tells a person what is wrong, which a failed handshake would not.
    options[option] === "" ? undefined : { strict: false, trustedCaFile: options[option] };
  const ofApi = people("api-auth-trusted-ca-file");
  const ofPage = people("dashboard-auth-trusted-ca-file");
  const asksNobody = source("cert-file");
  const api = ofApi ? source("cert-file", ofApi) : asksNobody;
  const page = source("dashboard-cert-file", ofPage) ?? (ofPage ? source("cert-file", ofPage) : asksNobody);
  const strict = options["agent-auth-strict-handshake"];
  const trustedCaFile = options["agent-auth-trusted-ca-file"];
  const mutual = source("agent-auth-cert-file", { strict, trustedCaFile });
  const agents = mutual ?? asksNobody;
  const peers = mutual && peerVerifier(options, "agent-auth-trusted-ca-file", log);
  const apiPeers = ofApi && peerVerifier(options, "api-auth-trusted-ca-file", log);
  const pagePeers = ofPage && peerVerifier(options, "dashboard-auth-trusted-ca-file", log);
  const verifiers = [peers, apiPeers, pagePeers].filter((one) => one !== undefined);
  const all = [...new Set([api, page, agents])].filter((one) => one !== undefined);
  const stop = async () => void (await Promise.all([...all, ...verifiers].map((one) => one.stop())));
  return {
    ...{ api, page, agents, peers, apiPeers, pagePeers, all, stop },
    async start() {
      try {
        for (const one of all) await one.start();
        for (const one of verifiers) await one.start();
        // Read only with the pair (S-118).
        if (api && options["trusted-ca-file"] !== "") loadCa(options["trusted-ca-file"]);
      } catch (error) {
        await stop();
        throw error;
      }
    },
    async reload() {
      await Promise.all(all.map((one) => one.reload()));
      await Promise.all(verifiers.map((one) => one.reload()));
    },
  };
}

type TrustOption = "agent-auth-trusted-ca-file" | "api-auth-trusted-ca-file" | "dashboard-auth-trusted-ca-file";

function peerVerifier(options: BackendOptions, option: TrustOption, log: Logger): PeerVerifier {
  const ofAgents = option === "agent-auth-trusted-ca-file";
  return new PeerVerifier({
    trustedCaFile: options[option],
    option,
    revocation: {
      crlUrls: options["agent-auth-crl-urls"],
      refreshMs: options["agent-auth-crl-refresh-interval"],
      // What it shuts out are agents: people must be able to look why.
      hardFail: ofAgents && options["agent-auth-crl-hard-fail"],
      checkCertificates: options["enable-cert-revocation-check"],
      // Each its own copies of the lists.
      stateDir: ofAgents ? options["state-dir"] : path.join(options["state-dir"], option),
    },
    log,
  });
}

/** What each source serves where, for those who watch certificates. */
export function listenerCertificates(options: BackendOptions, sources: TlsSources) {
  const names = ownNames(options);
  const served = [
    [sources.api, `API ${options["api-listen-address"]}`, names.api],
    [sources.page, `web UI ${options["dashboard-host"]}:${options["dashboard-port"]}`, names.page],
    [sources.agents, `agents ${options["agent-host"]}:${options["agent-port"]}`, names.agents],
  ] as const;
  // One pair may be served by several sources, which differ in whom they ask for a certificate.
  return onePerPair(sources.all).map((source) => ({
    source,
    keyFile: options[KEY_OPTIONS[source.option as PairOption]],
    addresses: served.filter(([by]) => by?.option === source.option).map(([, address]) => address),
    hosts: served
      .filter(([by]) => by?.option === source.option)
      .flatMap(([, , own]) => own.map(({ url }) => new URL(url).hostname)),
  }));
}

/** The first source of each pair. */
export function onePerPair(sources: readonly ServerTlsSource[]): readonly ServerTlsSource[] {
  return [...new Map([...sources].reverse().map((source) => [source.option, source])).values()].reverse();
}
