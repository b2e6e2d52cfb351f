/**
 * The path the last events of a key took, for the page. Refusals by built-in filters, the bulk of all events, cost one
 * small note; everything else is written out. Bounded in keys, in runs a key and in bytes.
 */
import { eventId } from "../bus/committed-event.ts";
import type { Trace, TraceRun } from "./path.ts";
import type { Plan, Workflow } from "./plan.ts";

const MAX_NOTES = 50_000;
const MAX_KEYS = 20_000;
const RUNS_PER_KEY = 10;
const MAX_BYTES = 8 << 20;
/** About what a trace takes besides its text. */
const HELD_BYTES = 64;

/** An event that no workflow let through to a handler. */
interface Note {
  /** Unix milliseconds. */
  at: number;
  status: number;
  plan: Plan;
  /** By workflow in the plan's order: the filter that refused; empty when all passed and there is no handler. */
  refusedBy: readonly string[];
}

/** As JSON, newest first: one text where there would be some thirty objects, of which most are never looked at. */
interface Held {
  readonly traces: readonly string[];
  readonly bytes: number;
}

export class PipelineTrace {
  readonly #notes = new Map<string, Note>();
  readonly #runs = new Map<string, Held>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Only the last refusal of a key, the id of its events, is kept: a key's note is written over, as fresh ones would all
   * grow old.
   */
  refused(key: string, at: number, status: number, plan: Plan, refusedBy: readonly string[]): void {
    const known = this.#notes.get(key);
    if (known) {
      known.at = at;
      known.status = status;
      if (known.plan === plan && sameNames(known.refusedBy, refusedBy)) return;
      known.plan = plan;
      known.refusedBy = [...refusedBy];
      return;
    }
    if (this.#notes.size >= MAX_NOTES) {
      const oldest = this.#notes.keys().next();
      if (!oldest.done) this.#notes.delete(oldest.value);
    }
    this.#notes.set(key, { at, status, plan, refusedBy: [...refusedBy] });
  }

  ran(key: string, trace: Trace): void {
    const traces = [JSON.stringify(trace), ...(this.#runs.get(key)?.traces ?? [])].slice(0, RUNS_PER_KEY);
    this.#forget(key);
    // A character takes two bytes at most.
    const bytes = traces.reduce((sum, one) => sum + HELD_BYTES + 2 * one.length, key.length);
    this.#runs.set(key, { traces, bytes });
    this.#bytes += bytes;
    while (this.#runs.size > MAX_KEYS || this.#bytes > this.#maxBytes) {
      const oldest = this.#runs.keys().next();
      if (oldest.done) return;
      this.#forget(oldest.value);
    }
  }

  /** Newest first. */
  of(namespace: string, entity: string, check: string): readonly Trace[] {
    const key = eventId({ namespace, entity, check });
    const runs = (this.#runs.get(key)?.traces ?? []).map((text) => JSON.parse(text) as Trace);
    const note = this.#notes.get(key);
    if (!note) return runs;
    return [...runs, written(note)].sort((a, b) => b.at - a.at).slice(0, RUNS_PER_KEY);
  }

  #forget(key: string): void {
    this.#bytes -= this.#runs.get(key)?.bytes ?? 0;
    this.#runs.delete(key);
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

function written({ at, status, plan, refusedBy }: Note): Trace {
  const runs = plan.flatMap((pipeline) => pipeline.workflows.map((workflow) => ({ pipeline, workflow })));
  return {
    at,
    status,
    runs: runs.map(({ pipeline, workflow }, i) => refusal(pipeline.name, workflow, refusedBy[i] ?? "")),
  };
}

const STEP = { detail: "", ms: -1, exit: -1, output: "" } as const;

function refusal(pipeline: string, { name, filters, handlerName }: Workflow, by: string): TraceRun {
  const run = `${pipeline}/${name}`;
  const kind = "filter";
  if (by === "") {
    const passed = filters.map((filter) => ({ ...STEP, kind, name: filter, outcome: "passed" }) as const);
    const detail = "there is no such handler";
    const skipped = { ...STEP, kind: "handler", name: handlerName, outcome: "skipped", detail } as const;
    return { name: run, verdict: "nothing", steps: [...passed, skipped] };
  }
  const at = filters.indexOf(by);
  return {
    name: run,
    verdict: refusedVerdict(by),
    steps: filters
      .slice(0, at + 1)
      .map((filter, i) => ({ ...STEP, kind, name: filter, outcome: i === at ? "refused" : "passed" })),
  };
}

export function refusedVerdict(filter: string): "silenced" | "filtered" {
  return filter === "not_silenced" ? "silenced" : "filtered";
}
