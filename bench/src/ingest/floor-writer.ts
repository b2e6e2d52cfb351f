/** The floor's SQLite thread: one transaction a batch, synced before it answers. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

export interface FloorBatch {
  readonly bytes: ArrayBuffer;
  readonly rows: readonly { readonly key: string; readonly begin: number; readonly end: number }[];
}

const db = new DatabaseSync(workerData as string);
db.exec("pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 4000");
db.exec("create table if not exists event (key text primary key, bytes blob not null) without rowid");
const upsert = db.prepare("insert into event values (?, ?) on conflict (key) do update set bytes = excluded.bytes");

parentPort?.on("message", (batch: FloorBatch) => {
  db.exec("begin immediate");
  for (const row of batch.rows) upsert.run(row.key, new Uint8Array(batch.bytes, row.begin, row.end - row.begin));
  db.exec("commit");
  parentPort?.postMessage(batch.rows.length);
});
