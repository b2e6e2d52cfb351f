/**
 * Current event per (namespace, entity, check): compare-and-write in batches, never kept as history (design 6).
 * `bytes` is the protobuf of the Event as stored; the columns beside it are what lists sort and filter
 * by without decoding.
 */
export interface EventKey {
  readonly namespace: string;
  readonly entity: string;
  readonly check: string;
}

export interface EventColumns {
  readonly timestamp: number;
  readonly status: number;
  /** `passing`, `failing`, `flapping` or empty. */
  readonly state: string;
  readonly silenced: boolean;
  readonly lastOk: number;
  readonly executed: number;
}

export interface EventWrite extends EventKey {
  /** Revision the writer saw; 0 when it saw none. */
  readonly expected: number;
  readonly columns: EventColumns;
  readonly bytes: Uint8Array;
}

export interface StoredEvent extends EventKey {
  /** Grows with every write of the key, from 1. */
  readonly revision: number;
  readonly columns: EventColumns;
  /** Shares one buffer with the other events of the same answer: copy what you keep for long. */
  readonly bytes: Uint8Array;
}

export type CommitResult =
  | { readonly ok: true; readonly revision: number }
  /** Someone else wrote: read again and merge anew. */
  | { readonly ok: false; readonly reason: "conflict" };

/**
 * `name`: by joined `namespace/entity/check`. `severity`: critical, warning, unknown, ok, without check; then
 * latest last ok, then name. `lastOk`: incidents first, then latest last ok, then name (U-81).
 */
export type EventOrder = "name" | "newest" | "oldest" | "severity" | "lastOk";

export interface EventQuery {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly entity?: string;
  readonly check?: string;
  readonly status?: readonly number[];
  /** True: only status other than 0. */
  readonly incidents?: boolean;
  readonly silenced?: boolean;
  /** Part of `entity/check`, without regard to the case of ASCII letters. */
  readonly text?: string;
  readonly order?: EventOrder;
  /** Turns the whole order around. */
  readonly descending?: boolean;
  readonly limit?: number;
  readonly offset?: number;
  /** Opaque position from a previous answer (order `name` only). */
  readonly after?: string;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Position to go on from; absent on the last page. */
  readonly next?: string;
}

export interface EventStore {
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * One durable commit (synced before it resolves); one result per write, in order. `bytes` are copied before this
   * returns. Rejects with `SensuError("unavailable")` when the store is away or too much is waiting.
   */
  commit(batch: readonly EventWrite[]): Promise<readonly CommitResult[]>;
  get(key: EventKey): Promise<StoredEvent | undefined>;
  /** One answer for each key, in order: the hot path reads a batch at once. */
  getMany(keys: readonly EventKey[]): Promise<readonly (StoredEvent | undefined)[]>;
  list(query: EventQuery): Promise<EventPage>;
  /** Number of events the query's filters match; order, limit and position are ignored. */
  count(query: EventQuery): Promise<number>;
  /** False when there was none. Durable before it resolves. */
  delete(key: EventKey): Promise<boolean>;
  /** Keys of the deleted events. */
  deleteEntity(namespace: string, entity: string): Promise<readonly EventKey[]>;
  /** Reads all events in pages, in key order, without holding a lock between pages. */
  scan(pageSize: number): AsyncIterable<readonly StoredEvent[]>;
}
