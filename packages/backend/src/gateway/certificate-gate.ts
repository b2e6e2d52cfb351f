/**
 * Who may speak on a listener that knows agents by certificate. By default a refusal is the answer to the first request,
 * so that the agent's log has the reason; strict, the handshake ends with an alert, before a byte of HTTP (S-182).
 */
import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { TLSSocket } from "node:tls";
import type { Alert, Logger } from "@sensu-ts/runtime";
import { claimedName } from "./handshake.ts";
import { type AgentIdentity, certificateIdentity, type Rejection } from "./identify.ts";
import type { AgentAccess, PeerJudge } from "./ports.ts";
import type { Refusal } from "./refusal.ts";
import type { RefusedAgents } from "./refused-agents.ts";
import { addressOf, connectionOf } from "./session.ts";

export interface CertificateGateOptions {
  readonly peers: PeerJudge;
  readonly strict: boolean;
  readonly refusedAgents: RefusedAgents;
  readonly access: AgentAccess;
  readonly log: Logger;
}

type Judgement = AgentIdentity | Rejection;

export class CertificateGate {
  readonly #options: CertificateGateOptions;
  /** Judgements of the handshake that no request has used yet. */
  readonly #fresh = new WeakMap<object, Promise<Judgement>>();

  constructor(options: CertificateGateOptions) {
    this.#options = options;
  }

  /** Refusals are alerts of the handshake; later ones on a live connection get no answer. */
  get strict(): boolean {
    return this.#options.strict;
  }

  /** Clients that OpenSSL refuses by itself: those without a certificate. */
  watch(server: HttpServer | HttpsServer): void {
    if (!this.strict) return;
    server.on("tlsClientError", (error, socket) => void this.#refusedByTls(error, socket));
  }

  /** What the certificate says: for every path, as it is a property of the port (S-136). */
  async identify(request: IncomingMessage): Promise<AgentIdentity | Refusal> {
    const { socket } = request;
    const ofHandshake = this.#fresh.get(socket);
    this.#fresh.delete(socket);
    const result = await (ofHandshake ?? this.#judge(socket));
    if ("caller" in result) return result;
    if (!ofHandshake) this.#rejected(result, claimedName(request), connectionOf(request).address);
    return { status: 401, body: `client certificate rejected: ${result.reason}` };
  }

  #judge(socket: object): Promise<Judgement> {
    const { peers, access } = this.#options;
    return certificateIdentity(socket, peers, access);
  }

  /** For `createServer`: the alert for a client that may not speak. */
  readonly judgeHandshake = async (socket: TLSSocket): Promise<Alert | undefined> => {
    try {
      const judgement = this.#judge(socket);
      this.#fresh.set(socket, judgement);
      const result = await judgement;
      if ("caller" in result) return undefined;
      this.#rejected(result, "", addressOf(socket));
      return result.alert;
    } catch (error) {
      this.#options.log.error({ error }, "error judging a client certificate");
      return "internal_error";
    }
  };

  /** OpenSSL ended the handshake; what it says is a code, what the judge says has words. */
  async #refusedByTls(error: Error, socket: TLSSocket): Promise<void> {
    const objection = socket.authorizationError;
    const fault = (error as NodeJS.ErrnoException).code ?? error.message;
    // Whatever else goes wrong in a handshake has nothing to do with the client's certificate.
    if (!objection && !/PEER_DID_NOT_RETURN_A_CERTIFICATE/.test(fault)) return;
    const verdict = await this.#options.peers.verify(socket);
    const refused = verdict.ok ? { reason: `OpenSSL: ${String(objection)}` } : verdict;
    this.#rejected(refused, "", addressOf(socket));
  }

  #rejected({ reason, peer }: Pick<Rejection, "reason" | "peer">, agent: string, address: string): void {
    const { log, refusedAgents } = this.#options;
    log.error(
      { source: address, agent, reason, common_name: peer?.commonName ?? "", serial: peer?.serial ?? "" },
      "client certificate rejected",
    );
    refusedAgents.refused({ reason, address, agent, peer });
  }
}
