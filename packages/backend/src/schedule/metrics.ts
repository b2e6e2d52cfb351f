/** Gauges of scheduled checks (P-159), counted when asked. */
import { Gauge, type Registry } from "prom-client";
import type { Scheduler, SchedulerKind } from "./scheduler.ts";

const KINDS: readonly SchedulerKind[] = ["interval", "cron", "round_robin_interval", "round_robin_cron"];

export function registerSchedulerMetrics(registry: Registry, scheduler: Pick<Scheduler, "counts">): void {
  for (const kind of KINDS) {
    new Gauge({
      name: `sensu_go_${kind}_schedulers`,
      help: `Number of active ${kind.replaceAll("_", " ")} check schedulers on this backend`,
      labelNames: ["namespace"],
      registers: [registry],
      collect() {
        this.reset();
        for (const [namespace, counts] of scheduler.counts()) this.set({ namespace }, counts[kind]);
      },
    });
  }
}
