/** The telemetry setting, which nothing reads: nothing is ever sent. */
import { type ResourceType, TessenConfig } from "@sensu-ts/core";
import type { ResourceStore } from "@sensu-ts/store";
import type { Authorizer } from "../access/authorize.ts";
import type { Identity } from "../access/identity.ts";
import { found } from "./found.ts";
import { type Found, question } from "./resource-actions.ts";

const NOWHERE = { namespace: "", name: "" };

export class TessenActions {
  readonly #type: ResourceType<TessenConfig>;
  readonly #store: ResourceStore;
  readonly #authorizer: Authorizer;

  constructor(type: ResourceType<TessenConfig>, store: ResourceStore, authorizer: Authorizer) {
    this.#type = type;
    this.#store = store;
    this.#authorizer = authorizer;
  }

  async get(caller: Identity): Promise<Found> {
    // A path without a name asks for a list (S-298), but whoever may get one thing may get this.
    if (!this.#authorizer.allows(caller, question("get", this.#type.rbac, NOWHERE))) {
      this.#authorizer.authorize(caller, question("list", this.#type.rbac, NOWHERE));
    }
    const stored = await this.#store.get(this.#type, "", "");
    return found(this.#type.message, stored?.value ?? TessenConfig.create({ opt_out: true }));
  }

  async put(caller: Identity, read: () => TessenConfig): Promise<Found> {
    this.#authorizer.authorize(caller, question("update", this.#type.rbac, NOWHERE));
    const value = read();
    await this.#store.put(this.#type, value);
    return found(this.#type.message, value);
  }
}
