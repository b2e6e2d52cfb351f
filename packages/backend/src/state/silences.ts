/** The silences an event meets, from memory (P-80 to P-83). */
import {
  type Check,
  type Entity,
  type Event,
  isResolvedCheck,
  matchingSilences,
  type Silenced,
  silenceName,
} from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { ResourceCache, ResourceStore, StoredType } from "@sensu-ts/store";

/** More entries than these are not tried one after the other. */
const FEW = 8;
const NONE: readonly string[] = Object.freeze([]);

export class Silences {
  readonly #cache: ResourceCache;
  readonly #store: ResourceStore;
  readonly #type: StoredType<Silenced>;
  readonly #log: Logger;
  /** Deleted by us, maybe still in the cache. */
  readonly #gone = new Set<Silenced>();

  constructor(cache: ResourceCache, store: ResourceStore, type: StoredType<Silenced>, log: Logger) {
    this.#cache = cache;
    this.#store = store;
    this.#type = type;
    this.#log = log;
  }

  /** The event with `silenced` and `is_silenced` set; `now` is Unix seconds. */
  name(event: Event, entity: Entity, now: number): Event {
    const { check } = event;
    if (!check) return event;
    const names = this.names(entity, check, now);
    if (names.length === 0 && check.silenced.length === 0 && !check.is_silenced) return event;
    return { ...event, check: { ...check, silenced: names, is_silenced: names.length > 0 } };
  }

  /** Sorted; `check` may be its definition only. */
  names(entity: Entity, check: Check, now: number): readonly string[] {
    const all = this.#cache.list(this.#type, entity.metadata.namespace);
    const entries = all.length > FEW ? this.#named(entity, check) : all;
    return entries.length === 0 ? NONE : matchingSilences(this.#present(entries), entity, check, now);
  }

  #present(entries: readonly Silenced[]): readonly Silenced[] {
    return this.#gone.size === 0 ? entries : entries.filter((one) => !this.#gone.has(one));
  }

  /** All that may speak of this check: an entry's name tells its subscription and its check (P-77). */
  #named({ metadata, subscriptions }: Entity, check: Check): readonly Silenced[] {
    const own = check.proxy_entity_name === "" ? check.subscriptions : subscriptions;
    const found: Silenced[] = [];
    for (const subscription of ["", `entity:${metadata.name}`, ...own]) {
      for (const about of ["", check.metadata.name]) {
        const entry = this.#cache.get(this.#type, metadata.namespace, silenceName(subscription, about));
        if (entry) found.push(entry);
      }
    }
    return found;
  }

  /** Entries that end with this resolution leave the event and the store (P-83). `event` is merged. */
  expireOnResolve(event: Event): Event {
    const { check, entity } = event;
    if (!check || !entity || check.silenced.length === 0 || !isResolvedCheck(check)) return event;
    const ending = this.#cache
      .list(this.#type, entity.metadata.namespace)
      .filter((one) => one.expire_on_resolve && check.silenced.includes(silenceName(one.subscription, one.check)));
    if (ending.length === 0) return event;
    const names = new Set(ending.map((one) => silenceName(one.subscription, one.check)));
    for (const one of ending) this.#remove(one, entity.metadata.namespace);
    return { ...event, check: { ...check, silenced: check.silenced.filter((name) => !names.has(name)) } };
  }

  #remove(entry: Silenced, namespace: string): void {
    if (this.#gone.has(entry)) return;
    this.#gone.add(entry);
    const name = silenceName(entry.subscription, entry.check);
    this.#store
      .delete(this.#type, namespace, name)
      .catch((error: unknown) => this.#log.error({ error, silenced: name }, "error deleting a silence that ended"))
      // The cache follows within moments; the memory of it must not grow.
      .finally(() => setTimeout(() => this.#gone.delete(entry), 5000).unref());
  }
}
