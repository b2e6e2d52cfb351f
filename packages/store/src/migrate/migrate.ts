import type { DatabaseSync } from "node:sqlite";
import { step1 } from "./step-1.ts";

/** One step a file, in order; the schema version of a database is the number of steps it has taken. */
const STEPS: readonly ((db: DatabaseSync) => void)[] = [step1];

export const SCHEMA_VERSION = STEPS.length;

/** Takes the steps that are missing, each in a transaction of its own with its version. Refuses data from the future. */
export function migrate(db: DatabaseSync): void {
  db.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
  const row = db.prepare("SELECT version FROM schema_version").get();
  let version = row === undefined ? 0 : Number(row["version"]);
  if (version > SCHEMA_VERSION) {
    throw new Error(
      `the data has schema version ${version}, this program knows up to ${SCHEMA_VERSION}: use the version that wrote it, or a newer`,
    );
  }
  while (version < SCHEMA_VERSION) {
    db.exec("BEGIN IMMEDIATE");
    try {
      STEPS[version]?.(db);
      version++;
      db.exec("DELETE FROM schema_version");
      db.prepare("INSERT INTO schema_version (version) VALUES (?)").run(version);
      db.exec("COMMIT");
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  }
}
