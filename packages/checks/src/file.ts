import { statSync } from "node:fs";
import type { Result } from "./result.ts";

/** Fails while the file was changed less than `seconds` ago: a switch to try an alert with. */
export function file(path: string, seconds: number, now: number): Result {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (modified === undefined) return { status: "ok", text: `${path} does not exist` };
  const age = Math.max(0, Math.round((now - modified) / 1000));
  return age < seconds
    ? { status: "critical", text: `${path} was changed ${age} s ago; fine again when that is ${seconds} s` }
    : { status: "ok", text: `${path} was last changed ${age} s ago` };
}
