/** What the operator is told of the listeners: where they are, whether they are in the clear. */
import { isLoopback, type ListenAddress, type Logger, type ServerTls } from "@sensu-ts/runtime";

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
