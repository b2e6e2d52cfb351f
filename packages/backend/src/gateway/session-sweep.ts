/**
 * Ends sessions that would not be let in any more: user gone, disabled or without right (S-171), certificate expired,
 * revoked or of an authority that is no longer trusted (S-105, S-164). TLS itself looks once, in the handshake (S-423).
 */
import type { Clock, Logger, PeerObjection } from "@sensu-ts/runtime";
import type { ShownCertificates } from "../state/shown-certificates.ts";
import { agentQuestion } from "./handshake.ts";
import { presentCaller } from "./identify.ts";
import type { AgentAccess, PeerJudge } from "./ports.ts";
import type { Session } from "./session.ts";

export interface SessionSweepOptions {
  readonly access: AgentAccess;
  /** Absent: no agent has a certificate. */
  readonly peers?: PeerJudge;
  readonly shown?: ShownCertificates;
  readonly sessions: () => Iterable<Session>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** S-105. */
const RECHECK_MS = 60_000;
/** Sessions whose certificates are looked at together; each may have to ask a responder. */
const AT_ONCE = 16;

type Judged = Map<string, Promise<PeerObjection | undefined>>;

export class SessionSweep {
  readonly #options: SessionSweepOptions;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void)[] = [];
  #checking: Promise<void> | undefined;
  #again = false;

  constructor(options: SessionSweepOptions) {
    this.#options = options;
  }

  start(): void {
    const { access, peers, sessions } = this.#options;
    this.#unsubscribe = [
      access.onUserChange((username) => {
        for (const session of sessions()) if (session.caller.username === username) this.checkRight(session);
      }),
    ];
    if (!peers) return;
    this.#unsubscribe.push(peers.onChange(() => this.checkCertificates()));
    this.#timer = setInterval(() => this.checkCertificates(), RECHECK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
    this.#again = false;
    await this.#checking;
  }

  /** What costs nothing to know: its user's rights, and the date on its certificate. */
  checkRight(session: Session): void {
    const { access, clock } = this.#options;
    const { peer } = session;
    if (peer && peer.notAfter < clock.now()) {
      this.#end(session, `client certificate expired at ${new Date(peer.notAfter).toISOString()}`);
      return;
    }
    const caller = presentCaller(session, access);
    if (!caller) {
      this.#end(session, `user ${session.caller.username} is gone or disabled`);
      return;
    }
    try {
      access.authorize(caller, agentQuestion(session.namespace, session.name));
      session.caller = caller;
    } catch {
      this.#end(session, `user ${caller.username} may not create events in namespace ${session.namespace} any more`);
    }
  }

  /** Chain and revocation of every session. One run at a time; what changes meanwhile starts another. */
  checkCertificates(): void {
    if (this.#checking !== undefined) {
      this.#again = true;
      return;
    }
    this.#checking = this.#checkAll().finally(() => {
      this.#checking = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.checkCertificates();
    });
  }

  /** Never rejects. A certificate that many agents share is judged once. */
  async #checkAll(): Promise<void> {
    const judged: Judged = new Map();
    const iterator = [...this.#options.sessions()].values();
    const lane = async () => {
      for (const session of iterator) {
        await this.#checkCertificate(session, judged);
        // Messages of others come in between: a judgement is some hundred microseconds of work.
        await new Promise(setImmediate);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  async #checkCertificate(session: Session, judged: Judged): Promise<void> {
    const { peers, shown, log } = this.#options;
    if (!session.peer || !peers) return;
    const { fingerprint256 } = session.peer;
    try {
      let judgement = judged.get(fingerprint256);
      if (judgement === undefined) {
        judgement = peers.recheck(session.peer);
        judged.set(fingerprint256, judgement);
      }
      const objection = await judgement;
      if (!objection) return;
      if (objection.alert === "certificate_revoked") shown?.revoked(session, fingerprint256);
      this.#end(session, `client certificate rejected: ${objection.reason}`);
    } catch (error) {
      log.error({ error, namespace: session.namespace, agent: session.name }, "error rechecking a certificate");
    }
  }

  #end(session: Session, reason: string): void {
    const { namespace, name, peer, connection } = session;
    this.#options.log.warn(
      {
        ...{ namespace, agent: name, source: connection.address, reason },
        ...(peer ? { common_name: peer.commonName, serial: peer.serial } : {}),
      },
      `session ends: ${reason}`,
    );
    session.expel(reason);
  }
}
