/** Silences: the name says what is silenced, the caller is the creator. */
import { int, invalid, isExpired, type ResourceType, SensuError, type Silenced, silenceName } from "@sensu-ts/core";
import { type Clock, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import type { Stored } from "@sensu-ts/store";
import type { Identity } from "../access/identity.ts";
import { checkLocation, GenericActions, type GenericDeps } from "./generic.ts";
import { selectorOf } from "./list.ts";
import { type Found, type Id, type ListQuery, type Page, question } from "./resource-actions.ts";

export interface SilencedDeps extends GenericDeps {
  /** `default-silenced-expiry-time`, seconds; 0: none. */
  readonly defaultExpiry?: number;
  /** `max-silenced-expiry-time-allowed`, seconds; 0: no limit. */
  readonly maxExpiry?: number;
  readonly clock?: Clock;
}

export class SilencedActions extends GenericActions<Silenced> {
  readonly #defaultExpiry: number;
  readonly #maxExpiry: number;
  readonly #clock: Clock;

  constructor(type: ResourceType<Silenced>, deps: SilencedDeps) {
    super(type, deps);
    this.#defaultExpiry = deps.defaultExpiry ?? 0;
    this.#maxExpiry = deps.maxExpiry ?? 0;
    this.#clock = deps.clock ?? SYSTEM_CLOCK;
  }

  /** All of them: silences are not paged. */
  override async list(caller: Identity, query: ListQuery): Promise<Page<Silenced>> {
    const { limit: _limit, continue: _continue, ...all } = query;
    this.authorizer.authorize(caller, question("list", this.type.rbac, { namespace: query.namespace, name: "" }));
    return { items: await this.#current(all) };
  }

  /** Those whose check is exactly this one; `namespace` may be empty for all. */
  async listByCheck(caller: Identity, namespace: string, check: string): Promise<Page<Silenced>> {
    const asked = { namespace, name: `checks/${check}` };
    this.authorizer.authorize(caller, question("get", this.type.rbac, asked));
    return { items: (await this.#current({ namespace })).filter((one) => one.check === check) };
  }

  async listBySubscription(caller: Identity, namespace: string, subscription: string): Promise<Page<Silenced>> {
    const asked = { namespace, name: `subscriptions/${subscription}` };
    this.authorizer.authorize(caller, question("get", this.type.rbac, asked));
    return { items: (await this.#current({ namespace })).filter((one) => one.subscription === subscription) };
  }

  override async get(caller: Identity, id: Id): Promise<Found> {
    this.authorizer.authorize(caller, question("get", this.type.rbac, id));
    const stored = await this.store.get(this.type, id.namespace, id.name);
    const [value] = stored ? this.#withoutExpired([stored]) : [];
    if (!value) throw new SensuError("notFound", "silenced entry not found");
    return this.answer(value);
  }

  /** One that has expired stands in nobody's way. */
  override async create(caller: Identity, namespace: string, read: () => Silenced): Promise<Silenced> {
    this.authorizer.authorize(caller, question("create", this.type.rbac, { namespace, name: "" }));
    const { subscription, check } = read();
    const name = silenceName(subscription, check);
    const before = await this.store.get(this.type, namespace, name);
    if (before && this.#isExpired(before.value)) {
      await this.store.delete(this.type, namespace, name, before.revision);
    }
    return super.create(caller, namespace, read);
  }

  /** No expiry reads as -1. */
  protected override shown(value: Silenced): Silenced {
    return value.expire_at === 0 ? { ...value, expire: -1 } : value;
  }

  protected override located(value: Silenced, url: Id): Silenced {
    const body = value.metadata;
    // The name of a new one is computed, whatever the body says.
    checkLocation({ namespace: body.namespace, name: url.name === "" ? "" : body.name }, url);
    return value;
  }

  protected override async check(value: Silenced, caller: Identity): Promise<Silenced> {
    const { subscription, check } = value;
    const everything = (subscription === "" || subscription === "*") && (check === "" || check === "*");
    if (everything) throw invalid("must provide check or subscription");
    const now = Math.floor(this.#clock.now() / 1000);
    const begin = int(value.begin) === 0 ? now : value.begin;
    let expireAt = int(value.expire_at);
    if (expireAt === 0 && int(value.expire) > 0) expireAt = int(begin) + int(value.expire);
    if (expireAt === 0 && this.#defaultExpiry > 0) expireAt = int(begin) + this.#defaultExpiry;
    if (this.#maxExpiry > 0 && expireAt - now > this.#maxExpiry) {
      throw new SensuError("threshold", "Threshold reached: silenced crossed maximum duration allowed");
    }
    return this.type.validate({
      ...value,
      begin,
      expire: Math.max(0, int(value.expire)),
      expire_at: expireAt,
      creator: caller.username,
      metadata: { ...value.metadata, name: silenceName(subscription, check) },
    });
  }

  async #current(query: ListQuery): Promise<readonly Silenced[]> {
    const matches = selectorOf(this.type, query);
    const { items } = await this.store.list(this.type, {
      ...(query.namespace === "" ? {} : { namespace: query.namespace }),
      ...(matches === undefined ? {} : { matches }),
    });
    return this.#withoutExpired(items).map((one) => this.shown(one));
  }

  /** Those that have expired are removed where they are met (P-79); one that was renewed meanwhile stays. */
  #withoutExpired(items: readonly Stored<Silenced>[]): readonly Silenced[] {
    const values: Silenced[] = [];
    for (const { value, revision } of items) {
      if (this.#isExpired(value)) {
        const { namespace, name } = this.type.id(value);
        // Not waited for, and the next read tries again.
        this.store.delete(this.type, namespace, name, revision).catch(() => {});
      } else values.push(value);
    }
    return values;
  }

  #isExpired(value: Silenced): boolean {
    return isExpired(value, Math.floor(this.#clock.now() / 1000));
  }
}
