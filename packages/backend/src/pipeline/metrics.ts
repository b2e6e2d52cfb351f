/** Series of pipelines (P-159): durations are milliseconds. */
import { Counter, type Registry } from "prom-client";
import type { Distribution } from "../observe/distribution.ts";
import { byOutcome, combinations, type Labels, STATUS, Summary } from "../observe/summary.ts";

export interface PipelineMetrics {
  /** An event that was taken through its pipelines. */
  message(ok: boolean, hasPipelines: boolean, milliseconds: number): void;
  /** References of an event were made to workflows; kept for later events that name the same. */
  resolved(kind: "legacy" | "modern", ok: boolean, milliseconds: number): void;
  /** Not of events that built-in filters refuse at once, nor are `filter`s. */
  pipeline(kind: "legacy" | "modern", name: string, ok: boolean, milliseconds: number): void;
  handler(name: string, ok: boolean, milliseconds: number): void;
  mutator(name: string, ok: boolean, milliseconds: number): void;
  filter(name: string, ok: boolean, milliseconds: number): void;
}

const MAX_NAMES = 2000;

export function createPipelineMetrics(registry: Registry): PipelineMetrics {
  const summary = (name: string, what: string, known: readonly Labels[] = []) =>
    new Summary(registry, `sensu_go_${name}_duration`, `Milliseconds of ${what}`, known);
  const pipelines = summary("pipeline", "a whole pipeline");
  const byKind = { legacy: byName(pipelines, "LegacyPipeline"), modern: byName(pipelines, "Pipeline") };
  const messages = summary(
    "pipelined_message_handler",
    "an event in all its pipelines",
    combinations({ status: STATUS, has_pipelines: ["0", "1"] }),
  );
  const withPipelines = byOutcome((status) => messages.with({ status, has_pipelines: "1" }));
  const without = byOutcome((status) => messages.with({ status, has_pipelines: "0" }));
  const resolving = summary("pipeline_resolve", "finding what pipelines are made of");
  const resolved = {
    legacy: byOutcome((status) => resolving.with({ status, pipeline_type: "legacy" })),
    modern: byOutcome((status) => resolving.with({ status, pipeline_type: "modern" })),
  };
  const handler = byName(summary("pipeline_handler", "one handler"), "Handler");
  const requests = countRequests(registry);
  return {
    message: (ok, hasPipelines, milliseconds) => (hasPipelines ? withPipelines : without)(ok).observe(milliseconds),
    resolved: (kind, ok, milliseconds) => resolved[kind](ok).observe(milliseconds),
    pipeline: (kind, name, ok, milliseconds) => byKind[kind](name, ok, milliseconds),
    handler(name, ok, milliseconds) {
      handler(name, ok, milliseconds);
      if (ok) requests.succeeded++;
      else requests.failed++;
    },
    mutator: byName(summary("pipeline_mutator", "one mutator"), "Mutator"),
    filter: byName(summary("pipeline_filter", "one filter"), "EventFilter"),
  };
}

/** Labels are put together once for each name. */
function byName(summary: Summary, type: string): (name: string, ok: boolean, milliseconds: number) => void {
  const succeeded = new Map<string, Distribution>();
  const failed = new Map<string, Distribution>();
  return (name, ok, milliseconds) => {
    const known = ok ? succeeded : failed;
    let durations = known.get(name);
    if (!durations) {
      durations = summary.with({ status: ok ? "success" : "error", resource_ref: `core/v2.${type}(Name=${name})` });
      if (known.size >= MAX_NAMES) known.clear();
      known.set(name, durations);
    }
    durations.observe(milliseconds);
  };
}

/** Plain numbers: a counter of the library looks its labels up each time. */
function countRequests(registry: Registry): { succeeded: number; failed: number } {
  const registers = [registry];
  const counts = { succeeded: 0, failed: 0 };
  new Counter({
    ...{ name: "sensu_go_handler_requests_total", help: "Handler requests", registers },
    collect() {
      this.reset();
      this.inc(counts.succeeded + counts.failed);
    },
  });
  const type = "core/v2.Handler";
  new Counter({
    ...{ name: "sensu_go_handler_requests", help: "Handler requests by outcome", labelNames: ["status", "type"] },
    registers,
    collect() {
      this.reset();
      this.inc({ status: "0", type }, counts.succeeded);
      this.inc({ status: "1", type }, counts.failed);
    },
  });
  return counts;
}
