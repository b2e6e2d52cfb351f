/** API keys (A-55, S-242 to S-246): the name of the resource is the secret. */
import { createHash, timingSafeEqual } from "node:crypto";
import { type APIKey, SensuError } from "@sensu-ts/core";
import { basicIdentity, type Identity } from "../identity.ts";
import type { Users } from "./basic.ts";

/** Keys as the store has them now, without a read. */
export interface ApiKeys {
  list(): readonly APIKey[];
  /** Returns how to stop listening. */
  onChange(listener: () => void): () => void;
}

export class ApiKeyAuthenticator {
  readonly #keys: ApiKeys;
  readonly #users: Users;
  /** By digest, so that looking one up takes the same time whatever part of a guess is right. Undefined: read anew. */
  #byDigest: ReadonlyMap<string, APIKey> | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(keys: ApiKeys, users: Users) {
    this.#keys = keys;
    this.#users = users;
  }

  async start(): Promise<void> {
    this.#unsubscribe ??= this.#keys.onChange(() => {
      this.#byDigest = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#byDigest = undefined;
  }

  /** Throws `unauthenticated` for an unknown key and when its user is unknown or disabled. */
  async authenticate(secret: string): Promise<Identity> {
    this.#byDigest ??= new Map(this.#keys.list().map((key) => [digest(key.metadata.name).toString("hex"), key]));
    const shown = digest(secret);
    const key = this.#byDigest.get(shown.toString("hex"));
    if (!key || !timingSafeEqual(digest(key.metadata.name), shown)) throw new SensuError("unauthenticated");
    const user = this.#users.get(key.username);
    if (!user || user.disabled) throw new SensuError("unauthenticated");
    return { ...basicIdentity(user.username, user.groups), apiKey: true };
  }
}

function digest(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
