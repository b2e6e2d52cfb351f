/** TLS of every connection that we open. */
import { X509Certificate } from "node:crypto";
import tls from "node:tls";
import { serverNames } from "./certificate.ts";
import { loadCa, loadClientPair } from "./files.ts";
import { refuseExposed } from "./keys.ts";
import { PROFILE } from "./profile.ts";
import { requireSystemRoots } from "./roots.ts";

export interface ClientTls {
  /** Replaces the system's roots when given (S-110). */
  readonly trustedCaFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly insecureSkipVerify?: boolean;
  /** A key that everybody on the host can read is refused (S-404). */
  readonly strictPermissions?: boolean;
}

/**
 * Options for `https.request`, `ws` and `tls.connect`. Files are read now: renewal needs only a reconnect (S-151), and
 * a CA added to the system's store counts from then on (S-479). Throws when a file or the system's roots are missing.
 */
export function clientTls(source: ClientTls): tls.ConnectionOptions {
  const { trustedCaFile, certFile, keyFile, insecureSkipVerify = false, strictPermissions } = source;
  const pair = certFile && keyFile ? loadClientPair({ certFile, keyFile }) : undefined;
  if (pair && strictPermissions) refuseExposed("key-file", "private key", pair.keyFile);
  return {
    minVersion: PROFILE.minVersion,
    secureContext: tls.createSecureContext({
      ...PROFILE,
      ca: authorities(trustedCaFile, insecureSkipVerify),
      // As Go does: what is in the file is trusted, whether it signed itself or not.
      allowPartialTrustChain: true,
      ...(pair ? { cert: pair.cert, key: pair.key } : {}),
    }),
    rejectUnauthorized: !insecureSkipVerify,
    checkServerIdentity,
  };
}

function authorities(trustedCaFile: string | undefined, insecureSkipVerify: boolean): string[] {
  if (trustedCaFile) return [...loadCa(trustedCaFile)];
  return insecureSkipVerify ? [] : [...requireSystemRoots().pem];
}

/** Node falls back to the CN when no alternative name is a host's; Go does not (S-113). */
function checkServerIdentity(host: string, certificate: tls.PeerCertificate): Error | undefined {
  const { dns, ip } = serverNames(certificate.subjectaltname);
  if (dns.length + ip.length === 0) {
    const error = new Error(`the certificate of ${host} has no subject alternative name of a host`);
    return Object.assign(error, { code: "ERR_TLS_CERT_ALTNAME_INVALID", host, cert: certificate });
  }
  return tls.checkServerIdentity(host, certificate);
}

const peers = new WeakMap<object, X509Certificate>();

/** Keeps the certificate that the other side shows in the handshake, so that a refusal of it can be explained. */
export function rememberPeer(socket: object): void {
  if (!(socket instanceof tls.TLSSocket) || peers.has(socket)) return;
  // Before Node's own listener, which drops the connection and with it the certificate.
  socket.prependOnceListener("secure", () => {
    // Not getPeerX509Certificate: on a client's socket it takes the certificate away from Node's own check.
    const { raw } = socket.getPeerCertificate() as { raw?: Buffer };
    if (raw) peers.set(socket, new X509Certificate(raw));
  });
}

export function peerOf(socket: object | null | undefined): X509Certificate | undefined {
  return socket ? peers.get(socket) : undefined;
}
