/** What every noun offers to the API, whatever it does inside. */
import type { JsonObject, MessageType, Verb } from "@sensu-ts/core";
import type { Identity } from "../access/identity.ts";
import type { Conditions } from "./etag.ts";

export interface Id {
  /** Empty for cluster-wide types. */
  readonly namespace: string;
  readonly name: string;
}

export interface ListQuery {
  /** Empty: cluster-wide type, or all namespaces. */
  readonly namespace: string;
  /** Absent or not positive: everything. */
  readonly limit?: number;
  /** Token of the page before. */
  readonly continue?: string;
  /** Texts of A-110; several are joined by "and". */
  readonly fieldSelector?: readonly string[];
  readonly labelSelector?: readonly string[];
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Token of the next page; absent on the last. */
  readonly continue?: string;
}

/** One resource as it is answered. */
export interface Found {
  readonly message: MessageType<unknown>;
  readonly value: unknown;
  readonly etag: string;
}

/**
 * Bodies come as functions that read them, because a caller who may not act must be told so before the body is looked
 * at.
 */
export interface ResourceActions<T> {
  list(caller: Identity, query: ListQuery): Promise<Page<T>>;
  get(caller: Identity, id: Id): Promise<Found>;
  /** Returns what was stored. */
  create(caller: Identity, namespace: string, read: () => T): Promise<T>;
  /** Creates or replaces. Returns what was stored. */
  put(caller: Identity, id: Id, read: () => T): Promise<T>;
  patch(caller: Identity, id: Id, read: () => JsonObject, conditions: Conditions): Promise<Found>;
  remove(caller: Identity, id: Id): Promise<void>;
}

export function question(verb: Verb, resource: string, id: Id) {
  return { verb, resource, namespace: id.namespace, name: id.name };
}
