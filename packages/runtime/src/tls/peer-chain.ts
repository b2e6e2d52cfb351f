/**
 * The certificates a client sent, leaf first. Node 24 throws all but the leaf away between the end of the handshake and
 * `secureConnection` when OpenSSL accepts the client (its `onServerSocketSecure` reads the certificate, which empties
 * OpenSSL's list), so they are read before, at `secure`. The one event that hands out a server's socket that early is
 * `keylog`; the secrets that come with it are wiped, unread but for those of a strict listener (strict-handshake.ts).
 */
import type { X509Certificate } from "node:crypto";
import type { Server, TLSSocket } from "node:tls";

/** A chain longer than this is not read. */
const MAX_SENT = 10;

const chains = new WeakMap<TLSSocket, readonly Buffer[]>();

/** `secret` gets each line of the handshake's secrets before it is wiped. */
export function keepPeerChains(
  server: Pick<Server, "on">,
  secret: (line: Buffer, socket: TLSSocket) => void = () => undefined,
): void {
  server.on("keylog", (line: Buffer, socket: TLSSocket) => {
    secret(line, socket);
    line.fill(0);
    if (chains.has(socket)) return;
    // Asked once, a socket knows its address for good: logs of refused handshakes name it.
    void socket.remoteAddress;
    chains.set(socket, []);
    socket.prependOnceListener("secure", () => {
      chains.set(socket, readChain(socket));
      leaveToVerifier(socket);
    });
  });
}

/**
 * A strict listener wants OpenSSL to insist on a certificate, which only `rejectUnauthorized` brings; which certificate
 * is good stays the verifier's decision, whose rules differ (`anyExtendedKeyUsage`, an intermediate that is trusted as
 * such). Should Node know the field no more, it refuses what OpenSSL objects to: never too little.
 */
function leaveToVerifier(socket: TLSSocket): void {
  (socket as { _rejectUnauthorized?: boolean })._rejectUnauthorized = false;
}

/** DER. Empty: none was sent, or `keepPeerChains` does not watch the socket's server. */
export function peerChain(socket: TLSSocket): readonly Buffer[] {
  return chains.get(socket) ?? [];
}

function readChain(socket: TLSSocket): readonly Buffer[] {
  const sent: Buffer[] = [];
  let next: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (next && sent.length < MAX_SENT) {
    sent.push(next.raw);
    next = next.issuerCertificate;
  }
  return sent;
}
