/** `sensu-backend backup FILE` and `restore FILE`: copies of the built-in store, made while a backend uses it (B-1301). */
import path from "node:path";
import { SensuError } from "@sensu-ts/core";
import { askControl, type Logger } from "@sensu-ts/runtime";
import { copySqlite, restoreSqlite } from "@sensu-ts/store";
import { storeFolder } from "./store-folder.ts";

function oneFile(command: string, rest: readonly string[]): string {
  const [file, ...more] = rest;
  if (file === undefined || more.length > 0) {
    throw new SensuError("invalid", `name one file: sensu-backend ${command} FILE`);
  }
  return path.resolve(file);
}

export function runBackup(stateDir: string, rest: readonly string[], log: Logger): void {
  const file = oneFile("backup", rest);
  copySqlite(storeFolder(stateDir), file);
  log.info({ file }, "backup written");
}

export async function runRestore(stateDir: string, rest: readonly string[], log: Logger): Promise<void> {
  const file = oneFile("restore", rest);
  if ((await askControl(stateDir, "/", {})) !== undefined) {
    throw new SensuError("invalid", `a backend is running on ${stateDir}: stop it first`);
  }
  restoreSqlite(file, storeFolder(stateDir));
  log.info({ file }, "backup restored");
}
