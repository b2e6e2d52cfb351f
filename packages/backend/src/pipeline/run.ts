/** Takes one event through its pipelines, in order, and writes down what happened (P-101 to P-108). */
import { type Event, SensuError } from "@sensu-ts/core";
import type { Clock, Logger } from "@sensu-ts/runtime";
import type { CommittedEvent } from "../bus/committed-event.ts";
import type { Definitions } from "./definitions.ts";
import { BUILT_IN_FILTERS, passes } from "./filter.ts";
import { handle } from "./handle.ts";
import type { PipelineMetrics } from "./metrics.ts";
import { mutate } from "./mutate.ts";
import type { TraceRun, TraceStep } from "./path.ts";
import type { PlannedPipeline, Workflow } from "./plan.ts";
import type { Scripts } from "./ports.ts";
import { refusedVerdict } from "./trace.ts";

export interface RunParts {
  readonly definitions: Definitions;
  readonly scripts: Scripts;
  readonly metrics: PipelineMetrics;
  readonly log: Logger;
  readonly clock: Clock;
  /** What commands inherit (P-133). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends commands and connections that run. */
  readonly stopping: AbortSignal;
}

const OUTPUT_KEPT = 4096;
const STEP = { detail: "", ms: -1, exit: -1, output: "" } as const;

/**
 * The pipeline, and while one fails the next of its fallbacks (P-111): to be filtered out is no failure. What ran of
 * their workflows; errors are logged and in the runs' steps, never thrown.
 */
export async function runWithFallbacks(
  parts: RunParts,
  pipeline: PlannedPipeline,
  message: CommittedEvent,
): Promise<readonly TraceRun[]> {
  const all: TraceRun[] = [];
  for (let one: PlannedPipeline | undefined = pipeline; one; one = one.fallback?.to) {
    const { ok, runs } = await runPipeline(parts, one, message);
    all.push(...runs);
    if (ok) break;
    if (one.fallback && !one.fallback.to) {
      const { namespace, entity, check } = message;
      const fields = { entity_namespace: namespace, entity_name: entity, check_name: check };
      parts.log.error(
        { ...fields, fallback_pipeline: one.fallback.name },
        "all pipelines of the fallback pipeline failed",
      );
    }
  }
  return all;
}

async function runPipeline(
  parts: RunParts,
  pipeline: PlannedPipeline,
  message: CommittedEvent,
): Promise<{ readonly ok: boolean; readonly runs: readonly TraceRun[] }> {
  const started = performance.now();
  const runs = await new PipelineRun(parts, pipeline, message).all();
  const ok = pipeline.error === undefined && runs.every(({ verdict }) => verdict !== "failed");
  parts.metrics.pipeline(pipeline.kind, pipeline.name, ok, performance.now() - started);
  return { ok, runs };
}

class PipelineRun {
  readonly #parts: RunParts;
  readonly #pipeline: PlannedPipeline;
  readonly #message: CommittedEvent;
  readonly #about: Readonly<Record<string, unknown>>;

  constructor(parts: RunParts, pipeline: PlannedPipeline, message: CommittedEvent) {
    this.#parts = parts;
    this.#pipeline = pipeline;
    this.#message = message;
    this.#about = {
      entity_namespace: message.namespace,
      entity_name: message.entity,
      check_name: message.check,
      pipeline: pipeline.name,
    };
  }

  async all(): Promise<readonly TraceRun[]> {
    const { name, workflows, error, continueOnError } = this.#pipeline;
    const { log } = this.#parts;
    const runs: TraceRun[] = [];
    if (error !== undefined) {
      log.error(this.#about, `${error}, skipping execution of ${workflows.length === 0 ? "pipeline" : "this part"}`);
      const step = { ...STEP, kind: "handler", name, outcome: "failed", detail: error } as const;
      runs.push({ name, verdict: "failed", steps: [step] });
    }
    for (const workflow of workflows) {
      const run = await this.#workflow(workflow);
      runs.push(run);
      if (run.verdict === "failed" && !continueOnError) break;
    }
    return runs;
  }

  async #workflow(workflow: Workflow): Promise<TraceRun> {
    const name = `${this.#pipeline.name}/${workflow.name}`;
    const steps: TraceStep[] = [];
    try {
      return { name, verdict: await this.#steps(workflow, steps), steps };
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      const fields = { ...this.#about, pipeline_workflow: workflow.name, error };
      this.#parts.log.error(fields, `${cause}, skipping execution of pipeline`);
      return { name, verdict: "failed", steps };
    }
  }

  async #steps(workflow: Workflow, steps: TraceStep[]): Promise<TraceRun["verdict"]> {
    const { event, namespace } = this.#message;
    for (const name of workflow.filters) {
      const passed = await this.#step(steps, "filter", name, async () => {
        const passed = await this.#filter(name);
        return { outcome: passed ? "passed" : "refused", value: passed };
      });
      if (!passed) return refusedVerdict(name);
    }
    const { handler, handlerName } = workflow;
    const fields = { ...this.#about, pipeline_workflow: workflow.name, handler: handlerName };
    if (!handler) {
      // Every keepalive names one that most systems do not have.
      this.#parts.log.debug(fields, "handler does not exist, will be ignored");
      const detail = "there is no such handler";
      steps.push({ ...STEP, kind: "handler", name: handlerName, outcome: "skipped", detail });
      return "nothing";
    }
    const bytes = await this.#step(steps, "mutator", workflow.mutator || "json", async () => ({
      outcome: "done",
      value: await mutate(this.#parts, namespace, workflow.mutator, event),
    }));
    const { environment, stopping, log } = this.#parts;
    const ok = await this.#step(steps, "handler", handlerName, async () => {
      const { exit, output } = await handle(handler, bytes, environment, stopping);
      if (handler.type !== "pipe") {
        log.info(fields, `event ${handler.type} handler executed`);
        return { outcome: "done", value: true };
      }
      const told = { ...fields, status: exit, output: output.slice(0, OUTPUT_KEPT) };
      if (exit === 0) log.info(told, "event pipe handler executed");
      else log.error(told, "event pipe handler returned non ok status code");
      const detail = exit === 0 ? "" : exit === -1 ? "ended by a signal" : `exit status ${exit}`;
      return { outcome: exit === 0 ? "done" : "failed", value: exit === 0, exit, output, detail };
    });
    return ok ? "delivered" : "failed";
  }

  async #filter(name: string): Promise<boolean> {
    const { definitions, scripts, log, clock } = this.#parts;
    const { event, namespace }: { event: Event; namespace: string } = this.#message;
    const builtIn = BUILT_IN_FILTERS.get(name);
    if (builtIn) return builtIn(this.#message);
    const filter = definitions.filter(namespace, name);
    if (!filter) throw new SensuError("notFound", `could not retrieve filter: ${name} does not exist`);
    return passes({ scripts, log, now: () => clock.now() }, filter, event);
  }

  /** Times a step and writes it down, also when it throws. */
  async #step<T>(
    steps: TraceStep[],
    kind: TraceStep["kind"],
    name: string,
    act: () => Promise<Partial<Omit<TraceStep, "outcome">> & { outcome: TraceStep["outcome"]; value: T }>,
  ): Promise<T> {
    const started = performance.now();
    let ok = false;
    try {
      const { value, ...told } = await act();
      ok = told.outcome !== "failed";
      const output = (told.output ?? "").slice(0, OUTPUT_KEPT);
      steps.push({ ...STEP, kind, name, ms: performance.now() - started, ...told, output });
      return value;
    } catch (error) {
      const detail = (error instanceof Error ? error.message : String(error)).slice(0, OUTPUT_KEPT);
      steps.push({ ...STEP, kind, name, outcome: "failed", detail, ms: performance.now() - started });
      throw error;
    } finally {
      this.#parts.metrics[kind](name, ok, performance.now() - started);
    }
  }
}
