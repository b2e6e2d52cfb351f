/** What the operator is told of the listeners: where they are, whether they are in the clear, whether their names fit. */
import { isLoopback, type ListenAddress, type Logger, type ServerTls, uncoveredName } from "@sensu-ts/runtime";
import type { BackendOptions } from "./options.ts";

interface Listener {
  readonly name: string;
  readonly bound: ListenAddress;
  readonly tls: ServerTls;
  /** Without and with TLS. */
  readonly schemes: readonly [string, string];
  /** `insecure-ok` */
  readonly insecureOk: boolean;
}

/** One line a listener, and a warning for one that others on the network can listen in on (S-395). */
export function announce(log: Logger, { name, bound, tls, schemes, insecureOk }: Listener): void {
  const address = bound.host.includes(":") ? `[${bound.host}]:${bound.port}` : `${bound.host}:${bound.port}`;
  const scheme = schemes[tls ? 1 : 0];
  log.warn({ scheme }, `starting ${name} on address: ${address}`);
  if (tls || insecureOk || isLoopback(bound.host)) return;
  log.warn(
    {},
    `${name} is plaintext on ${address}, passwords and events can be read on the way: set cert-file and key-file, or insecure-ok to silence this`,
  );
}

/** What every installation of the original has (S-219). */
const DEFAULT_PASSWORD = "P@ssw0rd!";

interface AgentLogin {
  /** Stored hash of user `agent`; empty when there is none, it is disabled, or agents show certificates. */
  readonly hash: string;
  readonly matches: (password: string, hash: string) => Promise<boolean>;
  readonly bound: ListenAddress;
}

/** The world knows the default password of agents: say so where others reach the port (S-221). */
export async function warnOfDefaultPassword(log: Logger, { hash, matches, bound }: AgentLogin): Promise<void> {
  if (hash === "" || isLoopback(bound.host) || !(await matches(DEFAULT_PASSWORD, hash))) return;
  log.warn(
    {},
    "user agent still has the default password, so anybody who reaches the agents' port may send events: change it (sensuctl user reset-password agent) and give it to the agents, or let agents show certificates (agent-auth-cert-file)",
  );
}

/** Now and after each reload (S-485). */
export function warnOfOwnNames(options: BackendOptions, api: ServerTls, log: Logger): void {
  const look = () => {
    const warning = apiUrlWarning(options, api);
    if (warning !== undefined) log.warn({}, warning);
  };
  look();
  api?.onChange(look);
}

/** `api-url` against what the API listener is (S-121): the page works without it (S-483), links to it do not. */
export function apiUrlWarning(options: Pick<BackendOptions, "api-url">, api: ServerTls): string | undefined {
  const url = options["api-url"];
  const secure = url.startsWith("https:");
  if (api && !secure) {
    return `api-url ${url} is not https although cert-file is set: links to this backend will not work; set it to https:// and a name of the certificate`;
  }
  if (!api) return secure ? `api-url ${url} is https, but without cert-file the API is plaintext` : undefined;
  return uncoveredName({ option: "api-url", url }, api.leaf, api.certFile);
}
