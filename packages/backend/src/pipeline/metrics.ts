/** Series of pipelines (P-159): durations are milliseconds. */
import { Counter, type Registry, Summary } from "prom-client";
import { QUANTILES } from "../observe/metrics.ts";

export interface PipelineMetrics {
  /** An event that was taken through its pipelines; those that built-in filters refuse at once are not timed. */
  message(ok: boolean, hasPipelines: boolean, milliseconds: number): void;
  /** References of an event were made to workflows; kept for later events that name the same. */
  resolved(kind: "legacy" | "modern", ok: boolean, milliseconds: number): void;
  pipeline(kind: "legacy" | "modern", name: string, ok: boolean, milliseconds: number): void;
  handler(name: string, ok: boolean, milliseconds: number): void;
  mutator(name: string, ok: boolean, milliseconds: number): void;
  filter(name: string, ok: boolean, milliseconds: number): void;
}

const TYPES = { handler: "Handler", mutator: "Mutator", filter: "EventFilter" };
const PIPELINE_KINDS = { legacy: "LegacyPipeline", modern: "Pipeline" };

export function createPipelineMetrics(registry: Registry): PipelineMetrics {
  const registers = [registry];
  const duration = (name: string, help: string, labelNames: string[]) =>
    new Summary({ name: `sensu_go_${name}_duration`, help, labelNames, percentiles: QUANTILES, registers });
  const ofPart = (name: string, what: string) => duration(name, `Milliseconds of ${what}`, ["status", "resource_ref"]);
  const parts = {
    pipeline: ofPart("pipeline", "a whole pipeline"),
    filter: ofPart("pipeline_filter", "one filter"),
    mutator: ofPart("pipeline_mutator", "one mutator"),
    handler: ofPart("pipeline_handler", "one handler"),
  };
  const messages = duration("pipelined_message_handler", "Milliseconds of an event in all its pipelines", [
    "status",
    "has_pipelines",
  ]);
  const resolve = duration("pipeline_resolve", "Milliseconds of finding what pipelines are made of", [
    "status",
    "pipeline_type",
  ]);
  const total = new Counter({ name: "sensu_go_handler_requests_total", help: "Handler requests", registers });
  const byStatus = new Counter({
    name: "sensu_go_handler_requests",
    help: "Handler requests by outcome",
    labelNames: ["status", "type"],
    registers,
  });
  const status = (ok: boolean) => (ok ? "success" : "error");
  const observe = (part: keyof typeof parts, type: string, name: string, ok: boolean, milliseconds: number) =>
    parts[part].observe({ status: status(ok), resource_ref: `core/v2.${type}(Name=${name})` }, milliseconds);
  return {
    message: (ok, hasPipelines, milliseconds) =>
      messages.observe({ status: status(ok), has_pipelines: hasPipelines ? "1" : "0" }, milliseconds),
    resolved: (kind, ok, milliseconds) => resolve.observe({ status: status(ok), pipeline_type: kind }, milliseconds),
    pipeline: (kind, name, ok, milliseconds) => observe("pipeline", PIPELINE_KINDS[kind], name, ok, milliseconds),
    handler(name, ok, milliseconds) {
      observe("handler", TYPES.handler, name, ok, milliseconds);
      total.inc();
      byStatus.inc({ status: ok ? "0" : "1", type: "core/v2.Handler" });
    },
    mutator: (name, ok, milliseconds) => observe("mutator", TYPES.mutator, name, ok, milliseconds),
    filter: (name, ok, milliseconds) => observe("filter", TYPES.filter, name, ok, milliseconds),
  };
}
