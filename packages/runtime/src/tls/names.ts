/** A program's own names against its own certificates (S-485): told at start, before an agent meets the fault. */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { certificateInUse } from "./certificate.ts";

interface OwnName {
  /** The option that holds the URL. */
  readonly option: string;
  readonly url: string;
}

/** The warning when the host of the URL is not among the names of the certificate; `undefined` when it is. */
export function uncoveredName({ option, url }: OwnName, leaf: X509Certificate, certFile: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
  if (host === "" || covers(leaf, host)) return undefined;
  const { names } = certificateInUse("", "", leaf);
  const present = names.length === 0 ? "no names" : names.join(", ");
  return `${option} names ${host}, which the certificate ${certFile} does not cover (it has ${present}): clients will refuse it; issue one that does, for instance with sensu-pki issue backend ${nameFor(leaf, host)} --san ${host}`;
}

function covers(leaf: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? leaf.checkHost(host, { subject: "never" }) : leaf.checkIP(host)) !== undefined;
}

function nameFor(leaf: X509Certificate, host: string): string {
  return certificateInUse("", "", leaf).commonName || host;
}

/**
 * Whether an answer over TLS to this `Host` may carry Strict-Transport-Security (S-491): it counts for all ports, so
 * for `localhost` it would force every other local service of that browser to TLS.
 */
export function takesStrictTransport(hostHeader: string | undefined): boolean {
  const host = (hostHeader ?? "").toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
  if (host === "" || host.startsWith("[") || isIP(host) !== 0) return false;
  return host !== "localhost" && !host.endsWith(".localhost");
}
