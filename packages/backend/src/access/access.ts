/** Who is it, may they: the one door of authentication and authorization for API, gateway and page. */
import { AGENTS_GROUP, type Caller, type Question, SensuError } from "@sensu-ts/core";
import type { ApiKeyAuthenticator } from "./authenticate/api-keys.ts";
import type { BasicAuthenticator, Users } from "./authenticate/basic.ts";
import type { Bcrypt } from "./authenticate/bcrypt.ts";
import type { TokenPair } from "./authenticate/sessions.ts";
import type { Tokens } from "./authenticate/tokens.ts";
import type { Authorizer } from "./authorize.ts";
import { basicIdentity, type Identity } from "./identity.ts";
import { DEFAULT_AGENT } from "./init.ts";

export interface AccessParts {
  readonly basic: BasicAuthenticator;
  readonly tokens: Tokens;
  readonly apiKeys: ApiKeyAuthenticator;
  readonly authorizer: Authorizer;
  readonly users: Users;
  readonly bcrypt: Bcrypt;
}

export class Access {
  readonly basic: BasicAuthenticator;
  readonly tokens: Tokens;
  readonly authorizer: Authorizer;
  readonly bcrypt: Bcrypt;
  readonly #apiKeys: ApiKeyAuthenticator;
  readonly #users: Users;

  constructor(parts: AccessParts) {
    this.basic = parts.basic;
    this.tokens = parts.tokens;
    this.authorizer = parts.authorizer;
    this.bcrypt = parts.bcrypt;
    this.#apiKeys = parts.apiKeys;
    this.#users = parts.users;
  }

  async start(): Promise<void> {
    await this.basic.start();
    await this.#apiKeys.start();
    await this.tokens.start();
  }

  async stop(): Promise<void> {
    await this.tokens.stop();
    await this.#apiKeys.stop();
    await this.basic.stop();
  }

  /** Name and password of the built-in provider. Throws `unauthenticated`; `unavailable` when overloaded. */
  authenticateBasic(username: string, password: string, address?: string): Promise<Identity> {
    return this.basic.authenticate(username, password, address);
  }

  /**
   * The value of an `Authorization` header of the resource API: `Bearer` or `Key`, both case-sensitive. Throws
   * `unauthenticated` with the texts of A-54.
   */
  async authenticateHeader(header: string | undefined): Promise<Identity> {
    const bearer = header?.startsWith("Bearer ") ? header.slice(7) : undefined;
    const key = header?.startsWith("Key ") ? header.slice(4) : undefined;
    if (bearer === undefined && key === undefined) throw new SensuError("unauthenticated", "bad credentials");
    try {
      if (bearer !== undefined) return await this.tokens.authenticate(bearer);
      return await this.#apiKeys.authenticate(key ?? "");
    } catch (cause) {
      if (!(cause instanceof SensuError) || cause.code !== "unauthenticated") throw cause;
      throw new SensuError("unauthenticated", "invalid credentials", { cause });
    }
  }

  /** Throws `denied`. */
  authorize(caller: Caller, question: Question): void {
    this.authorizer.authorize(caller, question);
  }

  /** A new session of a user whom something else vouches for. Throws `unauthenticated` when gone or disabled. */
  async issueTokens(username: string, issuer: string): Promise<TokenPair> {
    const user = this.#users.get(username);
    if (!user || user.disabled) throw new SensuError("unauthenticated");
    return this.tokens.login(basicIdentity(username, user.groups), issuer);
  }

  /**
   * What a live session of this user may go on with: undefined when the user is gone or disabled, else the groups as
   * they are now (S-171).
   */
  currentIdentity(username: string): Caller | undefined {
    const user = this.#users.get(username);
    return user && !user.disabled ? { username, groups: user.groups } : undefined;
  }

  /**
   * Who an agent's certificate with this common name speaks for now: the built-in user of that name with its groups, or,
   * when there is none, nobody in particular among the agents (S-176). Undefined when that user is disabled.
   */
  certificateIdentity(commonName: string): Caller | undefined {
    const user = this.#users.get(commonName);
    if (!user) return { username: commonName, groups: [AGENTS_GROUP] };
    return user.disabled ? undefined : { username: commonName, groups: user.groups };
  }

  /** Whether agents can still connect with the password the world knows (S-221). */
  async hasDefaultAgentPassword(): Promise<boolean> {
    const user = this.#users.get(DEFAULT_AGENT.username);
    return user !== undefined && !user.disabled && this.basic.hasPassword(user, DEFAULT_AGENT.password);
  }

  /** Tells of every change of a user (password, groups, disabled). Returns how to stop listening. */
  onUserChange(listener: (username: string) => void): () => void {
    return this.#users.onChange(listener);
  }
}
