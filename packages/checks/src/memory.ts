import { readFileSync } from "node:fs";
import { grade, type Limits, type Result } from "./result.ts";

/** Memory that programs cannot get any more, in percent of all (MemAvailable of the kernel). */
export function memory(limits: Limits): Result {
  const info = readFileSync("/proc/meminfo", "utf8");
  const kib = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(info)?.[1]);
  const total = kib("MemTotal");
  const available = kib("MemAvailable");
  const used = (100 * (total - available)) / total;
  return {
    status: grade(used, limits),
    text: `memory ${used.toFixed(1)} % in use, ${Math.round(available / 1024)} MiB available`,
    metrics: [`memory_used=${used.toFixed(1)}%;${limits.warning};${limits.critical}`],
  };
}
