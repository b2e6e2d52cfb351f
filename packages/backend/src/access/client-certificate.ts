/**
 * Certificates for people (S-486): a port that asks for one answers nothing without it, and the usual login comes on
 * top. The name in it is logged and never used as identity.
 */
import type { RequestListener, ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import type { Clock, Logger, PeerVerdict, PeerVerifier } from "@sensu-ts/runtime";

export interface ClientCertificateOptions {
  /** Absent: the port asks for none. */
  readonly peers: PeerVerifier | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const NO_TLS: PeerVerdict = { ok: false, reason: "the connection is not encrypted", alert: "certificate_required" };

/** Hands on what comes over connections whose certificate is right; the others are told why, and closed. */
export function requireClientCertificate(options: ClientCertificateOptions, handler: RequestListener): RequestListener {
  const { peers, clock, log } = options;
  if (!peers) return handler;
  /** One judgement a connection, until authorities or revocation lists change. */
  let judged = new WeakMap<object, Promise<PeerVerdict>>();
  peers.onChange(() => {
    judged = new WeakMap();
  });

  function judge(socket: object): Promise<PeerVerdict> {
    const known = judged.get(socket);
    if (known !== undefined) return known;
    const verdict = socket instanceof TLSSocket ? verified(socket) : Promise.resolve(NO_TLS);
    judged.set(socket, verdict);
    return verdict;
  }

  async function verified(socket: TLSSocket): Promise<PeerVerdict> {
    const verdict = await (peers as PeerVerifier).verify(socket);
    const source = `${socket.remoteAddress}:${socket.remotePort}`;
    const facts = { source, cn: verdict.peer?.commonName, serial: verdict.peer?.serial };
    if (verdict.ok) log.info(facts, "client certificate accepted");
    else log.error({ ...facts, reason: verdict.reason }, "client certificate rejected");
    return verdict;
  }

  return (request, response) => {
    judge(request.socket).then(
      (verdict) => {
        const reason = refusal(verdict, clock.now());
        if (reason === undefined) handler(request, response);
        else refuse(response, reason);
      },
      (error: unknown) => {
        log.error({ error }, "error judging a client certificate");
        refuse(response, "it could not be judged");
      },
    );
  };
}

/** A connection may live longer than its certificate. */
function refusal(verdict: PeerVerdict, now: number): string | undefined {
  if (!verdict.ok) return verdict.reason;
  return now > verdict.peer.notAfter ? "x509: certificate has expired or is not yet valid" : undefined;
}

function refuse(response: ServerResponse, reason: string): void {
  response.writeHead(401, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" });
  response.end(`client certificate rejected: ${reason}\n`);
}
