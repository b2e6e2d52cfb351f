/** What the main thread and the two kinds of worker say to each other. */
import type { EventQuery } from "../../events/events.ts";
import type { KvCompare, KvEntry, KvEvent, KvOp, KvTxnResult } from "../../kv/kv.ts";

/** A batch of event writes: bytes in one transferred buffer, numbers in another, see `pack.ts`. */
export interface PackedWrites {
  /** `namespace/entity/check`. */
  readonly keys: readonly string[];
  readonly states: readonly string[];
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Stored events in the same form. */
export interface PackedEvents extends PackedWrites {
  readonly more: boolean;
}

export type WriteRequest =
  | { readonly op: "commitEvents"; readonly batch: PackedWrites }
  | { readonly op: "deleteEvent"; readonly key: string }
  /** Answer: keys of the deleted events. */
  | { readonly op: "deleteEvents"; readonly prefix: string }
  | { readonly op: "txn"; readonly compares: readonly KvCompare[]; readonly ops: readonly KvOp[] }
  | { readonly op: "compact"; readonly revision: number }
  | { readonly op: "grantLease"; readonly lease: string }
  | { readonly op: "revokeLease"; readonly lease: string };

export interface CommitAnswer {
  /** New revision of each event; 0 is a conflict. */
  readonly revisions: Float64Array<ArrayBuffer>;
  /** The batch's own, for the next batch. */
  readonly buffer: ArrayBuffer;
}

export interface WriteAnswers {
  commitEvents: CommitAnswer;
  deleteEvent: boolean;
  deleteEvents: readonly string[];
  txn: KvTxnResult;
  compact: undefined;
  grantLease: undefined;
  revokeLease: KvTxnResult;
}

export type ReadRequest =
  | { readonly op: "kvGet"; readonly key: string }
  | {
      readonly op: "kvRange";
      readonly prefix: string;
      readonly after?: string | undefined;
      readonly limit?: number | undefined;
      readonly keysOnly?: boolean | undefined;
    }
  | { readonly op: "kvChanges"; readonly prefix: string; readonly after: number; readonly limit: number }
  | { readonly op: "kvRevision" }
  | { readonly op: "getEvents"; readonly keys: readonly string[] }
  | { readonly op: "listEvents"; readonly query: EventQuery; readonly afterKey?: string | undefined }
  | { readonly op: "countEvents"; readonly query: EventQuery };

export interface KvChanges {
  /** The changes up to here are known: those in `events`, and there are no others under the prefix. */
  readonly revision: number;
  readonly events: readonly KvEvent[];
  readonly compacted: boolean;
}

export interface ReadAnswers {
  kvGet: KvEntry | undefined;
  kvRange: { readonly entries: readonly KvEntry[]; readonly revision: number; readonly more: boolean };
  kvChanges: KvChanges;
  kvRevision: number;
  /** Only those found, in the order of the keys asked for. */
  getEvents: PackedEvents;
  listEvents: PackedEvents;
  countEvents: number;
}

export type Request<R> = { readonly id: number; readonly request: R } | { readonly stop: true };

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly error: string;
      readonly code: "unavailable" | "invalid" | "notFound" | "internal";
      readonly trouble?: StoreTrouble | undefined;
    };

/** No room to write, or pages that are not as they were written. */
export type StoreTrouble = "full" | "damaged";

export type FromWorker =
  | { readonly kind: "ready"; readonly revision: number }
  /** Opening failed; the worker ends. */
  | { readonly kind: "refused"; readonly error: string }
  | {
      readonly kind: "answers";
      readonly answers: readonly Answer[];
      /** Keys that the commit changed in the key-value store and its revision then; writer only. */
      readonly changed?: { readonly revision: number; readonly keys: readonly string[] };
    };

export interface WorkerSettings {
  readonly folder: string;
  /** Skip fsync: only for tests and `etcd-unsafe-no-fsync`. */
  readonly unsafeNoFsync: boolean;
  readonly quotaBytes: number | undefined;
  /** A new process: leases of the one before are dropped. */
  readonly dropLeases: boolean;
  readonly history: HistoryLimits;
}

/** How much watch history is kept; what is older is compacted. */
export interface HistoryLimits {
  readonly changes: number;
  readonly bytes: number;
  readonly milliseconds: number;
}
