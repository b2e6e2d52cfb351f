/**
 * The key-value store everything but events rests on: etcd's semantics in small (design 6). Keys are strings ordered
 * bytewise (UTF-8); every committed transaction that changes something gets the next revision; a watch sees every change after its start revision, in
 * order, without gaps.
 *
 * Ownership: values given in and out are not shared; do not change them afterwards. All methods may be called
 * concurrently. A method that cannot reach the store throws `SensuError("unavailable")`.
 */
export interface KvEntry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
}

export interface KvRange {
  readonly entries: readonly KvEntry[];
  /** Revision the range was read at. */
  readonly revision: number;
  /** There are more keys after the last entry. */
  readonly more: boolean;
}

export interface RangeOptions {
  readonly prefix: string;
  /** Start after this key (exclusive). */
  readonly after?: string;
  readonly limit?: number;
  readonly keysOnly?: boolean;
}

export type KvCompare =
  /** Holds when the key's modRevision equals `modRevision`; 0 means "the key does not exist". */
  | { readonly key: string; readonly modRevision: number }
  /** Holds when the key exists. */
  | { readonly key: string; readonly exists: true }
  /** Holds when no key starts with `prefix`. */
  | { readonly prefix: string; readonly empty: true };

export type KvOp =
  | { readonly op: "put"; readonly key: string; readonly value: Uint8Array; readonly lease?: string }
  | { readonly op: "delete"; readonly key: string }
  | { readonly op: "deletePrefix"; readonly prefix: string };

export interface KvTxnResult {
  /** False: a comparison failed, nothing was changed. */
  readonly committed: boolean;
  readonly revision: number;
}

export type KvEvent =
  | { readonly kind: "put"; readonly entry: KvEntry }
  | { readonly kind: "delete"; readonly key: string; readonly modRevision: number };

export type KvWatchItem =
  | { readonly kind: "events"; readonly revision: number; readonly events: readonly KvEvent[] }
  /** The start revision is gone: list again at `revision` and watch from there. The watch ends after it. */
  | { readonly kind: "compacted"; readonly revision: number };

export interface KvLease {
  readonly id: string;
  /** Resolves when the lease is lost; its keys are then gone. */
  readonly lost: Promise<void>;
  revoke(): Promise<void>;
}

export interface Kv {
  start(): Promise<void>;
  stop(): Promise<void>;
  get(key: string): Promise<KvEntry | undefined>;
  range(options: RangeOptions): Promise<KvRange>;
  /**
   * All comparisons hold -> all operations apply at one new revision, durably, before this resolves. A key may be
   * touched by one operation only (`SensuError("invalid")`). A lease that is lost gives `SensuError("notFound")`.
   */
  txn(compares: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult>;
  /**
   * Changes under `prefix` with modRevision > `afterRevision`. Ends when `signal` aborts or the store stops. An item's
   * `revision` is where to go on from after it.
   */
  watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<KvWatchItem>;
  /** Kept alive by the store until revoked, stopped, or out of touch for `ttlSeconds`. */
  lease(ttlSeconds: number): Promise<KvLease>;
  /** Forgets the watch history up to and including `revision`; a revision of the future is invalid. */
  compact(revision: number): Promise<void>;
  revision(): Promise<number>;
}
