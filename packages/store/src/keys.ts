import type { ResourceType } from "@sensu-ts/core";

const ROOT = "/sensu.io/";

/** What the store needs of a registry row. */
export type StoredType<T> = Pick<ResourceType<T>, "name" | "scope" | "storePrefix" | "message" | "id">;
/** Any row, where values of several types meet. */
export interface AnyStoredType extends KeyedType {
  readonly name: string;
  readonly message: { readonly name: string };
  id(value: never): ResourceId;
}
/** Enough of a row to find keys, whatever the values are. */
export type KeyedType = Pick<ResourceType, "scope" | "storePrefix">;

export interface ResourceId {
  /** Empty for cluster-wide types. */
  readonly namespace: string;
  /** Empty for the one value of a type without names (tessen). */
  readonly name: string;
}

/** R-19, B-1001: `/sensu.io/<prefix>/[<namespace>/]<name>`; a type without names has the one key `/sensu.io/<prefix>`. */
export function resourceKey(type: KeyedType, id: ResourceId): string {
  if (type.scope === "namespaced") return `${ROOT}${type.storePrefix}/${id.namespace}/${id.name}`;
  return id.name === "" ? `${ROOT}${type.storePrefix}` : `${ROOT}${type.storePrefix}/${id.name}`;
}

/** Prefix of all keys of the type, or of those in one namespace. */
export function collectionPrefix(type: KeyedType, namespace?: string): string {
  const collection = `${ROOT}${type.storePrefix}/`;
  return namespace === undefined || type.scope === "cluster" ? collection : `${collection}${namespace}/`;
}

export function idOfKey(type: KeyedType, key: string): ResourceId {
  const rest = key.slice(collectionPrefix(type).length);
  if (type.scope === "cluster") return { namespace: "", name: rest };
  const slash = rest.indexOf("/");
  return { namespace: rest.slice(0, slash), name: rest.slice(slash + 1) };
}

export function namespaceKey(namespace: string): string {
  return `${ROOT}namespaces/${namespace}`;
}
