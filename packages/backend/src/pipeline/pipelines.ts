/** Takes committed events through their pipelines: filter, mutate, handle (P 6). Stores nothing. */
import { type Event, SensuError } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { Clock } from "../access/mod.ts";
import type { Bus } from "../bus/bus.ts";
import type { CommittedEvent } from "../bus/topics.ts";
import type { TraceRun, TraceStep } from "../ui/wire.ts";
import type { Definitions } from "./definitions.ts";
import { BUILT_IN_FILTERS, passes } from "./filter.ts";
import { handle } from "./handle.ts";
import type { PipelineMetrics } from "./metrics.ts";
import { mutate } from "./mutate.ts";
import { makePlan, type Plan, type PlannedPipeline, planKey, type Workflow } from "./plan.ts";
import type { Scripts } from "./ports.ts";
import { type PipelineTrace, refusal, traceKey } from "./trace.ts";

export interface PipelinesOptions {
  readonly bus: Bus;
  readonly definitions: Definitions;
  readonly scripts: Scripts;
  readonly trace: PipelineTrace;
  readonly metrics: PipelineMetrics;
  readonly log: Logger;
  readonly clock: Clock;
  readonly workers: number;
  readonly bufferSize: number;
  /** What commands inherit (P-133). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const MAX_PLANS = 10_000;
const OUTPUT_KEPT = 4096;
/** How long a stop waits for what is running before commands are ended. */
const DRAIN_MS = 5000;

export class Pipelines {
  readonly #options: PipelinesOptions;
  readonly #plans = new Map<string, Plan>();
  #ends: (() => void)[] = [];
  #stopping = new AbortController();

  constructor(options: PipelinesOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    if (this.#ends.length > 0) return;
    const { bus, definitions, workers, bufferSize } = this.#options;
    this.#stopping = new AbortController();
    this.#ends = [
      definitions.onChange(() => this.#plans.clear()),
      bus.subscribe("event", {
        name: "pipelined",
        capacity: bufferSize,
        workers,
        handle: (message) => this.#take(message),
      }),
    ];
  }

  async stop(): Promise<void> {
    if (this.#ends.length === 0) return;
    const timer = setTimeout(() => this.#stopping.abort(), DRAIN_MS);
    await this.#options.bus.drained("event");
    clearTimeout(timer);
    for (const end of this.#ends) end();
    this.#ends = [];
  }

  /** Most events end here at once, refused by built-in filters; a promise is made only for the others. */
  #take(message: CommittedEvent): void | Promise<void> {
    const plan = this.#planOf(message);
    if (plan.length === 0) return;
    const refusedBy = refusals(plan, message.event);
    const { trace, clock } = this.#options;
    const key = traceKey(message.namespace, message.entity, message.check);
    if (refusedBy) {
      trace.refused(key, { at: clock.now(), status: message.event.check?.status ?? 0, plan, refusedBy });
      return;
    }
    return this.#run(plan, message, key);
  }

  #planOf({ namespace, event }: CommittedEvent): Plan {
    const key = planKey(namespace, event);
    let plan = this.#plans.get(key);
    if (!plan) {
      if (this.#plans.size >= MAX_PLANS) this.#plans.clear();
      plan = makePlan(this.#options.definitions, namespace, event);
      this.#plans.set(key, plan);
    }
    return plan;
  }

  async #run(plan: Plan, message: CommittedEvent, key: string): Promise<void> {
    const at = this.#options.clock.now();
    const runs: TraceRun[] = [];
    for (const pipeline of plan) await this.#runPipeline(pipeline, message, runs);
    this.#options.trace.ran(key, { at, status: message.event.check?.status ?? 0, runs });
  }

  async #runPipeline(pipeline: PlannedPipeline, message: CommittedEvent, runs: TraceRun[]): Promise<void> {
    const fields = about(message, pipeline.name);
    if (pipeline.error !== undefined) {
      this.#options.log.error({ ...fields, error: pipeline.error }, "skipping execution of pipeline");
      if (pipeline.workflows.length === 0) runs.push({ name: pipeline.name, verdict: "failed", steps: [] });
    }
    for (const workflow of pipeline.workflows) {
      const steps: TraceStep[] = [];
      let verdict: TraceRun["verdict"] = "failed";
      try {
        verdict = await this.#runWorkflow(workflow, message, steps);
      } catch (error) {
        const log = message.check === "keepalive" && !workflow.handler ? "debug" : "error";
        this.#options.log[log]({ ...fields, workflow: workflow.name, error }, "error in workflow, skipping it");
      }
      const name = `${pipeline.name}/${workflow.name}`;
      const last = steps.at(-1);
      if (verdict === "filtered" && last) runs.push({ ...refusal(name, [last.name], last.name), steps });
      else runs.push({ name, verdict, steps });
      if (verdict === "failed" && !pipeline.continueOnError) return;
    }
  }

  async #runWorkflow(
    workflow: Workflow,
    message: CommittedEvent,
    steps: TraceStep[],
  ): Promise<"delivered" | "filtered" | "nothing" | "failed"> {
    const { event, namespace } = message;
    for (const name of workflow.filters) {
      const passed = await this.#step(steps, "filter", name, async () => {
        const passed = await this.#filter(namespace, name, event);
        return { outcome: passed ? "passed" : "refused", value: passed };
      });
      if (!passed) return "filtered";
    }
    const { handler, handlerName } = workflow;
    if (!handler) {
      const level = message.check === "keepalive" ? "debug" : "info";
      this.#options.log[level](
        { ...about(message, workflow.name), handler: handlerName },
        "handler does not exist, will be ignored",
      );
      steps.push({
        ...STEP,
        kind: "handler",
        name: handlerName,
        outcome: "skipped",
        detail: "there is no such handler",
      });
      return "nothing";
    }
    const bytes = await this.#step(steps, "mutator", workflow.mutator || "json", async () => ({
      outcome: "done",
      value: await mutate(this.#options, namespace, workflow.mutator, event),
    }));
    const ok = await this.#step(steps, "handler", handlerName, async () => {
      const { exit, output } = await handle(handler, bytes, this.#options.environment, this.#stopping.signal);
      const done = exit <= 0 && exit !== -1 ? true : handler.type !== "pipe";
      const fields = {
        ...about(message, workflow.name),
        handler: handlerName,
        status: exit,
        output: output.slice(0, OUTPUT_KEPT),
      };
      if (handler.type !== "pipe") this.#options.log.info(fields, `event ${handler.type} handler executed`);
      else if (done) this.#options.log.info(fields, "event pipe handler executed");
      else this.#options.log.error(fields, "event pipe handler returned non ok status code");
      const detail = done ? "" : exit === -1 ? "ended by a signal" : `exit status ${exit}`;
      return { outcome: done ? "done" : "failed", value: done, exit, output, detail };
    });
    return ok ? "delivered" : "failed";
  }

  async #filter(namespace: string, name: string, event: Event): Promise<boolean> {
    const builtIn = BUILT_IN_FILTERS.get(name);
    if (builtIn) return builtIn(event);
    const filter = this.#options.definitions.filter(namespace, name);
    if (!filter) throw new SensuError("notFound", `could not retrieve filter: ${name} does not exist`);
    const { scripts, log, clock } = this.#options;
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
      const detail = error instanceof Error ? error.message : String(error);
      steps.push({ ...STEP, kind, name, outcome: "failed", detail, ms: performance.now() - started });
      throw error;
    } finally {
      this.#options.metrics[kind](name, ok, performance.now() - started);
    }
  }
}

const STEP = { detail: "", ms: -1, exit: -1, output: "" } as const;

function about(message: CommittedEvent, pipeline: string) {
  return { namespace: message.namespace, entity: message.entity, check: message.check, pipeline };
}

/** The filter that refused, by workflow, when built-in filters refuse every one; else undefined. */
function refusals(plan: Plan, event: Event): readonly string[] | undefined {
  const refusedBy: string[] = [];
  for (const pipeline of plan) {
    if (pipeline.error !== undefined) return undefined;
    for (const workflow of pipeline.workflows) {
      const by = firstRefusal(workflow, event);
      if (by === undefined) return undefined;
      refusedBy.push(by);
    }
  }
  return refusedBy;
}

/** Only built-in filters before any other are asked: the order of filters is kept. */
function firstRefusal(workflow: Workflow, event: Event): string | undefined {
  for (const name of workflow.filters) {
    const builtIn = BUILT_IN_FILTERS.get(name);
    if (!builtIn) return undefined;
    if (!builtIn(event)) return name;
  }
  return undefined;
}
