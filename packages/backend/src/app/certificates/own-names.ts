/** This backend's own names against the certificates served under them (S-121, S-485). */
import { isLoopback, type Logger, parseListenAddress, type ServerTls, uncoveredName } from "@sensu-ts/runtime";
import type { BackendOptions } from "../options.ts";

type NamingOptions = Pick<BackendOptions, "api-url" | "api-listen-address" | "agent-host" | "dashboard-host">;
type Listener = "api" | "page" | "agents";

interface OwnName {
  readonly option: string;
  readonly url: string;
}

/** What the options call each listener; names of other hosts may lead there too, which only their owner knows. */
export function ownNames(options: NamingOptions): Readonly<Record<Listener, readonly OwnName[]>> {
  const url = options["api-url"];
  const api = url.startsWith("https:") && URL.canParse(url) ? [{ option: "api-url", url }] : [];
  return {
    api: [...api, ...boundAddress("api-listen-address", parseListenAddress(options["api-listen-address"]).host)],
    page: boundAddress("dashboard-host", options["dashboard-host"]),
    agents: boundAddress("agent-host", options["agent-host"]),
  };
}

/** One certain address. On all of them, or on those that only this host reaches, clients come by another name. */
function boundAddress(option: string, host: string): readonly OwnName[] {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (["", "::", "0.0.0.0", "localhost"].includes(bare) || isLoopback(bare)) return [];
  return [{ option, url: `https://${bare.includes(":") ? `[${bare}]` : bare}` }];
}

/** Now and after each reload. */
export function warnOfOwnNames(options: BackendOptions, tls: Readonly<Record<Listener, ServerTls>>, log: Logger): void {
  const names = ownNames(options);
  for (const listener of ["api", "page", "agents"] as const) {
    const source = tls[listener];
    const look = () => {
      for (const warning of nameWarnings(names[listener], source)) log.warn({}, warning);
    };
    look();
    source?.onChange(look);
  }
  const scheme = schemeWarning(options["api-url"], tls.api);
  if (scheme !== undefined) log.warn({}, scheme);
}

export function nameWarnings(names: readonly OwnName[], source: ServerTls): readonly string[] {
  if (!source) return [];
  return names.map((name) => uncoveredName(name, source.leaf, source.certFile)).filter((one) => one !== undefined);
}

/** `api-url` against what the API listener is: the page works without it (S-483), links to it do not. */
export function schemeWarning(url: string, api: ServerTls): string | undefined {
  const secure = url.startsWith("https:");
  if (api && !secure) {
    return `api-url ${url} is not https although cert-file is set: links to this backend will not work; set it to https:// and a name of the certificate`;
  }
  return secure && !api ? `api-url ${url} is https, but without cert-file the API is plaintext` : undefined;
}
