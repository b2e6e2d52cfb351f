/** Arithmetic of interval timers (P-11) and of spread proxy requests (P-34). */
import type { CronSchedule } from "./cron.ts";

/** First 8 bytes, little-endian, of the MD5 of the check's name; the caller hashes. */
export function splayOf(md5: Uint8Array): bigint {
  return new DataView(md5.buffer, md5.byteOffset, md5.byteLength).getBigUint64(0, true);
}

/** Nanoseconds until the first firing. 64-bit wrapping, so that every backend agrees on a check's phase (P-11). */
export function firstDelayNs(splay: bigint, nowNs: bigint, intervalSeconds: number): bigint {
  return BigInt.asUintN(64, splay - nowNs) % (BigInt(intervalSeconds) * 1_000_000_000n);
}

/** {@link firstDelayNs} for a clock of milliseconds; the answer keeps its fraction. */
export function firstDelayMs(splay: bigint, nowMs: number, intervalSeconds: number): number {
  return Number(firstDelayNs(splay, BigInt(Math.round(nowMs * 1e6)), intervalSeconds)) / 1e6;
}

const DEFAULT_COVERAGE = 90;
/** A cron firing nearer than this is skipped when the period is measured. */
const SHORTEST_CRON_PERIOD = 5000;

/** Milliseconds between two of `count` proxy requests of one period (P-34). */
export function proxyGapMs(periodMs: number, splayCoverage: number, count: number): number {
  return (periodMs * (splayCoverage === 0 ? DEFAULT_COVERAGE : splayCoverage)) / 100 / count;
}

/** Milliseconds to the next firing that is at least 5 s away; 0 when the schedule never fires again (P-34). */
export function cronPeriodMs(schedule: CronSchedule, nowMs: number): number {
  const first = schedule.next(nowMs);
  if (first === undefined) return 0;
  if (first - nowMs >= SHORTEST_CRON_PERIOD) return first - nowMs;
  const from = first + 1000;
  const second = schedule.next(from);
  return second === undefined ? 0 : second - from;
}
