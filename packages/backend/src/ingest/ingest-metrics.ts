/** Series of the way of events (P-159). Counted in plain numbers; the registry reads them when it is asked. */
import { Counter, Gauge, type Metric, type Registry, Summary } from "prom-client";
import type { CommittedEvent } from "../bus/topics.ts";
import { QUANTILES } from "../observe/metrics.ts";

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
  #latencySum = 0;
  readonly #update = new Summary({
    name: "sensu_go_eventd_update_event_duration",
    help: "Milliseconds of a durable write of a batch of events",
    labelNames: ["status"],
    percentiles: QUANTILES,
    registers: [],
  });

  committed(items: readonly Done[]): void {
    const now = performance.now();
    for (const { draft, committed } of items) {
      if (committed.check === "") this.metricsOnly++;
      else this.checks++;
      this.points += committed.event.metrics?.points.length ?? 0;
      const waited = now - draft.arrived;
      this.#latencySum += waited;
      let i = 0;
      while (waited > (CLASSES[i] as number)) i++;
      this.latencies[i] = (this.latencies[i] as number) + 1;
    }
  }

  /** A batch was written, or could not be. */
  stored(ok: boolean, milliseconds: number): void {
    this.#update.observe({ status: ok ? "success" : "error" }, milliseconds);
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
    registry.registerMetric(this.#update);
    registry.registerMetric(this.#handlerDuration());
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

  /** A summary made of the classes: observing each event in one of the library's would cost more than the event. */
  #handlerDuration(): Metric<string> {
    const name = "sensu_go_event_handler_duration";
    const labels = { status: "success", event_type: "check" };
    const read = () => {
      const count = this.latencies.reduce((sum, one) => sum + one, 0);
      const values = QUANTILES.map((quantile) => ({
        labels: { ...labels, quantile },
        value: count === 0 ? Number.NaN : Math.min(this.latency(quantile), 1e6),
      }));
      const sum = { metricName: `${name}_sum`, labels, value: this.#latencySum };
      return [...values, sum, { metricName: `${name}_count`, labels, value: count }];
    };
    const help = "Milliseconds from an event's arrival to its commit, upper bounds since start";
    const get = async () => ({ name, help, type: "summary", aggregator: "omit", values: read() });
    return { name, help, get, reset() {} } as unknown as Metric<string>;
  }
}
