/** Series of the bus (P-159), read when asked. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Bus } from "./bus.ts";

export function registerBusMetrics(registry: Registry, bus: Pick<Bus, "depths" | "published">): void {
  const registers = [registry];
  new Counter({
    ...{ name: "sensu_go_bus_messages_published", help: "Messages published", labelNames: ["topic"], registers },
    collect() {
      this.reset();
      for (const [topic, count] of bus.published()) this.inc({ topic }, count);
    },
  });
  new Gauge({
    ...{ name: "sensu_go_wizard_bus", help: "Messages that wait for subscribers", labelNames: ["topic"], registers },
    collect() {
      this.reset();
      for (const { topic, waiting } of bus.depths()) this.inc({ topic }, waiting);
    },
  });
}
