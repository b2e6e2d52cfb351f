import type { DatabaseSync } from "node:sqlite";

/**
 * First schema. `events.key` is `namespace/entity/check` so that its order is the API's. Rows carry `bytes`
 * last: scans over the columns before it then skip what does not fit into the page. Rowid tables: an update of a 2 KB
 * row costs a third of what it costs WITHOUT ROWID (docs/decisions/2026-11-24-event-store-format.md).
 */
export function step1(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO meta (name, value) VALUES ('revision', 0), ('compacted', 0);

    CREATE TABLE kv (
      key TEXT PRIMARY KEY,
      create_revision INTEGER NOT NULL,
      mod_revision INTEGER NOT NULL,
      lease TEXT,
      value BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX kv_lease ON kv (lease) WHERE lease IS NOT NULL;

    CREATE TABLE changes (
      id INTEGER PRIMARY KEY,
      revision INTEGER NOT NULL,
      at INTEGER NOT NULL,
      key TEXT NOT NULL,
      create_revision INTEGER NOT NULL,
      deleted INTEGER NOT NULL,
      value BLOB NOT NULL
    );
    CREATE INDEX changes_revision ON changes (revision);

    CREATE TABLE leases (id TEXT PRIMARY KEY) WITHOUT ROWID;

    CREATE TABLE events (
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      revision INTEGER NOT NULL,
      timestamp INTEGER NOT NULL,
      status INTEGER NOT NULL,
      state TEXT NOT NULL,
      silenced INTEGER NOT NULL,
      last_ok INTEGER NOT NULL,
      executed INTEGER NOT NULL,
      bytes BLOB NOT NULL
    );
    CREATE INDEX events_incidents ON events (status, last_ok) WHERE status <> 0;
  `);
}
