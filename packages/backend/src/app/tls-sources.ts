/** Which certificate each listener serves (S-117, S-120, S-134 to S-136). */
import { type Logger, loadCa, type ServerTls, ServerTlsSource } from "@sensu-ts/runtime";
import type { BackendOptions } from "./options.ts";

export interface TlsSources {
  readonly api: ServerTls;
  readonly page: ServerTls;
  readonly agents: ServerTls;
  /** Each once. */
  readonly all: readonly ServerTlsSource[];
  /** Rejects with the original's words for a pair that cannot serve; nothing is left running then. */
  start(): Promise<void>;
  stop(): Promise<void>;
  reload(): Promise<void>;
}

type PairOption = "cert-file" | "dashboard-cert-file";
const KEY_OPTIONS = { "cert-file": "key-file", "dashboard-cert-file": "dashboard-key-file" } as const;

export function tlsSources(options: BackendOptions, log: Logger): TlsSources {
  const source = (option: PairOption): ServerTls => {
    const keyOption = KEY_OPTIONS[option];
    const [certFile, keyFile] = [options[option], options[keyOption]];
    const strictPermissions = options["strict-permissions"];
    return certFile === ""
      ? undefined
      : new ServerTlsSource({ option, keyOption, certFile, keyFile, strictPermissions, log });
  };
  const api = source("cert-file");
  const page = source("dashboard-cert-file") ?? api;
  const agents = api;
  const all = [...new Set([api, page, agents])].filter((one) => one !== undefined);
  const stop = async () => void (await Promise.all(all.map((one) => one.stop())));
  return {
    ...{ api, page, agents, all, stop },
    async start() {
      try {
        for (const one of all) await one.start();
        // Read only with the pair (S-118).
        if (api && options["trusted-ca-file"] !== "") loadCa(options["trusted-ca-file"]);
      } catch (error) {
        await stop();
        throw error;
      }
    },
    async reload() {
      await Promise.all(all.map((one) => one.reload()));
    },
  };
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
