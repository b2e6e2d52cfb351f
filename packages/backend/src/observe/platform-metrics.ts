/** Selected series of `/metrics`, appended to a file in InfluxDB's line protocol (P-158, B-550 to B-552). */
import type { Clock, Logger } from "@sensu-ts/runtime";
import type { Registry } from "prom-client";
import { LogFile } from "./log-file.ts";

/** What the original writes, as far as it can exist here: its etcd is not ours. */
const SELECTED = new Set([
  ...["sensu_go_wizard_bus", "sensu_go_event_handler_duration", "sensu_go_events_processed"],
  ...["sensu_go_agent_sessions", "sensu_go_session_errors", "sensu_go_websocket_errors"],
  ...["sensu_go_agentd_event_bytes", "sensu_go_lease_ops", "sensu_go_pipelined_message_handler_duration"],
  ...["create_proxy_entity", "update_event", "bus_publish", "liveness_factory", "switches_alive", "switches_bury"].map(
    (name) => `sensu_go_eventd_${name}_duration`,
  ),
  ...["", "_resolve", "_filter", "_mutator", "_handler"].map((part) => `sensu_go_pipeline${part}_duration`),
  ...["sensu_go_asset_fetch_duration", "sensu_go_asset_expand_duration", "graphql_duration_seconds"],
]);

export interface PlatformMetricsOptions {
  readonly file: string;
  readonly intervalMs: number;
  readonly registry: Registry;
  /** Tag `backend`. */
  readonly backend: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class PlatformMetricsLog {
  readonly #options: PlatformMetricsOptions;
  readonly #file: LogFile;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PlatformMetricsOptions) {
    this.#options = options;
    this.#file = new LogFile(options.file);
  }

  /** A file that cannot be opened is logged: the backend runs without this log. */
  async start(): Promise<void> {
    if (this.#timer || !(await this.#open())) return;
    this.#timer = setInterval(() => void this.#write(), this.#options.intervalMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#file.close();
  }

  /** After a rotation. */
  async reopen(): Promise<void> {
    if (this.#timer) await this.#open();
  }

  async #open(): Promise<boolean> {
    const { file, log } = this.#options;
    try {
      await this.#file.open();
      return true;
    } catch (error) {
      log.error({ file, error }, "the platform metrics log cannot be opened (disable-platform-metrics turns it off)");
      return false;
    }
  }

  async #write(): Promise<void> {
    const { registry, backend, clock, log, file } = this.#options;
    try {
      const now = clock.now();
      const series = await registry.getMetricsAsJSON();
      const lines = series
        .filter(({ name }) => SELECTED.has(name))
        .flatMap(({ name, values }) => values.map((value) => line(name, value, backend, now)))
        .filter((text) => text !== undefined);
      await this.#file.write(lines.join(""));
    } catch (error) {
      log.error({ file, error }, "error writing the platform metrics log");
    }
  }
}

interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly metricName?: string;
}

/** Undefined for a sample that is no number. `name` of a summary's sum and count is that of the sample. */
function line(name: string, { value, labels, metricName = name }: Sample, backend: string, now: number) {
  if (!Number.isFinite(value)) return undefined;
  const tags = Object.entries({ ...labels, backend })
    .filter(([, text]) => text !== undefined && text !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, text]) => `,${escaped(key)}=${escaped(String(text))}`);
  return `${metricName}${tags.join("")} ${metricName}=${value} ${now}000000\n`;
}

/** Tags end at blanks, commas and equals signs; a line end cannot be written at all. */
function escaped(text: string): string {
  return text.replace(/[\r\n]+/g, " ").replace(/[ ,=\\]/g, "\\$&");
}
