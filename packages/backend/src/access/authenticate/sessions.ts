/**
 * One record a login (A-66, S-228): which refresh token is the valid one. Kept as a stored deadline, not as a lease, for
 * as long as its refresh token lives.
 */
import { SensuError } from "@sensu-ts/core";
import type { Clock } from "@sensu-ts/runtime";
import type { Kv, KvEntry } from "@sensu-ts/store";

const ROOT = "/sensu.io/user_sessions/";

/** How long the token before the newest is still answered, so that a lost answer ends no session. */
const GRACE_SECONDS = 10;

export interface TokenPair {
  readonly access_token: string;
  /** Unix seconds at which the access token ends. */
  readonly expires_at: number;
  readonly refresh_token: string;
}

interface SessionRecord {
  /** Of the newest refresh token. */
  readonly jti: string;
  /** Unix seconds from which the record may go. */
  readonly expires: number;
  readonly previous?: { readonly jti: string; readonly until: number; readonly answer: TokenPair };
}

export class Sessions {
  readonly #kv: Kv;
  readonly #clock: Clock;

  constructor(kv: Kv, clock: Clock) {
    this.#kv = kv;
    this.#clock = clock;
  }

  async open(username: string, sessionId: string, jti: string, expires: number): Promise<void> {
    await this.#write(username, sessionId, 0, { jti, expires });
  }

  /**
   * Makes `next` the valid refresh token if `jti` is it. Returns the pair to answer: the new one, or the one already
   * issued when the same token comes again within the grace time. Throws `unauthenticated` when there is no session,
   * and `invalid` on reuse, which ends the session.
   */
  async rotate(
    username: string,
    sessionId: string,
    jti: string,
    next: { readonly jti: string; readonly expires: number; readonly answer: TokenPair },
  ): Promise<TokenPair> {
    for (;;) {
      const entry = await this.#kv.get(key(username, sessionId));
      const record = entry && parse(entry);
      const now = this.#now();
      if (!record || record.expires <= now) throw new SensuError("unauthenticated");
      if (record.jti !== jti) {
        if (record.previous?.jti === jti && now < record.previous.until) return record.previous.answer;
        await this.close(username, sessionId);
        throw new SensuError("invalid", "invalid access token");
      }
      const rotated: SessionRecord = {
        jti: next.jti,
        expires: next.expires,
        previous: { jti, until: now + GRACE_SECONDS, answer: next.answer },
      };
      // Losing this race means that the same token was just used elsewhere: look again.
      if (await this.#write(username, sessionId, entry.modRevision, rotated)) return next.answer;
    }
  }

  async has(username: string, sessionId: string): Promise<boolean> {
    const entry = await this.#kv.get(key(username, sessionId));
    const record = entry && parse(entry);
    return record !== undefined && record.expires > this.#now();
  }

  async close(username: string, sessionId: string): Promise<void> {
    await this.#kv.txn([], [{ op: "delete", key: key(username, sessionId) }]);
  }

  /** Ids of the user's sessions. */
  async of(username: string): Promise<readonly string[]> {
    const prefix = key(username, "");
    const { entries } = await this.#kv.range({ prefix, keysOnly: true });
    return entries.map((entry) => entry.key.slice(prefix.length));
  }

  /** Removes records whose refresh token has ended. Several backends may do it at once. */
  async sweep(): Promise<void> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#kv.range({ prefix: ROOT, limit: 500, ...(after === undefined ? {} : { after }) });
      for (const entry of page.entries) {
        const record = parse(entry);
        if (record && record.expires > this.#now()) continue;
        await this.#kv.txn([{ key: entry.key, modRevision: entry.modRevision }], [{ op: "delete", key: entry.key }]);
      }
      after = page.entries.at(-1)?.key;
      if (!page.more) return;
    }
  }

  async #write(username: string, sessionId: string, modRevision: number, record: SessionRecord): Promise<boolean> {
    const at = key(username, sessionId);
    const value = new TextEncoder().encode(JSON.stringify(record));
    return (await this.#kv.txn([{ key: at, modRevision }], [{ op: "put", key: at, value }])).committed;
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

function key(username: string, sessionId: string): string {
  return `${ROOT}${username}/${sessionId}`;
}

/** Undefined for a record of the original, which held the token id alone and lived for minutes. */
function parse(entry: KvEntry): SessionRecord | undefined {
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(entry.value));
    return typeof record === "object" && record !== null ? (record as SessionRecord) : undefined;
  } catch {
    return undefined;
  }
}
