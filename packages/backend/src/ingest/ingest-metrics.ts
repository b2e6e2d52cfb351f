/** Series of the way of events (P-159). Counted in plain numbers; the registry reads them when it is asked. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { CommittedEvent } from "../bus/topics.ts";

interface Done {
  readonly draft: { readonly arrived: number };
  readonly committed: CommittedEvent;
}

/** Upper ends of the latency classes, milliseconds. */
const CLASSES = [
  1,
  2,
  5,
  10,
  20,
  35,
  50,
  75,
  100,
  150,
  200,
  250,
  350,
  500,
  750,
  1000,
  2500,
  5000,
  Number.POSITIVE_INFINITY,
];

export class IngestMetrics {
  checks = 0;
  metricsOnly = 0;
  points = 0;
  errors = 0;
  readonly latencies = new Float64Array(CLASSES.length);

  committed(items: readonly Done[]): void {
    const now = performance.now();
    for (const { draft, committed } of items) {
      if (committed.check === "") this.metricsOnly++;
      else this.checks++;
      this.points += committed.event.metrics?.points.length ?? 0;
      const waited = now - draft.arrived;
      let i = 0;
      while (waited > (CLASSES[i] as number)) i++;
      this.latencies[i] = (this.latencies[i] as number) + 1;
    }
  }

  failed(): void {
    this.errors++;
  }

  /** Milliseconds from socket to commit below which `quantile` (0 to 1) of the events were; an upper bound. */
  latency(quantile: number): number {
    const wanted = this.latencies.reduce((sum, count) => sum + count, 0) * quantile;
    let seen = 0;
    for (let i = 0; i < CLASSES.length; i++) {
      seen += this.latencies[i] as number;
      if (seen >= wanted) return CLASSES[i] as number;
    }
    return 0;
  }

  register(registry: Registry, pendingBytes: () => number): void {
    const registers = [registry];
    const self = this;
    new Counter({
      ...{ name: "sensu_go_events_processed", help: "Events processed", labelNames: ["status", "type"], registers },
      collect() {
        this.reset();
        this.inc({ status: "success", type: "check" }, self.checks);
        this.inc({ status: "success", type: "metrics" }, self.metricsOnly);
        this.inc({ status: "error", type: "unknown" }, self.errors);
      },
    });
    new Counter({
      ...{ name: "sensu_go_event_metric_points_processed", help: "Metric points of processed events", registers },
      collect() {
        this.reset();
        this.inc(self.points);
      },
    });
    new Gauge({
      name: "sensu_ts_ingest_latency_milliseconds",
      help: "Milliseconds from socket to durable commit, upper bound of each quantile since start",
      labelNames: ["quantile"],
      registers,
      collect() {
        for (const quantile of [0.5, 0.9, 0.99]) this.set({ quantile }, Math.min(self.latency(quantile), 1e6));
      },
    });
    new Gauge({
      ...{ name: "sensu_ts_ingest_pending_bytes", help: "Bytes received and not yet committed", registers },
      collect() {
        this.set(pendingBytes());
      },
    });
  }
}
