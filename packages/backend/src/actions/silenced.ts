/** Silences: the name says what is silenced, the caller is the creator. */
import { type Int64, int, invalid, plus, type ResourceType, SensuError, type Silenced } from "@sensu-ts/core";
import { type Clock, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import type { Identity } from "../access/identity.ts";
import { checkLocation, GenericActions, type GenericDeps } from "./generic.ts";
import { listPage, selectorOf } from "./list.ts";
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
    if (!stored || !this.#isCurrent(stored.value)) throw new SensuError("notFound", "silenced entry not found");
    return this.answer(stored.value);
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
    let expireAt = value.expire_at;
    if (expireAt === 0 && value.expire > 0) expireAt = after(begin, value.expire);
    if (expireAt === 0 && this.#defaultExpiry > 0) expireAt = after(begin, this.#defaultExpiry);
    if (this.#maxExpiry > 0 && int(expireAt) - now > this.#maxExpiry) {
      throw new SensuError("threshold", "Threshold reached: silenced crossed maximum duration allowed");
    }
    return this.type.validate({
      ...value,
      begin,
      expire: int(value.expire) > 0 ? value.expire : 0,
      expire_at: expireAt,
      creator: caller.username,
      metadata: { ...value.metadata, name: `${subscription || "*"}:${check || "*"}` },
    });
  }

  async #current(query: ListQuery): Promise<readonly Silenced[]> {
    const { items } = await listPage(this.store, this.type, query, selectorOf(this.type, query));
    return items.filter((one) => this.#isCurrent(one)).map((one) => this.shown(one));
  }

  #isCurrent(value: Silenced): boolean {
    return int(value.expire_at) === 0 || int(value.expire_at) * 1000 > this.#clock.now();
  }
}

/** Seconds. Throws when there is no such time. */
function after(begin: Int64, seconds: Int64): Int64 {
  const end = plus(begin, seconds);
  if (end < begin) throw invalid("expire is too far away: begin and expire together do not fit into 64 bits");
  return end;
}
