import { statfsSync } from "node:fs";
import { grade, type Limits, type Result } from "./result.ts";

/** Used space of the file system that holds `path`, in percent, as `df` counts it. */
export function disk(path: string, limits: Limits): Result {
  const { blocks, bfree, bavail, bsize } = statfsSync(path);
  const taken = blocks - bfree;
  const used = taken + bavail > 0 ? (100 * taken) / (taken + bavail) : 0;
  const free = (bavail * bsize) / 2 ** 30;
  return {
    status: grade(used, limits),
    text: `disk ${path} ${used.toFixed(1)} % in use, ${free.toFixed(1)} GiB free`,
    metrics: [`disk_used=${used.toFixed(1)}%;${limits.warning};${limits.critical}`],
  };
}
