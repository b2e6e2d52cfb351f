import { sharing } from "@sensu-ts/core";
import type { AnyStoredType, ResourceId, StoredType } from "./keys.ts";
import { compareKeys } from "./kv/keys.ts";
import type { StoreLog } from "./log.ts";
import type { ResourceStore, Stored } from "./resources.ts";

const RETRY_AFTER_MS = 1000;
/** How long a writer waits for the watch to tell its own write. */
const CATCH_UP_MS = 1000;

export interface CacheChange {
  readonly type: AnyStoredType;
  readonly id: ResourceId;
  /** Absent: deleted. */
  readonly value: unknown;
  /** Absent: new. */
  readonly previous: unknown;
}

interface Held {
  readonly value: unknown;
  readonly revision: number;
}

/** Values of one type by namespace and name; the empty namespace holds cluster-wide ones. */
class Collection {
  readonly type: StoredType<unknown>;
  readonly #namespaces = new Map<string, Map<string, Held>>();
  /** Values in key order by namespace, all of them under undefined; made when asked for. */
  readonly #lists = new Map<string | undefined, readonly unknown[]>();
  /** Everything up to it is in here. */
  #revision = 0;
  readonly #waiting = new Set<{ readonly revision: number; resolve(): void }>();

  constructor(type: StoredType<unknown>) {
    this.type = type;
  }

  get(id: ResourceId): Held | undefined {
    return this.#namespaces.get(id.namespace)?.get(id.name);
  }

  set(id: ResourceId, held: Held): void {
    let names = this.#namespaces.get(id.namespace);
    if (names === undefined) {
      names = new Map();
      this.#namespaces.set(id.namespace, names);
    }
    names.set(id.name, held);
    this.#forgetLists(id.namespace);
  }

  delete(id: ResourceId): void {
    const names = this.#namespaces.get(id.namespace);
    names?.delete(id.name);
    if (names?.size === 0) this.#namespaces.delete(id.namespace);
    this.#forgetLists(id.namespace);
  }

  *ids(): Iterable<ResourceId> {
    for (const [namespace, names] of this.#namespaces) for (const name of names.keys()) yield { namespace, name };
  }

  get count(): number {
    let count = 0;
    for (const names of this.#namespaces.values()) count += names.size;
    return count;
  }

  list(namespace: string | undefined): readonly unknown[] {
    let list = this.#lists.get(namespace);
    if (list !== undefined) return list;
    const keyed: [string, unknown][] = [];
    for (const [space, names] of this.#namespaces) {
      if (namespace !== undefined && namespace !== space) continue;
      for (const [name, held] of names) keyed.push([`${space}/${name}`, held.value]);
    }
    list = keyed.sort(([a], [b]) => compareKeys(a, b)).map(([, value]) => value);
    this.#lists.set(namespace, list);
    return list;
  }

  advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    for (const waiting of this.#waiting) {
      if (waiting.revision > this.#revision) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  reached(revision: number): Promise<void> {
    if (this.#revision >= revision) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = {
        revision,
        resolve() {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        resolve();
      }, CATCH_UP_MS);
      this.#waiting.add(waiting);
    });
  }

  #forgetLists(namespace: string): void {
    this.#lists.delete(undefined);
    this.#lists.delete(namespace);
  }
}

/**
 * Resources of some types in memory, kept current by a watch. Reads are synchronous and lag behind the store by the
 * way of the watch. When the watch breaks or its revision is compacted it lists again and tells the differences.
 */
export class ResourceCache {
  readonly #store: ResourceStore;
  readonly #log: StoreLog;
  readonly #collections = new Map<string, Collection>();
  readonly #listeners = new Set<(change: CacheChange) => void>();
  #abort: AbortController | undefined;
  #starting: Promise<void> | undefined;
  #loops: Promise<void>[] = [];
  #unfollow: () => void = () => undefined;

  constructor(store: ResourceStore, types: readonly AnyStoredType[], log: StoreLog = () => undefined) {
    this.#store = store;
    this.#log = log;
    for (const type of types) {
      this.#collections.set(type.storePrefix, new Collection(type as StoredType<unknown>));
    }
  }

  /** Resolves when every type was listed once; rejects when the store is away. */
  start(): Promise<void> {
    this.#starting ??= this.#open();
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#unfollow();
    this.#abort?.abort();
    await this.#starting?.catch(() => undefined);
    await Promise.all(this.#loops);
    this.#loops = [];
    this.#starting = undefined;
  }

  get<T>(type: StoredType<T>, namespace: string, name: string): T | undefined {
    return this.#collection(type).get({ namespace, name })?.value as T | undefined;
  }

  /** In key order; absent namespace: all. The array is shared: do not change it. */
  list<T>(type: StoredType<T>, namespace?: string): readonly T[] {
    return this.#collection(type).list(namespace) as readonly T[];
  }

  /** Of all namespaces, without making a list: each answer of the API tells how many entities there are. */
  count<T>(type: StoredType<T>): number {
    return this.#collection(type).count;
  }

  /**
   * Resolves when what was written to the type at `revision` is in here, or after a second: the watch may be broken.
   * The store waits for it after each write, so that one's own writes are read at once.
   */
  async reached(type: AnyStoredType, revision: number): Promise<void> {
    if (this.#loops.length > 0) await this.#collections.get(type.storePrefix)?.reached(revision);
  }

  /** Calls back after the cache has changed, not for what the first list found. Returns what ends it. */
  onChange(listener: (change: CacheChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #collection<T>(type: StoredType<T>): Collection {
    const collection = this.#collections.get(type.storePrefix);
    if (collection === undefined) throw new Error(`the cache does not hold ${type.name}`);
    return collection;
  }

  async #open(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    const collections = [...this.#collections.values()];
    this.#unfollow = this.#store.follow(this);
    try {
      const revisions = await Promise.all(collections.map((collection) => this.#listAgain(collection, false)));
      this.#loops = collections.map((collection, i) => this.#follow(collection, revisions[i] ?? 0, abort.signal));
    } catch (error) {
      this.#starting = undefined;
      this.#unfollow();
      throw error;
    }
  }

  async #follow(collection: Collection, from: number, signal: AbortSignal): Promise<void> {
    let revision: number | undefined = from;
    while (!signal.aborted) {
      try {
        revision ??= await this.#listAgain(collection, true);
        revision = await this.#watch(collection, revision, signal);
        if (revision !== undefined && !signal.aborted) await pause(signal);
      } catch (error) {
        revision = undefined;
        if (signal.aborted) return;
        this.#log("warn", "a cache lost its watch and will list again", {
          type: collection.type.name,
          error: error instanceof Error ? error.message : String(error),
        });
        await pause(signal);
      }
    }
  }

  /** Where to go on from when the watch ends; undefined: list again. */
  async #watch(collection: Collection, from: number, signal: AbortSignal): Promise<number | undefined> {
    let revision = from;
    for await (const item of this.#store.watch(collection.type, from, signal)) {
      if (item.kind === "compacted") return undefined;
      for (const change of item.changes) {
        if (change.kind === "put") this.#put(collection, change.id, change.stored, true);
        else this.#delete(collection, change.id, change.revision);
      }
      revision = item.revision;
      collection.advance(revision);
    }
    return revision;
  }

  async #listAgain(collection: Collection, tell: boolean): Promise<number> {
    const { items, revision } = await this.#store.list(collection.type);
    const gone = new Map([...collection.ids()].map((id) => [`${id.namespace}/${id.name}`, id]));
    for (const stored of items) {
      const id = collection.type.id(stored.value);
      gone.delete(`${id.namespace}/${id.name}`);
      this.#put(collection, id, stored, tell);
    }
    for (const id of gone.values()) this.#delete(collection, id, revision);
    collection.advance(revision);
    return revision;
  }

  #put(collection: Collection, id: ResourceId, stored: Stored<unknown>, tell: boolean): void {
    const before = collection.get(id);
    // A list over several reads may already hold what the watch tells again.
    if (before !== undefined && before.revision >= stored.revision) return;
    const value = before === undefined ? stored.value : sharing(stored.value, before.value);
    collection.set(id, { value, revision: stored.revision });
    if (tell) this.#tell(collection, id, value, before?.value);
  }

  #delete(collection: Collection, id: ResourceId, revision: number): void {
    const before = collection.get(id);
    if (before === undefined || before.revision > revision) return;
    collection.delete(id);
    this.#tell(collection, id, undefined, before.value);
  }

  #tell(collection: Collection, id: ResourceId, value: unknown, previous: unknown): void {
    const change: CacheChange = { type: collection.type, id, value, previous };
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#log("error", "a listener of the resource cache failed", {
          error: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, RETRY_AFTER_MS);
    signal.addEventListener("abort", done);
  });
}
