/** One stored check being scheduled: its timer, its rings, the request it sends. */
import { type CheckConfig, type CheckRequest, subdued } from "@sensu-ts/core";
import type { Clock, Logger } from "@sensu-ts/runtime";
import type { Definitions, RingMembers } from "./ports.ts";
import { buildRequest } from "./request.ts";
import { Ring, ringSubscriptions } from "./ring.ts";
import { publishPlain, publishProxies, type RunParts, type Turn } from "./run.ts";
import type { Deadline, Timers } from "./timers.ts";
import { createTrigger, type Trigger, triggerKey } from "./trigger.ts";

export interface JobParts extends RunParts {
  readonly definitions: Definitions;
  readonly members: RingMembers;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly hostZone: string;
  readonly log: Logger;
}

export class Job {
  readonly #parts: JobParts;
  /** Strictly growing Unix second per check (P-23). */
  readonly #issue: () => number;
  #check: CheckConfig;
  #trigger: Trigger | undefined;
  #deadline: Deadline | undefined;
  #due: number | undefined;
  #request: CheckRequest | undefined;
  readonly #rings = new Map<string, Ring>();
  /** Ends a spread run of proxy requests; while there is one, further ticks are one with it. */
  #spreading: AbortController | undefined;

  constructor(parts: JobParts, check: CheckConfig, issue: () => number) {
    this.#parts = parts;
    this.#check = check;
    this.#issue = issue;
  }

  get check(): CheckConfig {
    return this.#check;
  }

  /** When it runs next (unix ms); `undefined`: never. */
  get due(): number | undefined {
    return this.#check.publish ? this.#due : undefined;
  }

  /** Starts the timer anew; never runs at once (P-44). */
  start(): void {
    const { clock, hostZone, log } = this.#parts;
    this.#deadline?.cancel();
    this.#due = undefined;
    try {
      this.#trigger = createTrigger(this.#check, hostZone);
    } catch (error) {
      // Validation lets no such check in; one that an older program stored must not stop the others.
      this.#trigger = undefined;
      log.error(
        { check: this.#check.metadata.name, namespace: this.#check.metadata.namespace, error },
        "invalid schedule",
      );
      return;
    }
    this.#arm(this.#trigger.first(clock.now()));
  }

  update(check: CheckConfig): void {
    this.#check = check;
    this.#request = undefined;
    this.#spreading?.abort();
    for (const subscription of this.#rings.keys()) {
      if (!check.subscriptions.includes(subscription)) this.#rings.delete(subscription);
    }
    if (this.#trigger?.key !== triggerKey(check)) this.start();
  }

  /** An asset or hook of the namespace changed. */
  forgetRequest(): void {
    this.#request = undefined;
  }

  stop(): void {
    this.#deadline?.cancel();
    this.#spreading?.abort();
  }

  #arm(due: number | undefined): void {
    this.#due = due;
    if (due === undefined) {
      const { name, namespace } = this.#check.metadata;
      this.#parts.log.warn({ check: name, namespace, cron: this.#check.cron }, "the schedule never fires");
      return;
    }
    this.#deadline = this.#parts.timers.at(due, () => {
      const trigger = this.#trigger as Trigger;
      const now = this.#parts.clock.now();
      this.#arm(trigger.following(due, now));
      this.#tick(trigger, now);
    });
  }

  #tick(trigger: Trigger, now: number): void {
    const check = this.#check;
    if (!check.publish || subdued(check.subdues, now)) return;
    const { definitions, log } = this.#parts;
    this.#request ??= buildRequest(check, check.round_robin ? "etcd" : "memory", definitions, log);
    const template = this.#request;
    const turn = check.round_robin ? this.#turn() : undefined;
    const subscriptions = check.round_robin ? ringSubscriptions(check.subscriptions) : check.subscriptions;
    if (check.proxy_requests === undefined) {
      const cancelled = NEVER;
      publishPlain(this.#parts, { check, template, issued: this.#issue(), subscriptions, turn, cancelled });
      return;
    }
    if (this.#spreading !== undefined && !this.#spreading.signal.aborted) return;
    const spreading = new AbortController();
    this.#spreading = spreading;
    const run = { check, template, issued: this.#issue(), subscriptions, turn, cancelled: spreading.signal };
    publishProxies(this.#parts, run, definitions.entities(check.metadata.namespace), trigger.periodMs(now))
      .catch((error) => log.error({ check: check.metadata.name, error }, "error publishing proxy check requests"))
      .finally(() => {
        if (this.#spreading === spreading) this.#spreading = undefined;
      });
  }

  #turn(): Turn {
    const { namespace } = this.#check.metadata;
    return {
      take: (subscription, count) => {
        let ring = this.#rings.get(subscription);
        if (ring === undefined) {
          ring = new Ring();
          this.#rings.set(subscription, ring);
        }
        return ring.take(this.#parts.members.members(namespace, subscription), count);
      },
    };
  }
}

const NEVER = new AbortController().signal;
