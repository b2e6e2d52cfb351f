/** What the gateway needs of other rooms. */
import type { TLSSocket } from "node:tls";
import type { Caller, Event, Question } from "@sensu-ts/core";
import type { PeerCertificate, PeerObjection, PeerVerdict } from "@sensu-ts/runtime";

/** access/ */
export interface AgentAccess {
  /** Throws `unauthenticated`. */
  authenticateBasic(user: string, password: string, address?: string): Promise<Caller>;
  /** Who a certificate with this common name speaks for, now; undefined when that user is disabled (S-176). */
  certificateIdentity(commonName: string): Caller | undefined;
  /** Throws `denied`. */
  authorize(caller: Caller, question: Question): void;
  /** Groups as they are now; undefined when the user is gone or disabled. */
  currentIdentity(username: string): Caller | undefined;
  onUserChange(listener: (username: string) => void): () => void;
}

/** liveness/ */
export interface Keepalives {
  /** The event to store. Throws or rejects with `invalid`. */
  keepalive(event: Event): Event | Promise<Event>;
}

/** runtime/tls: judges the certificates of agents. Present: mTLS is on (S-174). */
export interface PeerJudge {
  verify(socket: TLSSocket): Promise<PeerVerdict>;
  /** Why a peer that was let in must go. */
  recheck(peer: PeerCertificate): Promise<PeerObjection | undefined>;
  onChange(listener: () => void): () => void;
}
