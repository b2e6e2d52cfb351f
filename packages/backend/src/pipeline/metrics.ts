/** Series of pipelines (P-159). */
import { Counter, type Registry, Summary } from "prom-client";
import { QUANTILES } from "../observe/metrics.ts";

export interface PipelineMetrics {
  handler(name: string, ok: boolean, milliseconds: number): void;
  mutator(name: string, ok: boolean, milliseconds: number): void;
  filter(name: string, ok: boolean, milliseconds: number): void;
}

export function createPipelineMetrics(registry: Registry): PipelineMetrics {
  const registers = [registry];
  const duration = (part: string) =>
    new Summary({
      name: `sensu_go_pipeline_${part}_duration`,
      help: `Milliseconds of a pipeline's ${part}`,
      labelNames: ["status", "resource_ref"],
      percentiles: QUANTILES,
      registers,
    });
  const durations = { handler: duration("handler"), mutator: duration("mutator"), filter: duration("filter") };
  const total = new Counter({ name: "sensu_go_handler_requests_total", help: "Handler requests", registers });
  const byStatus = new Counter({
    name: "sensu_go_handler_requests",
    help: "Handler requests by outcome",
    labelNames: ["status", "type"],
    registers,
  });
  const observe = (part: keyof typeof durations, type: string, name: string, ok: boolean, milliseconds: number) =>
    durations[part].observe({ status: ok ? "0" : "1", resource_ref: `core/v2.${type}(Name=${name})` }, milliseconds);
  return {
    handler(name, ok, milliseconds) {
      observe("handler", "Handler", name, ok, milliseconds);
      total.inc();
      byStatus.inc({ status: ok ? "0" : "1", type: "core/v2.Handler" });
    },
    mutator: (name, ok, milliseconds) => observe("mutator", "Mutator", name, ok, milliseconds),
    filter: (name, ok, milliseconds) => observe("filter", "EventFilter", name, ok, milliseconds),
  };
}
