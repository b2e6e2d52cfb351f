import { createHash } from "node:crypto";
import { decodeProto, encodeProto, SensuError } from "@sensu-ts/core";
import {
  type AnyStoredType,
  collectionPrefix,
  idOfKey,
  namespaceKey,
  type ResourceId,
  resourceKey,
  type StoredType,
} from "./keys.ts";
import type { Kv, KvCompare, KvEntry, KvOp } from "./kv/kv.ts";
import { decodePosition, encodePosition } from "./position.ts";

/** Entries read at once; decoding them is the longest the event loop is held. */
const CHUNK = 500;

export interface Stored<T> {
  readonly value: T;
  /** For `update`. */
  readonly revision: number;
  /** Strong tag of the stored bytes: quoted lower-case hex of 64 bits. */
  readonly etag: string;
  /** Token that goes on after this item, see {@link ListOptions.after}. */
  readonly position: string;
}

export interface ListOptions<T> {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  /** Absent: everything. */
  readonly limit?: number;
  /** Token of the page before. */
  readonly after?: string;
  /** Items it is false for are left out and do not count. */
  readonly matches?: (value: T) => boolean;
}

export interface ResourcePage<T> {
  /** In the order of their keys. */
  readonly items: readonly Stored<T>[];
  /** Absent on the last page, even when that is exactly full. */
  readonly next?: string;
  /** Revision of the first read: a watch from here misses nothing. */
  readonly revision: number;
}

export type ResourceChange<T> =
  | { readonly kind: "put"; readonly id: ResourceId; readonly stored: Stored<T> }
  | { readonly kind: "delete"; readonly id: ResourceId; readonly revision: number };

export type ResourceWatchItem<T> =
  | { readonly kind: "changes"; readonly revision: number; readonly changes: readonly ResourceChange<T>[] }
  /** List again; the watch ends. */
  | { readonly kind: "compacted"; readonly revision: number };

export type ResourceWrite =
  /** `alreadyExists` when it is there. */
  | { readonly op: "create"; readonly type: AnyStoredType; readonly value: unknown }
  /** Creates or replaces. */
  | { readonly op: "put"; readonly type: AnyStoredType; readonly value: unknown }
  /** `preconditionFailed` when it is not at `revision`. */
  | { readonly op: "update"; readonly type: AnyStoredType; readonly value: unknown; readonly revision: number }
  | { readonly op: "delete"; readonly type: AnyStoredType; readonly id: ResourceId };

/** Keeps up with writes, see {@link ResourceStore.follow}. */
export interface Follower {
  /** Resolves when what was written to the type at `revision` has arrived; never rejects, never waits for long. */
  reached(type: AnyStoredType, revision: number): Promise<void>;
}

type Expectation = Extract<KvCompare, { modRevision: number }>;

/**
 * Typed resources over the key-value store; a value is stored as its protobuf. Writing into a namespace that is not
 * there throws `namespaceMissing`. Values are not validated here.
 */
export class ResourceStore {
  readonly #kv: Kv;
  readonly #followers = new Set<Follower>();

  constructor(kv: Kv) {
    this.#kv = kv;
  }

  /** Writes of this store resolve only when the follower has them too. Returns what ends it. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  async get<T>(type: StoredType<T>, namespace: string, name: string): Promise<Stored<T> | undefined> {
    const entry = await this.#kv.get(resourceKey(type, { namespace, name }));
    return entry === undefined ? undefined : new StoredEntry(type, entry);
  }

  async list<T>(type: StoredType<T>, options: ListOptions<T> = {}): Promise<ResourcePage<T>> {
    const { namespace, limit, after: token, matches } = options;
    if (limit !== undefined && limit < 1) throw new SensuError("invalid", "the limit of a list must be at least 1");
    const prefix = collectionPrefix(type, namespace);
    const items: Stored<T>[] = [];
    let after = token === undefined ? undefined : collectionPrefix(type) + decodePosition(token);
    let revision: number | undefined;
    for (;;) {
      const wanted = matches === undefined && limit !== undefined ? limit - items.length + 1 : CHUNK;
      const range = await this.#kv.range({
        prefix,
        limit: Math.min(wanted, CHUNK),
        ...(after === undefined ? {} : { after }),
      });
      revision ??= range.revision;
      for (const entry of range.entries) {
        const stored = new StoredEntry(type, entry);
        if (matches !== undefined && !matches(stored.value)) continue;
        const last = items.at(-1);
        if (items.length === limit && last !== undefined) return { items, next: last.position, revision };
        items.push(stored);
      }
      after = range.entries.at(-1)?.key;
      if (!range.more || after === undefined) return { items, revision };
    }
  }

  async create<T>(type: StoredType<T>, value: T): Promise<void> {
    await this.apply([{ op: "create", type, value }]);
  }

  async put<T>(type: StoredType<T>, value: T): Promise<void> {
    await this.apply([{ op: "put", type, value }]);
  }

  /** Replaces what is at `revision`; throws `preconditionFailed` when someone changed or deleted it meanwhile. */
  async update<T>(type: StoredType<T>, value: T, revision: number): Promise<void> {
    await this.apply([{ op: "update", type, value, revision }]);
  }

  /**
   * Applies `change` to what is stored, again when someone else was quicker. Returning the value itself means no
   * change. Throws `notFound` when there is nothing, and what `change` throws.
   */
  async change<T>(type: StoredType<T>, id: ResourceId, change: (value: T) => T | Promise<T>): Promise<T> {
    for (;;) {
      const stored = await this.get(type, id.namespace, id.name);
      if (stored === undefined) throw new SensuError("notFound");
      const next = await change(stored.value);
      if (next === stored.value) return next;
      try {
        await this.update(type, next, stored.revision);
        return next;
      } catch (error) {
        if (!(error instanceof SensuError) || error.code !== "preconditionFailed") throw error;
      }
    }
  }

  /** False when there was none. */
  async delete<T>(type: StoredType<T>, namespace: string, name: string): Promise<boolean> {
    const key = resourceKey(type, { namespace, name });
    const { committed, revision } = await this.#kv.txn([{ key, exists: true }], [{ op: "delete", key }]);
    if (committed) await this.#arrived([type], revision);
    return committed;
  }

  /**
   * All of the writes at one revision, or none. A namespace created among them counts as there. Returns the revision.
   */
  async apply(writes: readonly ResourceWrite[]): Promise<number> {
    const compares: Expectation[] = [];
    const ops: KvOp[] = [];
    const made = new Set<string>();
    const needed = new Set<string>();
    for (const write of writes) {
      const type = write.type as StoredType<unknown>;
      const id = write.op === "delete" ? write.id : type.id(write.value);
      const key = resourceKey(type, id);
      if (write.op === "delete") {
        ops.push({ op: "delete", key });
        continue;
      }
      if (type.scope === "namespaced") needed.add(id.namespace);
      else made.add(key);
      if (write.op === "create") compares.push({ key, modRevision: 0 });
      if (write.op === "update") compares.push({ key, modRevision: write.revision });
      ops.push({ op: "put", key, value: encodeProto(type.message, write.value) });
    }
    const namespaces = [...needed].filter((namespace) => !made.has(namespaceKey(namespace)));
    const exist = namespaces.map((namespace) => ({ key: namespaceKey(namespace), exists: true }) as const);
    for (;;) {
      const { committed, revision } = await this.#kv.txn([...exist, ...compares], ops);
      if (committed) {
        // A deletion of nothing changes nothing, and its revision would never arrive.
        const changed = writes.filter((write) => write.op !== "delete").map((write) => write.type);
        await this.#arrived(new Set(changed), revision);
        return revision;
      }
      for (const namespace of namespaces) await this.#requireNamespace(namespace);
      for (const compare of compares) await this.#requireHolds(compare);
      // What stood in the way has gone meanwhile.
    }
  }

  /** Changes after `afterRevision`, see {@link Kv.watch}. */
  async *watch<T>(
    type: StoredType<T>,
    afterRevision: number,
    signal: AbortSignal,
    namespace?: string,
  ): AsyncGenerator<ResourceWatchItem<T>, void, void> {
    for await (const item of this.#kv.watch(collectionPrefix(type, namespace), afterRevision, signal)) {
      if (item.kind === "compacted") {
        yield item;
        continue;
      }
      const changes = item.events.map((event): ResourceChange<T> => {
        if (event.kind === "delete") {
          return { kind: "delete", id: idOfKey(type, event.key), revision: event.modRevision };
        }
        return { kind: "put", id: idOfKey(type, event.entry.key), stored: new StoredEntry(type, event.entry) };
      });
      yield { kind: "changes", revision: item.revision, changes };
    }
  }

  async #arrived(types: Iterable<AnyStoredType>, revision: number): Promise<void> {
    if (this.#followers.size === 0) return;
    const waits: Promise<void>[] = [];
    for (const type of types) for (const follower of this.#followers) waits.push(follower.reached(type, revision));
    await Promise.all(waits);
  }

  async #requireHolds({ key, modRevision }: Expectation): Promise<void> {
    const entry = await this.#kv.get(key);
    if ((entry?.modRevision ?? 0) === modRevision) return;
    throw new SensuError(modRevision === 0 ? "alreadyExists" : "preconditionFailed");
  }

  async #requireNamespace(namespace: string): Promise<void> {
    if ((await this.#kv.get(namespaceKey(namespace))) !== undefined) return;
    throw new SensuError("namespaceMissing", `the namespace ${namespace} does not exist`);
  }
}

/** Tag and token are made when asked for: most reads want neither. */
class StoredEntry<T> implements Stored<T> {
  readonly value: T;
  readonly revision: number;
  readonly #bytes: Uint8Array;
  readonly #place: string;

  constructor(type: StoredType<T>, entry: KvEntry) {
    this.value = decodeProto(type.message, entry.value);
    this.revision = entry.modRevision;
    this.#bytes = entry.value;
    this.#place = entry.key.slice(collectionPrefix(type).length);
  }

  get etag(): string {
    return `"${createHash("sha256").update(this.#bytes).digest().readBigUInt64BE(0).toString(16)}"`;
  }

  get position(): string {
    return encodePosition(this.#place);
  }
}
