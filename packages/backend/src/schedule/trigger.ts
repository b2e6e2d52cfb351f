/** When a check runs next: interval with splay, or cron (P-9 to P-13). */
import { createHash } from "node:crypto";
import { type CheckConfig, type CronSchedule, cronPeriodMs, firstDelayMs, parseCron, splayOf } from "@sensu-ts/core";

export interface Trigger {
  /** What it was made from: a check with another key needs a new trigger (P-44). */
  readonly key: string;
  readonly kind: "interval" | "cron";
  /** First firing after now (unix ms); `undefined`: never. */
  first(nowMs: number): number | undefined;
  /** Firing after the one due at `dueMs` that is being handled now. */
  following(dueMs: number, nowMs: number): number | undefined;
  /** Milliseconds over which proxy requests may be spread (P-34). */
  periodMs(nowMs: number): number;
}

export function triggerKey(check: CheckConfig): string {
  return `${check.round_robin ? "ring " : ""}${check.cron === "" ? check.interval : check.cron}`;
}

/** Throws `SensuError("invalid")` when the check has neither an interval nor a readable cron text. */
export function createTrigger(check: CheckConfig, hostZone: string): Trigger {
  const key = triggerKey(check);
  return check.cron === "" ? interval(check, key) : cron(parseCron(check.cron, hostZone), key);
}

function interval(check: CheckConfig, key: string): Trigger {
  const seconds = Math.max(1, check.interval);
  const period = seconds * 1000;
  const splay = splayOf(createHash("md5").update(check.metadata.name).digest());
  const first = (nowMs: number) => nowMs + firstDelayMs(splay, nowMs, seconds);
  return {
    key,
    kind: "interval",
    first,
    following(dueMs, nowMs) {
      const next = dueMs + period;
      // In time: from the due time, so that lateness does not add up. Late by periods, or the clock was set back:
      // missed ticks are one (P-12) and the phase is found anew.
      return next > nowMs && next <= nowMs + period ? next : first(nowMs);
    },
    periodMs: () => period,
  };
}

function cron(schedule: CronSchedule, key: string): Trigger {
  return {
    key,
    kind: "cron",
    first: (nowMs) => schedule.next(nowMs),
    following: (dueMs, nowMs) => schedule.next(Math.max(dueMs, nowMs)),
    periodMs: (nowMs) => cronPeriodMs(schedule, nowMs),
  };
}
