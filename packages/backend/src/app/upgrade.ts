/** `sensu-backend upgrade` (B-240 to B-242): takes the steps of the store's schema that are missing. */
import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { setTimeout as delay } from "node:timers/promises";
import { SensuError } from "@sensu-ts/core";
import { askControl, type Logger } from "@sensu-ts/runtime";
import { openSqlite, SCHEMA_VERSION } from "@sensu-ts/store";
import type { UpgradeOptions } from "./options.ts";
import { storeFolder } from "./store-folder.ts";

const RETRY_MS = 250;
const QUESTION =
  "Are you sure you want to upgrade your Sensu database? This operation cannot be undone; make sure you back up your database! (y/N) ";

export async function runUpgrade(options: UpgradeOptions, log: Logger): Promise<void> {
  if (!options["skip-confirm"] && !(await confirmed())) throw new SensuError("invalid", "upgrade aborted by operator");
  const folder = storeFolder(options["state-dir"]);
  if (!existsSync(folder))
    throw new SensuError("invalid", `there is no database in ${folder}: start the backend first`);
  const end = Date.now() + options.timeout;
  // Any answer at all means a running backend, which took every step when it started.
  while ((await askControl(options["state-dir"], "/", {})) === undefined) {
    try {
      const store = openSqlite({ folder });
      await store.start();
      await store.stop();
      break;
    } catch (error) {
      if (!(error instanceof SensuError && error.code === "unavailable") || Date.now() > end) throw error;
      await delay(RETRY_MS);
    }
  }
  log.info({ database_version: SCHEMA_VERSION }, "database already up to date");
}

async function confirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // The end of the input is no answer, and ends no question by itself.
  const ended = new AbortController();
  terminal.once("close", () => ended.abort());
  try {
    return /^y(es)?$/i.test((await terminal.question(QUESTION, { signal: ended.signal })).trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
