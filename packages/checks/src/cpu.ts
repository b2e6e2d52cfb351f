import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { grade, type Limits, type Result } from "./result.ts";

const SAMPLE_MS = 500;

function times(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const cpu of cpus()) {
    idle += cpu.times.idle;
    for (const part of Object.values(cpu.times)) total += part;
  }
  return { idle, total };
}

/** Share of all processors in use over half a second, in percent. */
export async function cpu(limits: Limits): Promise<Result> {
  const before = times();
  await delay(SAMPLE_MS);
  const after = times();
  const total = after.total - before.total;
  const used = total > 0 ? 100 * (1 - (after.idle - before.idle) / total) : 0;
  return {
    status: grade(used, limits),
    text: `CPU ${used.toFixed(1)} % in use`,
    metrics: [`cpu_used=${used.toFixed(1)}%;${limits.warning};${limits.critical}`],
  };
}
