/** Takes committed events through their pipelines: filter, mutate, handle (P 6). Stores nothing. */
import type { Check } from "@sensu-ts/core";
import type { Bus } from "../bus/bus.ts";
import type { CommittedEvent } from "../bus/committed-event.ts";
import { BUILT_IN_FILTERS } from "./filter.ts";
import type { TraceRun } from "./path.ts";
import { makePlan, type Plan, planKey, type Workflow } from "./plan.ts";
import { type RunParts, runWithFallbacks } from "./run.ts";
import type { PipelineTrace } from "./trace.ts";

export interface PipelinesOptions extends Omit<RunParts, "stopping"> {
  readonly bus: Bus;
  readonly trace: PipelineTrace;
  /** Events that run at the same time. */
  readonly workers: number;
  /** Events that wait; above it publishers block (P-3). */
  readonly bufferSize: number;
  /** Milliseconds a stop waits for what runs before commands are ended; 5000 when absent. */
  readonly drainMs?: number;
}

/** No pipelines, so nobody refused. */
const NOTHING: readonly string[] = [];
const MAX_PLANS = 10_000;
const DRAIN_MS = 5000;
/** Of so many events that are refused at once one is timed, the others count as it: a look at the clock costs more. */
const TIMED = 64;
/** What ended commands may take to close; more than `runCommand` needs from SIGTERM to the last output. */
const END_MS = 2500;

export class Pipelines {
  readonly #options: PipelinesOptions;
  readonly #plans = new Map<string, Plan>();
  /** By definitions that many events share. */
  #repeated = new WeakMap<Check, { readonly namespace: string; readonly plan: Plan }>();
  #ends: (() => void)[] = [];
  #stopping = new AbortController();
  #dropped = 0;
  #untimed = 0;
  #quickMs = 0;

  constructor(options: PipelinesOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    if (this.#ends.length > 0) return;
    const { bus, definitions, workers, bufferSize } = this.#options;
    this.#stopping = new AbortController();
    this.#forgetPlans();
    this.#ends = [
      definitions.onChange(() => this.#forgetPlans()),
      bus.subscribe("event", {
        name: "pipelined",
        capacity: bufferSize,
        workers,
        wants: (message) => this.#mustRun(message),
        handle: (message) => this.#take(message),
      }),
    ];
  }

  /** Lets what is queued finish for `drainMs`, then ends commands and leaves the rest; it always returns. */
  async stop(): Promise<void> {
    if (this.#ends.length === 0) return;
    const { bus, log, drainMs = DRAIN_MS } = this.#options;
    const drained = bus.drained("event");
    if (!(await within(drained, drainMs))) {
      this.#stopping.abort();
      await within(drained, END_MS);
    }
    for (const end of this.#ends) end();
    this.#ends = [];
    if (this.#dropped > 0) log.warn({ events: this.#dropped }, "stopped before all events were handled");
    this.#dropped = 0;
  }

  #forgetPlans(): void {
    this.#plans.clear();
    this.#repeated = new WeakMap();
  }

  /** Most events end here, refused by built-in filters. */
  #mustRun(message: CommittedEvent): boolean {
    const started = this.#untimed === 0 ? performance.now() : 0;
    const plan = this.#planOf(message);
    const refusedBy = plan.length === 0 ? NOTHING : refusals(plan, message);
    if (!refusedBy) return true;
    const { trace, clock, metrics } = this.#options;
    if (plan.length > 0) trace.refused(message.id, clock.now(), message.status, plan, refusedBy);
    if (started > 0) this.#quickMs = performance.now() - started;
    this.#untimed = (this.#untimed + 1) % TIMED;
    metrics.message(true, plan.length > 0, this.#quickMs);
    return false;
  }

  #take(message: CommittedEvent): void | Promise<void> {
    if (this.#stopping.signal.aborted) {
      this.#dropped++;
      return;
    }
    message.keep();
    return this.#run(this.#planOf(message), message);
  }

  #planOf(message: CommittedEvent): Plan {
    const { namespace, definition } = message;
    if (!message.repeated || !definition) return this.#planByNames(message);
    const known = this.#repeated.get(definition);
    if (known?.namespace === namespace) return known.plan;
    const plan = this.#planByNames(message);
    this.#repeated.set(definition, { namespace, plan });
    return plan;
  }

  #planByNames({ namespace, event }: CommittedEvent): Plan {
    const key = planKey(namespace, event);
    const known = this.#plans.get(key);
    if (known) return known;
    const { definitions, metrics } = this.#options;
    if (this.#plans.size >= MAX_PLANS) this.#plans.clear();
    const started = performance.now();
    const plan = makePlan(definitions, namespace, event);
    const took = performance.now() - started;
    for (const { kind, error } of plan) metrics.resolved(kind, error === undefined, took);
    this.#plans.set(key, plan);
    return plan;
  }

  async #run(plan: Plan, message: CommittedEvent): Promise<void> {
    const { trace, clock, metrics } = this.#options;
    const at = clock.now();
    const started = performance.now();
    const parts = { ...this.#options, stopping: this.#stopping.signal };
    const runs: TraceRun[] = [];
    for (const pipeline of plan) runs.push(...(await runWithFallbacks(parts, pipeline, message)));
    trace.ran(message.id, { at, status: message.status, runs });
    // A pipeline that failed is counted as such; the event's handling is not.
    metrics.message(!plan.some(({ unknown }) => unknown), true, performance.now() - started);
  }
}

/** Whether it was done in time. */
async function within(done: Promise<void>, milliseconds: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  try {
    return await Promise.race([done.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Used again for each event: it is asked for every one. */
const refusedBy: string[] = [];

/** By workflow what ended it, see `Note`; undefined when one must really run. Good until the next call. */
function refusals(plan: Plan, event: CommittedEvent): readonly string[] | undefined {
  refusedBy.length = 0;
  for (const pipeline of plan) {
    if (pipeline.error !== undefined) return undefined;
    for (const workflow of pipeline.workflows) {
      const by = refusalOf(workflow, event);
      if (by === undefined) return undefined;
      refusedBy.push(by);
    }
  }
  return refusedBy;
}

/** Only built-in filters before any other are asked: the order of filters is kept. */
function refusalOf({ filters, handler }: Workflow, event: CommittedEvent): string | undefined {
  for (const name of filters) {
    const builtIn = BUILT_IN_FILTERS.get(name);
    if (!builtIn) return undefined;
    if (!builtIn(event)) return name;
  }
  return handler ? undefined : "";
}
