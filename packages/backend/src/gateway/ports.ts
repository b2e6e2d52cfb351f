/** What the gateway needs of other rooms. */
import type { Caller, Event, Question } from "@sensu-ts/core";

/** access/ */
export interface AgentAccess {
  /** Throws `unauthenticated`. */
  authenticateBasic(user: string, password: string, address?: string): Promise<Caller>;
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
