/**
 * One-time sign-in tickets: a signed-in caller asks for one and passes the link on; whoever opens it first is that
 * user. Kept in this process's memory as hashes, used once, gone after a few minutes.
 */
import { createHash, randomBytes } from "node:crypto";
import { SensuError } from "@sensu-ts/core";

export const TICKET_SECONDS = 600;
const MAX_OPEN = 200;
/** Of one user; the oldest goes, so that nobody takes the places of others. */
const MAX_OPEN_OF_USER = 10;

interface Ticket {
  readonly username: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

function digest(ticket: string): string {
  return createHash("sha256").update(ticket).digest("base64");
}

export class SigninTickets {
  readonly #open = new Map<string, Ticket>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `expiresAt` in unix seconds. Throws `SensuError("unavailable")` when too many are open. */
  create(username: string): { readonly ticket: string; readonly expiresAt: number } {
    this.#dropExpired();
    const own = [...this.#open].filter(([, open]) => open.username === username);
    if (own.length >= MAX_OPEN_OF_USER && own[0]) this.#open.delete(own[0][0]);
    if (this.#open.size >= MAX_OPEN) throw new SensuError("unavailable", "too many open sign-in links");
    const ticket = randomBytes(32).toString("base64url");
    const expiresAt = this.#now() + TICKET_SECONDS * 1000;
    this.#open.set(digest(ticket), { username, expiresAt });
    return { ticket, expiresAt: Math.floor(expiresAt / 1000) };
  }

  /** User name of a ticket that was good until now. Throws `SensuError("unauthenticated")`. */
  redeem(ticket: string): string {
    const key = digest(ticket);
    const found = this.#open.get(key);
    this.#open.delete(key);
    if (!found || found.expiresAt <= this.#now()) {
      throw new SensuError("unauthenticated", "this sign-in link was used already or is too old");
    }
    return found.username;
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [key, ticket] of this.#open) if (ticket.expiresAt <= now) this.#open.delete(key);
  }
}
