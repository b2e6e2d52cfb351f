/** Access and refresh tokens (A-59 to A-68, S-222 to S-232). */
import { randomBytes } from "node:crypto";
import { SensuError, USERS_GROUP } from "@sensu-ts/core";
import { type Clock, type Logger, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import type { Kv } from "@sensu-ts/store";
import { BASIC_PROVIDER, basicIdentity, type Identity } from "../identity.ts";
import type { Users } from "./basic.ts";
import { RevokedSessions } from "./revoked.ts";
import { Sessions, type TokenPair } from "./sessions.ts";
import { readClaims, readSecret, type SigningKeys, signClaims } from "./signing.ts";

const SWEEP_MS = 10 * 60 * 1000;
/** A refresh token of a backend whose clock is ahead is still taken (S-232). */
const LEEWAY_SECONDS = 60;

export interface TokenOptions {
  readonly kv: Kv;
  readonly users: Users;
  readonly log: Logger;
  /** From {@link readKeyPair}; absent: HS256 with the cluster's secret. */
  readonly keyPair?: Omit<SigningKeys, "secret">;
  /** `access-token-expiry`, default 5 minutes. */
  readonly accessSeconds?: number;
  /** `refresh-token-expiry`, default 12 hours. */
  readonly refreshSeconds?: number;
  readonly clock?: Clock;
}

export interface TokenHolder {
  readonly username: string;
  readonly sessionId: string;
  readonly providerId: string;
  /** `oidc` makes the client renew elsewhere. */
  readonly providerType: string;
}

interface AccessClaims {
  readonly sub: string;
  readonly exp: number;
  readonly jti: string;
  readonly groups: readonly string[];
  readonly provider: { readonly provider_id: string; readonly provider_type: string; readonly user_id: string };
  readonly session_id: string;
}

export class Tokens {
  readonly #kv: Kv;
  readonly #users: Users;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  readonly #revoked: RevokedSessions;
  readonly #accessSeconds: number;
  readonly #refreshSeconds: number;
  #keyPair: Omit<SigningKeys, "secret">;
  #secret: Uint8Array | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(options: TokenOptions) {
    this.#kv = options.kv;
    this.#users = options.users;
    this.#log = options.log;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#keyPair = options.keyPair ?? {};
    this.#accessSeconds = options.accessSeconds ?? 300;
    this.#refreshSeconds = options.refreshSeconds ?? 12 * 3600;
    this.#sessions = new Sessions(this.#kv, this.#clock);
    this.#revoked = new RevokedSessions(this.#kv, this.#clock, this.#log);
  }

  async start(): Promise<void> {
    this.#secret ??= await readSecret(this.#kv);
    await this.#revoked.start();
    if (this.#sweeper) return;
    this.#sweeper = setInterval(() => void this.sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    await this.#revoked.stop();
  }

  /** Takes a pair that was read anew (SIGHUP). */
  useKeyPair(keyPair: Omit<SigningKeys, "secret">): void {
    this.#keyPair = keyPair;
  }

  /** Removes what has ended; a failure waits for the next turn. */
  async sweep(): Promise<void> {
    try {
      await this.#sessions.sweep();
      await this.#revoked.sweep();
    } catch (error) {
      this.#log.warn({ error }, "removing ended sessions failed");
    }
  }

  /** Starts a session. `issuer` is the address the client used, e.g. `http://host:8080` (S-226). */
  async login(identity: Identity, issuer: string): Promise<TokenPair> {
    const sessionId = randomId();
    const { pair, jti, expires } = await this.#issue(identity, sessionId, issuer);
    await this.#sessions.open(identity.username, sessionId, jti, expires);
    return pair;
  }

  /** Who holds this access token. Throws `unauthenticated`. */
  async authenticate(accessToken: string): Promise<Identity> {
    const claims = await this.#readAccess(accessToken, false);
    if (this.#revoked.has(claims.session_id)) throw new SensuError("unauthenticated");
    const local = claims.provider.provider_id === BASIC_PROVIDER ? this.#users.get(claims.sub) : undefined;
    if (local?.disabled) throw new SensuError("unauthenticated");
    return {
      username: claims.sub,
      groups: claims.groups,
      provider: {
        id: claims.provider.provider_id,
        type: claims.provider.provider_type,
        userId: claims.provider.user_id,
      },
      apiKey: false,
      sessionId: claims.session_id,
    };
  }

  /** The holder of a rightly signed access token, be it ended or not. Throws `unauthenticated`. */
  async holder(accessToken: string): Promise<TokenHolder> {
    const claims = await this.#readAccess(accessToken, true);
    return {
      username: claims.sub,
      sessionId: claims.session_id,
      providerId: claims.provider.provider_id,
      providerType: claims.provider.provider_type,
    };
  }

  /** Throws `unauthenticated` unless the refresh token is valid, unexpired and the same person's. */
  async checkRefresh(username: string, refreshToken: string): Promise<{ readonly jti: string; sessionId: string }> {
    const claims = await readClaims(this.#keys(), refreshToken);
    const { sub, jti, exp, iat, session_id: sessionId } = claims;
    const now = this.#now();
    const valid =
      typeof sub === "string" &&
      sub !== "" &&
      sub === username &&
      typeof jti === "string" &&
      typeof sessionId === "string" &&
      typeof exp === "number" &&
      exp > now &&
      (typeof iat !== "number" || iat <= now + LEEWAY_SECONDS);
    if (!valid) throw new SensuError("unauthenticated");
    return { jti, sessionId };
  }

  /**
   * A new pair for an old one. Throws `unauthenticated` when session or user are gone, `invalid` when the refresh token
   * was used before (which ends the session).
   */
  async refresh(accessToken: string, refreshToken: string, issuer: string): Promise<TokenPair> {
    const { username, providerId } = await this.holder(accessToken);
    const { jti, sessionId } = await this.checkRefresh(username, refreshToken);
    // A provider that is no longer there vouches for nobody.
    if (providerId !== BASIC_PROVIDER) throw new SensuError("unauthenticated");
    // Read anew, so that changed groups count from here on.
    const user = this.#users.get(username);
    if (!user || user.disabled) throw new SensuError("unauthenticated");
    const issued = await this.#issue(basicIdentity(username, user.groups), sessionId, issuer);
    const next = { jti: issued.jti, expires: issued.expires, answer: issued.pair };
    return this.#sessions.rotate(username, sessionId, jti, next);
  }

  /**
   * Whether the token is one of a session of this cluster's own users. Those of other clusters with the same key pair
   * speak for people of that name there.
   */
  async issuedHere({ username, sessionId, provider }: Identity): Promise<boolean> {
    return provider.id === BASIC_PROVIDER && sessionId !== undefined && this.#sessions.has(username, sessionId);
  }

  async logout(username: string, sessionId: string): Promise<void> {
    await this.#revoked.add(sessionId, this.#now() + this.#accessSeconds);
    await this.#sessions.close(username, sessionId);
  }

  /** Ends all sessions of a user but the one to keep: after disabling or a password change (S-230). */
  async endSessions(username: string, keep?: string): Promise<void> {
    for (const sessionId of await this.#sessions.of(username)) {
      if (sessionId !== keep) await this.logout(username, sessionId);
    }
  }

  async #readAccess(token: string, expiredToo: boolean): Promise<AccessClaims> {
    const claims = await readClaims(this.#keys(), token);
    const { sub, exp, nbf, iat, provider } = claims as Partial<AccessClaims> & { nbf?: unknown; iat?: unknown };
    const now = this.#now();
    const timely =
      typeof exp === "number" &&
      (expiredToo || exp > now) &&
      !(typeof nbf === "number" && nbf > now + LEEWAY_SECONDS) &&
      !(typeof iat === "number" && iat > now + LEEWAY_SECONDS);
    // S-231: a refresh token names no provider and is no access token.
    const isAccess = typeof sub === "string" && sub !== "" && typeof provider?.provider_id === "string";
    if (!timely || !isAccess || provider.provider_id === "") throw new SensuError("unauthenticated");
    const { groups, session_id: sessionId, jti } = claims;
    return {
      sub,
      exp,
      jti: String(jti),
      groups: Array.isArray(groups) ? groups.filter((group) => typeof group === "string") : [],
      provider: {
        provider_id: provider.provider_id === "basic/default" ? BASIC_PROVIDER : provider.provider_id,
        provider_type: String(provider.provider_type ?? ""),
        user_id: String(provider.user_id ?? ""),
      },
      session_id: typeof sessionId === "string" ? sessionId : "",
    };
  }

  async #issue(
    identity: Identity,
    sessionId: string,
    issuer: string,
  ): Promise<{ readonly pair: TokenPair; readonly jti: string; readonly expires: number }> {
    const now = this.#now();
    const expiresAt = now + this.#accessSeconds;
    const refreshEnds = now + this.#refreshSeconds;
    const access = {
      sub: identity.username,
      iss: issuer,
      exp: expiresAt,
      jti: randomId(),
      groups: identity.groups.includes(USERS_GROUP) ? identity.groups : [...identity.groups, USERS_GROUP],
      provider: {
        provider_id: identity.provider.id,
        provider_type: identity.provider.type,
        user_id: identity.provider.userId,
      },
      api_key: false,
      session_id: sessionId,
    };
    const jti = randomId();
    const refresh = {
      sub: identity.username,
      exp: refreshEnds,
      iat: now,
      jti,
      groups: null,
      provider: { provider_id: "", provider_type: "", user_id: "" },
      api_key: false,
      session_id: sessionId,
    };
    const keys = this.#keys();
    const pair: TokenPair = {
      access_token: await signClaims(keys, access),
      expires_at: expiresAt,
      refresh_token: await signClaims(keys, refresh),
    };
    return { pair, jti, expires: Math.max(refreshEnds, expiresAt + 60) };
  }

  #keys(): SigningKeys {
    if (!this.#secret) throw new SensuError("unavailable");
    return { ...this.#keyPair, secret: this.#secret };
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

function randomId(): string {
  return randomBytes(16).toString("hex");
}
