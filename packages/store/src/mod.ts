export { type CacheChange, ResourceCache } from "./cache.ts";
export { copySqlite, restoreSqlite } from "./engines/sqlite/copy.ts";
export type { StoreTrouble } from "./engines/sqlite/protocol.ts";
export { openSqlite, type SqliteOptions, type SqliteStore } from "./engines/sqlite/sqlite.ts";
export { joinEntity, splitEntity } from "./entities.ts";
export * from "./events/events.ts";
export * from "./events/key.ts";
export {
  type AnyStoredType,
  collectionPrefix,
  idOfKey,
  namespaceKey,
  type ResourceId,
  resourceKey,
  type StoredType,
} from "./keys.ts";
export { compareKeys, prefixEnd } from "./kv/keys.ts";
export * from "./kv/kv.ts";
export type { StoreLog } from "./log.ts";
export { SCHEMA_VERSION } from "./migrate/migrate.ts";
export { deleteNamespace } from "./namespaces.ts";
export { decodePosition, encodePosition } from "./position.ts";
export * from "./resources.ts";
