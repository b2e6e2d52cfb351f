/** The built-in users (S-190 to S-208): who has the password is who the name says. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { SensuError, type User } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import { basicIdentity, type Identity } from "../identity.ts";
import type { Bcrypt } from "./bcrypt.ts";
import type { Throttle } from "./throttle.ts";

/** Users as the store has them now, without a read. */
export interface Users {
  get(username: string): User | undefined;
  /** Tells the name of a changed or removed user. Returns how to stop listening. */
  onChange(listener: (username: string) => void): () => void;
}

export interface BasicOptions {
  readonly users: Users;
  readonly bcrypt: Bcrypt;
  readonly throttle: Throttle;
  readonly log: Logger;
}

/** A hash of a random text, so that unknown users cost what known ones do (S-208). */
const NOBODYS_HASH = "$2b$10$Cg91orSvWVPhKxQNwJVXY.xsFt9WQMMB.YagTImpFkZ7OLtzBu1cq";

export class BasicAuthenticator {
  readonly #users: Users;
  readonly #bcrypt: Bcrypt;
  readonly #throttle: Throttle;
  readonly #log: Logger;
  /** Of this process only: what is remembered is useless elsewhere. */
  readonly #key = randomBytes(32);
  /** The password last seen right, as a keyed hash that also covers the stored hash: one a user. */
  readonly #known = new Map<string, Buffer>();
  /** Computations under way, shared by callers that ask the same. */
  readonly #running = new Map<string, Promise<boolean>>();
  #unsubscribe: (() => void) | undefined;

  constructor(options: BasicOptions) {
    this.#users = options.users;
    this.#bcrypt = options.bcrypt;
    this.#throttle = options.throttle;
    this.#log = options.log;
  }

  async start(): Promise<void> {
    await this.#bcrypt.start();
    this.#unsubscribe ??= this.#users.onChange((username) => {
      this.#known.delete(username);
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#known.clear();
    await this.#bcrypt.stop();
  }

  /**
   * `address` is where the attempt comes from; it separates one guesser's delays from other people's.
   * Throws `unauthenticated`, the same for unknown, disabled and wrong (S-208).
   */
  async authenticate(username: string, password: string, address = ""): Promise<Identity> {
    const user = this.#users.get(username);
    const hash = user && !user.disabled ? storedHash(user) : "";
    const proof = this.#proof(username, hash, password);
    if (!(hash !== "" && this.#isKnown(username, proof))) {
      await this.#verify(username, password, hash, proof, address);
    }
    const now = this.#users.get(username);
    if (!now || now.disabled || storedHash(now) !== hash) throw this.#refuse(username);
    return basicIdentity(username, now.groups);
  }

  /** Whether this is the user's current password; disabled users included. */
  async hasPassword(user: User, password: string): Promise<boolean> {
    return this.#bcrypt.matches(password, storedHash(user));
  }

  /** The same for who wants to change it (S-203): a stolen token guesses no faster than a login does (S-208). */
  async provePassword(user: User, password: string, address = ""): Promise<boolean> {
    const attempt = `${address}\0${user.username}`;
    if (!(await this.#throttle.admit(attempt))) return false;
    const right = await this.hasPassword(user, password);
    if (right) this.#throttle.succeeded(attempt);
    else this.#throttle.failed(attempt);
    return right;
  }

  async #verify(username: string, password: string, hash: string, proof: Buffer, address: string): Promise<void> {
    const attempt = `${address}\0${username}`;
    if (!(await this.#throttle.admit(attempt))) throw this.#refuse(username);
    const id = proof.toString("base64");
    let running = this.#running.get(id);
    if (!running) {
      running = this.#bcrypt
        .matches(password, hash === "" ? NOBODYS_HASH : hash)
        .finally(() => this.#running.delete(id));
      this.#running.set(id, running);
    }
    const right = (await running) && hash !== "";
    if (!right) {
      this.#throttle.failed(attempt);
      throw this.#refuse(username);
    }
    this.#throttle.succeeded(attempt);
    const user = this.#users.get(username);
    if (user && storedHash(user) === hash) this.#known.set(username, proof);
  }

  #isKnown(username: string, proof: Buffer): boolean {
    const known = this.#known.get(username);
    return known !== undefined && timingSafeEqual(known, proof);
  }

  #proof(username: string, hash: string, password: string): Buffer {
    // Lengths in front keep (ab, c) and (a, bc) apart.
    const head = `${Buffer.byteLength(username)}:${Buffer.byteLength(hash)}:`;
    return createHmac("sha256", this.#key).update(head).update(username).update(hash).update(password).digest();
  }

  #refuse(username: string): SensuError {
    this.#log.error({ username }, "authentication failed");
    return new SensuError("unauthenticated");
  }
}

/** S-191: `password_hash`, else `password`, which then holds the hash too. */
function storedHash(user: User): string {
  return user.password_hash || user.password;
}
