/** Built-in users (A-202 to A-213, S-190 to S-207): never deleted, only disabled; answers never show passwords. */
import { invalid, type ResourceType, type User, type Verb } from "@sensu-ts/core";
import type { Access } from "../access/access.ts";
import type { Bcrypt } from "../access/authenticate/bcrypt.ts";
import type { Identity } from "../access/identity.ts";
import { SELF } from "../access/review.ts";
import { GenericActions, type GenericDeps } from "./generic.ts";
import { hashNew, withHash, withoutPassword, withStoredPassword } from "./passwords.ts";
import { type Id, question } from "./resource-actions.ts";

export interface UserDeps extends GenericDeps {
  readonly access: Access;
  readonly bcrypt: Bcrypt;
}

export class UserActions extends GenericActions<User> {
  readonly #access: Access;
  readonly #bcrypt: Bcrypt;

  constructor(type: ResourceType<User>, deps: UserDeps) {
    super(type, deps);
    this.#access = deps.access;
    this.#bcrypt = deps.bcrypt;
  }

  override async get(caller: Identity, id: Id) {
    this.#authorizeSelf(caller, "get", id.name);
    return this.answer((await this.stored(id)).value);
  }

  /** Disables. Fine with one that is disabled already. */
  override async remove(caller: Identity, id: Id): Promise<void> {
    this.authorizer.authorize(caller, question("delete", this.type.rbac, id));
    await this.#change(id.name, (user) => ({ ...user, disabled: true }));
    await this.#access.tokens.endSessions(id.name);
  }

  override async put(caller: Identity, id: Id, read: () => User): Promise<User> {
    const before = await this.store.get(this.type, "", id.name);
    const user = await super.put(caller, id, read);
    const changed = before !== undefined && before.value.password_hash !== user.password_hash;
    if (user.disabled || changed) await this.#endSessions(caller, id.name);
    return user;
  }

  async reinstate(caller: Identity, username: string): Promise<void> {
    this.#authorize(caller, "update", username);
    await this.#change(username, (user) => ({ ...user, disabled: false }));
  }

  async addGroup(caller: Identity, username: string, group: string): Promise<void> {
    this.#authorize(caller, "update", username);
    await this.#change(username, (user) =>
      user.groups.includes(group) ? user : { ...user, groups: [...user.groups, group] },
    );
  }

  async removeGroup(caller: Identity, username: string, group: string): Promise<void> {
    this.#authorize(caller, "delete", username);
    await this.#change(username, (user) => ({ ...user, groups: user.groups.filter((one) => one !== group) }));
  }

  async removeGroups(caller: Identity, username: string): Promise<void> {
    this.#authorize(caller, "delete", username);
    await this.#change(username, (user) => ({ ...user, groups: [] }));
  }

  /** sensuctl: the current password in clear, the new one as a hash. */
  async replacePassword(
    caller: Identity,
    username: string,
    read: () => { readonly password: string; readonly passwordHash: string },
  ): Promise<void> {
    this.#authorizeSelf(caller, "update", username);
    const { password, passwordHash } = read();
    await this.#proveCurrent(caller, username, password);
    await this.#setHash(caller, username, requireHash(passwordHash));
  }

  /** Web UI: both passwords in clear, so that their rules can be checked. */
  async changePassword(
    caller: Identity,
    username: string,
    read: () => { readonly password: string; readonly newPassword: string },
  ): Promise<void> {
    this.#authorizeSelf(caller, "update", username);
    const { password, newPassword } = read();
    await this.#proveCurrent(caller, username, password);
    await this.#setHash(caller, username, await hashNew(newPassword, this.#bcrypt));
  }

  /** Without the current password, for administrators. */
  async resetPassword(caller: Identity, username: string, read: () => string): Promise<void> {
    this.#authorize(caller, "update", username);
    await this.#setHash(caller, username, requireHash(read()));
  }

  protected override shown(user: User): User {
    return withoutPassword(user);
  }

  protected override located(user: User, url: Id): User {
    if (url.name === "" || user.username === url.name) return user;
    throw invalid(`the username (${user.username}) does not match the username on the request (${url.name})`);
  }

  protected override async check(user: User): Promise<User> {
    return withStoredPassword(this.type.validate(user), this.#bcrypt);
  }

  #authorize(caller: Identity, verb: Verb, username: string): void {
    this.authorizer.authorize(caller, question(verb, this.type.rbac, { namespace: "", name: username }));
  }

  #authorizeSelf(caller: Identity, verb: Verb, username: string): void {
    const resource = caller.username === username ? SELF : this.type.rbac;
    this.authorizer.authorize(caller, question(verb, resource, { namespace: "", name: username }));
  }

  /** Wrong is `invalid`, not `unauthenticated`: that would look like an ended login. */
  async #proveCurrent(caller: Identity, username: string, password: string): Promise<void> {
    const { value: user } = await this.stored({ namespace: "", name: username });
    if (user.disabled) throw invalid(`resource is invalid: user ${username} is disabled`);
    if (await this.#access.basic.provePassword(user, password, caller.address)) return;
    throw invalid(`resource is invalid: wrong password for user ${username}`);
  }

  async #setHash(caller: Identity, username: string, hash: string): Promise<void> {
    await this.#change(username, (user) => withHash(user, hash));
    await this.#endSessions(caller, username);
  }

  async #endSessions(caller: Identity, username: string): Promise<void> {
    await this.#access.tokens.endSessions(username, caller.username === username ? caller.sessionId : undefined);
  }

  async #change(username: string, change: (user: User) => User): Promise<void> {
    await this.store.change(this.type, { namespace: "", name: username }, change);
  }
}

function requireHash(hash: string): string {
  if (hash === "") throw invalid("a password or its hash is required");
  if (/^\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash)) return hash;
  throw invalid("a bcrypt hash of the new password is required");
}
