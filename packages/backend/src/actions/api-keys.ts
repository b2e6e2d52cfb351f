/** API keys: the server makes the name, which is the secret. */
import { randomUUID } from "node:crypto";
import { type APIKey, invalid, type ResourceType, type User } from "@sensu-ts/core";
import { type Clock, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import type { Identity } from "../access/identity.ts";
import { GenericActions, type GenericDeps } from "./generic.ts";
import { type Id, question } from "./resource-actions.ts";

export interface ApiKeyDeps extends GenericDeps {
  readonly userType: ResourceType<User>;
  readonly clock?: Clock;
}

export class ApiKeyActions extends GenericActions<APIKey> {
  readonly #userType: ResourceType<User>;
  readonly #clock: Clock;

  constructor(type: ResourceType<APIKey>, deps: ApiKeyDeps) {
    super(type, deps);
    this.#userType = deps.userType;
    this.#clock = deps.clock ?? SYSTEM_CLOCK;
  }

  override async create(caller: Identity, namespace: string, read: () => APIKey): Promise<APIKey> {
    this.authorizer.authorize(caller, question("create", this.type.rbac, { namespace, name: "" }));
    const given = read();
    if (!(await this.store.get(this.#userType, "", given.username))) throw invalid("user does not exist");
    const key = this.type.withCreatedBy(
      {
        ...given,
        metadata: { ...given.metadata, name: randomUUID() },
        created_at: Math.floor(this.#clock.now() / 1000),
      },
      caller.username,
    );
    const value = await this.check(key);
    await this.store.create(this.type, value);
    return value;
  }

  protected override async check(value: APIKey): Promise<APIKey> {
    const key = this.validated(value);
    if (!(await this.store.get(this.#userType, "", key.username))) throw invalid("user does not exist");
    return key;
  }

  protected override located(value: APIKey, _url: Id): APIKey {
    return value;
  }
}
