/**
 * The path the last events of a key took, for the page. Refusals by built-in filters, the bulk of all events, cost one
 * small note; everything else is written out. Bounded in keys and in runs a key.
 */
import type { Trace, TraceRun } from "../ui/wire.ts";
import type { Plan } from "./plan.ts";

const MAX_NOTES = 50_000;
const MAX_KEYS = 2000;
const RUNS_PER_KEY = 10;

interface Note {
  readonly at: number;
  readonly status: number;
  readonly plan: Plan;
  /** Name of the filter that refused, by workflow in the plan's order. */
  readonly refusedBy: readonly string[];
}

export class PipelineTrace {
  readonly #notes = new Map<string, Note>();
  readonly #runs = new Map<string, readonly Trace[]>();

  refused(key: string, note: Note): void {
    if (this.#notes.size >= MAX_NOTES && !this.#notes.has(key)) dropOldest(this.#notes);
    this.#notes.set(key, note);
  }

  ran(key: string, trace: Trace): void {
    const before = this.#runs.get(key) ?? [];
    this.#runs.delete(key);
    if (this.#runs.size >= MAX_KEYS) dropOldest(this.#runs);
    this.#runs.set(key, [trace, ...before].slice(0, RUNS_PER_KEY));
  }

  /** Newest first. */
  of(namespace: string, entity: string, check: string): readonly Trace[] {
    const key = traceKey(namespace, entity, check);
    const runs = this.#runs.get(key) ?? [];
    const note = this.#notes.get(key);
    if (!note) return runs;
    return [...runs, written(note)].sort((a, b) => b.at - a.at);
  }
}

export function traceKey(namespace: string, entity: string, check: string): string {
  return `${namespace}/${entity}/${check}`;
}

function dropOldest(map: Map<string, unknown>): void {
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}

function written({ at, status, plan, refusedBy }: Note): Trace {
  const runs = plan.flatMap((pipeline) => pipeline.workflows.map((workflow) => ({ pipeline, workflow })));
  return {
    at,
    status,
    runs: runs.map(({ pipeline, workflow }, i) =>
      refusal(`${pipeline.name}/${workflow.name}`, workflow.filters, refusedBy[i] ?? ""),
    ),
  };
}

/** A run that ended at a filter. */
export function refusal(name: string, filters: readonly string[], by: string): TraceRun {
  const at = filters.indexOf(by);
  const step = { kind: "filter", detail: "", ms: -1, exit: -1, output: "" } as const;
  return {
    name,
    verdict: by === "not_silenced" ? "silenced" : "filtered",
    steps: filters
      .slice(0, at + 1)
      .map((filter, i) => ({ ...step, name: filter, outcome: i === at ? "refused" : "passed" })),
  };
}
