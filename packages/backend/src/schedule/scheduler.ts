/** Runs every stored check when it is due, and one now when asked (spec: pipeline 2). */
import { type CheckConfig, SensuError } from "@sensu-ts/core";
import type { Clock, Logger } from "@sensu-ts/runtime";
import { Job, type JobParts } from "./job.ts";
import type { AdhocRun, DefinitionKind, Definitions, EntityMatcher, Publisher, RingMembers } from "./ports.ts";
import { buildRequest } from "./request.ts";
import { publishPlain, publishProxies } from "./run.ts";
import { Timers } from "./timers.ts";
import { createTrigger } from "./trigger.ts";

export interface SchedulerOptions {
  readonly definitions: Definitions;
  readonly publisher: Publisher;
  readonly members: RingMembers;
  readonly matcher: EntityMatcher;
  readonly log: Logger;
  readonly clock: Clock;
  /** IANA name of the zone of cron texts without a prefix (P-14). */
  readonly hostZone: string;
}

export type SchedulerKind = "interval" | "cron" | "round_robin_interval" | "round_robin_cron";

/** Ad-hoc runs of proxy checks that may be spreading their requests at one time. */
const MOST_SPREADING = 1000;

export class Scheduler {
  readonly #parts: JobParts;
  readonly #timers: Timers;
  readonly #jobs = new Map<string, Job>();
  /** Unix second last issued, per check; kept after deletion so that a new check of the name goes on growing. */
  readonly #issued = new Map<string, number>();
  #unsubscribe: (() => void) | undefined;
  #stopping = new AbortController();
  #spreading = 0;

  constructor(options: SchedulerOptions) {
    this.#timers = new Timers(options.clock);
    this.#parts = {
      ...options,
      timers: this.#timers,
      sleep: (ms, cancelled) => this.#sleep(ms, cancelled),
    };
  }

  async start(): Promise<void> {
    if (this.#unsubscribe !== undefined) return;
    this.#stopping = new AbortController();
    const { definitions } = this.#parts;
    this.#unsubscribe = definitions.onChange((kind, namespace, name) => this.#changed(kind, namespace, name));
    for (const check of definitions.checks()) this.#add(check);
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#stopping.abort();
    for (const job of this.#jobs.values()) job.stop();
    this.#jobs.clear();
    this.#timers.clear();
  }

  /** Whatever `publish`, subdues and `round_robin` say (P-43). Resolves with the Unix second it was issued at. */
  async execute(namespace: string, stored: CheckConfig, adhoc: AdhocRun): Promise<number> {
    const check = adhoc.subscriptions.length > 0 ? { ...stored, subscriptions: adhoc.subscriptions } : stored;
    const { definitions, log, clock, hostZone } = this.#parts;
    const issued = this.#issue(jobKey(namespace, check.metadata.name));
    const run = {
      check,
      template: buildRequest(check, "memory", definitions, log),
      issued,
      subscriptions: check.subscriptions,
      turn: undefined,
      cancelled: this.#stopping.signal,
    };
    if (check.proxy_requests === undefined) {
      publishPlain(this.#parts, run);
      return issued;
    }
    if (this.#spreading >= MOST_SPREADING) throw new SensuError("unavailable", "too many ad hoc runs at a time");
    this.#spreading++;
    const period = check.proxy_requests.splay ? createTrigger(check, hostZone).periodMs(clock.now()) : 0;
    publishProxies(this.#parts, run, definitions.entities(namespace), period)
      .catch((error) => log.error({ check: check.metadata.name, error }, "error publishing proxy check requests"))
      .finally(() => this.#spreading--);
    return issued;
  }

  /** Undefined when there is no such check; `at` (unix ms) is undefined when it is not scheduled (U-143). */
  nextRun(namespace: string, name: string): { readonly at: number | undefined } | undefined {
    const job = this.#jobs.get(jobKey(namespace, name));
    return job && { at: job.due };
  }

  /** How many checks of each kind are scheduled, per namespace (P-159). */
  counts(): ReadonlyMap<string, Readonly<Record<SchedulerKind, number>>> {
    const counts = new Map<string, Record<SchedulerKind, number>>();
    for (const { check } of this.#jobs.values()) {
      const { namespace } = check.metadata;
      let row = counts.get(namespace);
      if (row === undefined) {
        row = { interval: 0, cron: 0, round_robin_interval: 0, round_robin_cron: 0 };
        counts.set(namespace, row);
      }
      row[`${check.round_robin ? "round_robin_" : ""}${check.cron === "" ? "interval" : "cron"}`]++;
    }
    return counts;
  }

  #add(check: CheckConfig): void {
    const key = jobKey(check.metadata.namespace, check.metadata.name);
    const job = new Job(this.#parts, check, () => this.#issue(key));
    this.#jobs.set(key, job);
    job.start();
  }

  #changed(kind: DefinitionKind, namespace: string, name: string): void {
    if (kind === "asset" || kind === "hook") {
      for (const job of this.#jobs.values()) if (job.check.metadata.namespace === namespace) job.forgetRequest();
    }
    if (kind !== "check") return;
    const key = jobKey(namespace, name);
    const check = this.#parts.definitions.check(namespace, name);
    const job = this.#jobs.get(key);
    if (check === undefined) {
      job?.stop();
      this.#jobs.delete(key);
    } else if (job === undefined) this.#add(check);
    else if (job.check !== check) job.update(check);
  }

  #issue(key: string): number {
    const issued = Math.max(Math.floor(this.#parts.clock.now() / 1000), (this.#issued.get(key) ?? 0) + 1);
    this.#issued.set(key, issued);
    return issued;
  }

  #sleep(ms: number, cancelled: AbortSignal): Promise<boolean> {
    if (cancelled.aborted || this.#stopping.signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (whole: boolean) => {
        deadline.cancel();
        cancelled.removeEventListener("abort", abort);
        this.#stopping.signal.removeEventListener("abort", abort);
        resolve(whole);
      };
      const abort = () => end(false);
      const deadline = this.#timers.at(this.#parts.clock.now() + ms, () => end(true));
      cancelled.addEventListener("abort", abort);
      this.#stopping.signal.addEventListener("abort", abort);
    });
  }
}

function jobKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
