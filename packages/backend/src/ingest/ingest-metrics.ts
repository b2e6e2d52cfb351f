/**
 * Series of the way of events (P-159), each event's cost some nanoseconds: what happens to a batch is timed once and
 * counts for each of its events.
 */
import { Counter, Gauge, type Registry } from "prom-client";
import type { CommittedEvent } from "../bus/committed-event.ts";
import { byOutcome, combinations, STATUS, Summary } from "../observe/summary.ts";

interface Done {
  readonly arrived: number;
  readonly committed: CommittedEvent;
}

/** What the gauges read when they are asked. */
export interface IngestState {
  pendingEvents(): number;
  /** Received and not yet committed, wherever they wait. */
  pendingBytes(): number;
}

export class IngestMetrics {
  #checks = 0;
  #metricsOnly = 0;
  #points = 0;
  #failedChecks = 0;
  #failedOthers = 0;
  /** Of an event with a check, from the socket to its durable commit; of one without, to the bus. */
  readonly #handled;
  readonly #handledMetrics;
  readonly #updated;
  readonly #published;
  readonly #publishedMetrics;
  readonly #proxies;
  readonly #storedChecks;
  readonly #storedBoth;

  constructor(registry: Registry) {
    const summary = (name: string, help: string, labels: Readonly<Record<string, readonly string[]>>) =>
      new Summary(registry, `sensu_go_${name}`, help, combinations(labels));
    const handled = summary(
      "event_handler_duration",
      "Milliseconds from the socket to the durable commit of an event",
      {
        ...{ status: STATUS, event_type: ["check", "metrics", "unknown"] },
      },
    );
    this.#handled = byOutcome((status) => handled.with({ status, event_type: "check" }));
    this.#handledMetrics = byOutcome((status) => handled.with({ status, event_type: "metrics" }));
    const updated = summary("eventd_update_event_duration", "Milliseconds of the commit of an event", {
      status: STATUS,
    });
    this.#updated = byOutcome((status) => updated.with({ status }));
    const published = summary("eventd_bus_publish_duration", "Milliseconds until the bus had room for an event", {
      ...{ status: STATUS, event_type: ["check", "metrics"] },
    });
    this.#published = byOutcome((status) => published.with({ status, event_type: "check" }));
    this.#publishedMetrics = byOutcome((status) => published.with({ status, event_type: "metrics" }));
    const proxies = summary("eventd_create_proxy_entity_duration", "Milliseconds of making a proxy entity", {
      status: STATUS,
    });
    this.#proxies = byOutcome((status) => proxies.with({ status }));
    const stored = new Summary(registry, "sensu_go_store_event_bytes", "Bytes of events as they are stored");
    this.#storedChecks = stored.with({ type: "check" });
    this.#storedBoth = stored.with({ type: "check+metrics" });
    this.#count(registry);
  }

  /** A batch is in the store; `began` is `performance.now()` when it was handed over. */
  committed(items: readonly Done[], began: number): void {
    const now = performance.now();
    const handled = this.#handled(true);
    let checks = 0;
    for (const { arrived, committed } of items) {
      if (committed.hasMetrics) this.#points += committed.event.metrics?.points.length ?? 0;
      if (committed.check === "") this.#handledMetrics(true).observe(now - arrived);
      else {
        checks++;
        handled.observe(now - arrived);
      }
    }
    this.#checks += checks;
    this.#metricsOnly += items.length - checks;
    if (checks > 0) this.#updated(true).observe(now - began, checks);
  }

  commitFailed(events: number, began: number): void {
    this.#updated(false).observe(performance.now() - began, events);
  }

  /** An event was given up that arrived at `arrived` (`performance.now()`). */
  failed(hasCheck: boolean, arrived: number): void {
    if (hasCheck) this.#failedChecks++;
    else this.#failedOthers++;
    (hasCheck ? this.#handled : this.#handledMetrics)(false).observe(performance.now() - arrived);
  }

  published(ok: boolean, items: readonly Done[], began: number): void {
    const took = performance.now() - began;
    let checks = 0;
    for (const { committed } of items) if (committed.check !== "") checks++;
    if (checks > 0) this.#published(ok).observe(took, checks);
    if (items.length > checks) this.#publishedMetrics(ok).observe(took, items.length - checks);
  }

  madeProxy(ok: boolean, milliseconds: number): void {
    this.#proxies(ok).observe(milliseconds);
  }

  encoded(bytes: number, hasMetrics: boolean): void {
    (hasMetrics ? this.#storedBoth : this.#storedChecks).observe(bytes);
  }

  #count(registry: Registry): void {
    const registers = [registry];
    const self = this;
    new Counter({
      ...{ name: "sensu_go_events_processed", help: "Events processed", labelNames: ["status", "type"], registers },
      collect() {
        this.reset();
        this.inc({ status: "success", type: "check" }, self.#checks);
        this.inc({ status: "success", type: "metrics" }, self.#metricsOnly);
        this.inc({ status: "error", type: "check" }, self.#failedChecks);
        this.inc({ status: "error", type: "unknown" }, self.#failedOthers);
      },
    });
    new Counter({
      ...{ name: "sensu_go_event_metric_points_processed", help: "Metric points of processed events", registers },
      collect() {
        this.reset();
        this.inc(self.#points);
      },
    });
    new Gauge({
      name: "sensu_ts_ingest_latency_milliseconds",
      help: "Milliseconds from socket to durable commit",
      labelNames: ["quantile"],
      registers,
      collect() {
        const quantiles = [0.5, 0.9, 0.99];
        const values = self.#handled(true).values(quantiles, performance.now());
        for (const [i, quantile] of quantiles.entries()) this.set({ quantile }, values[i] || 0);
      },
    });
  }

  register(registry: Registry, state: IngestState): void {
    const registers = [registry];
    new Gauge({
      ...{ name: "sensu_go_event_handlers_busy", help: "Events taken and not yet committed and published", registers },
      collect() {
        this.set(state.pendingEvents());
      },
    });
    new Gauge({
      ...{ name: "sensu_ts_ingest_pending_bytes", help: "Bytes received and not yet committed", registers },
      collect() {
        this.set(state.pendingBytes());
      },
    });
  }
}
