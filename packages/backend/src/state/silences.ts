/** The silences an event meets, from memory (P-80 to P-83). */
import { type Entity, type Event, isResolvedCheck, matchingSilences, type Silenced, silenceName } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { ResourceCache, ResourceStore, StoredType } from "@sensu-ts/store";

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
    const entries = this.#cache.list(this.#type, entity.metadata.namespace);
    const names =
      entries.length === 0
        ? NONE
        : matchingSilences(
            entries.filter((one) => !this.#gone.has(one)),
            entity,
            check,
            now,
          );
    if (names.length === 0 && check.silenced.length === 0 && !check.is_silenced) return event;
    return { ...event, check: { ...check, silenced: names, is_silenced: names.length > 0 } };
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
