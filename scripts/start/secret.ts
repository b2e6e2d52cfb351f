/** Small files of the state folder: for this user alone, and whole whenever the process is killed. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

/** A password made once and kept where only this user can read it. */
export function secret(file: string): string {
  const kept = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (kept === "") writeWhole(file, `${randomBytes(18).toString("base64url")}\n`);
  chmodSync(file, 0o600);
  return readFileSync(file, "utf8").trim();
}
