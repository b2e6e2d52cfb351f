/** How an event went through pipelines and handlers (U-362). */
export interface TraceStep {
  readonly kind: "filter" | "mutator" | "handler";
  readonly name: string;
  readonly outcome: "passed" | "refused" | "done" | "failed" | "skipped";
  /** Why, in words; empty when the outcome says it all. */
  readonly detail: string;
  /** Milliseconds; -1 when nothing was timed. */
  readonly ms: number;
  /** Exit status of a handler or mutator command; -1 when there is none. */
  readonly exit: number;
  /** First 4 KiB of what it wrote. */
  readonly output: string;
}

export interface TraceRun {
  /** Pipeline and workflow, or the check's own handlers. */
  readonly name: string;
  readonly verdict: "delivered" | "filtered" | "silenced" | "failed" | "nothing" | "running";
  readonly steps: readonly TraceStep[];
}

export interface Trace {
  /** Unix milliseconds at which the event entered its pipelines. */
  readonly at: number;
  readonly status: number;
  readonly runs: readonly TraceRun[];
}
