export { openSqlite, type SqliteOptions, type SqliteStore } from "./engines/sqlite/sqlite.ts";
export type { StoreLog } from "./engines/sqlite/thread.ts";
export * from "./events/events.ts";
export * from "./events/key.ts";
export { compareKeys, prefixEnd } from "./kv/keys.ts";
export * from "./kv/kv.ts";
export { decodePosition, encodePosition } from "./position.ts";
