/** Keepalives so far (P-159), read when asked. */
import { Counter, type Registry } from "prom-client";

export interface KeepaliveCounts {
  /** Messages of agents. */
  alive: number;
  /** Agents found silent. */
  dead: number;
}

export function registerLivenessMetrics(registry: Registry, counts: Readonly<KeepaliveCounts>): void {
  new Counter({
    ...{ name: "sensu_go_keepalives", help: "Keepalives by what they say", labelNames: ["status"] },
    registers: [registry],
    collect() {
      this.reset();
      for (const status of ["alive", "dead"] as const) this.inc({ status }, counts[status]);
    },
  });
}
