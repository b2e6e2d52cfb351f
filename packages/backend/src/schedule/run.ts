/** One run of a check: who gets which request (P-27, P-31 to P-38, P-43). */
import { type CheckConfig, type CheckRequest, type EntityConfig, proxyGapMs, substituteCheck } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { EntityMatcher, Publisher } from "./ports.ts";

/** Agents of one ring that have this turn, and the ring's subscription; absent: everyone with the subscription. */
export interface Turn {
  take(subscription: string, count: number): readonly string[];
}

export interface RunParts {
  readonly publisher: Publisher;
  readonly matcher: EntityMatcher;
  readonly log: Logger;
  /** Resolves after the time, or with false at once when the run is cancelled. */
  sleep(ms: number, cancelled: AbortSignal): Promise<boolean>;
}

export interface Run {
  readonly check: CheckConfig;
  /** Complete but for `issued`. */
  readonly template: CheckRequest;
  readonly issued: number;
  /** Subscriptions whose sessions get it: of a round-robin check, its rings. */
  readonly subscriptions: readonly string[];
  readonly turn: Turn | undefined;
  readonly cancelled: AbortSignal;
}

export function publishPlain({ publisher, log }: Pick<RunParts, "publisher" | "log">, run: Run): void {
  const request: CheckRequest = { ...run.template, issued: run.issued };
  for (const subscription of run.subscriptions) {
    if (run.turn === undefined) send(publisher, log, run.check, subscription, request);
    else {
      for (const agent of run.turn.take(subscription, 1)) {
        send(publisher, log, run.check, `entity:${agent}`, request);
      }
    }
  }
}

/** One request a matching entity, spread over the period when the check says so. */
export async function publishProxies(
  parts: RunParts,
  run: Run,
  entities: readonly EntityConfig[],
  periodMs: number,
): Promise<void> {
  const { matcher, log } = parts;
  const { check, turn, cancelled } = run;
  const wanted = check.proxy_requests;
  if (wanted === undefined) return;
  const fields = { check: check.metadata.name, namespace: check.metadata.namespace };
  const matching = await matcher.match(wanted.entity_attributes, entities);
  if (matching.length === 0) {
    log.warn(fields, "no matching entities, check will not be published");
    return;
  }
  const gap = wanted.splay ? proxyGapMs(periodMs, wanted.splay_coverage, matching.length) : 0;
  const turns = turn && run.subscriptions.map((subscription) => turn.take(subscription, matching.length));
  for (const [index, entity] of matching.entries()) {
    if (turns === undefined && gap > 0 && !(await parts.sleep(gap, cancelled))) return;
    if (cancelled.aborted) return;
    const request = proxyRequest(run, entity, log);
    if (request !== undefined) {
      const receivers = turns
        ? turns.flatMap((agents) => agents.slice(index, index + 1)).map((agent) => `entity:${agent}`)
        : run.subscriptions;
      for (const receiver of receivers) send(parts.publisher, log, check, receiver, request);
    }
    if (turns !== undefined && gap > 0 && !(await parts.sleep(gap, cancelled))) return;
  }
}

function proxyRequest(run: Run, entity: EntityConfig, log: Logger): CheckRequest | undefined {
  const name = entity.metadata?.name ?? "";
  try {
    const config: CheckConfig = { ...substituteCheck(run.check, entity), proxy_entity_name: name };
    return { ...run.template, config, issued: run.issued };
  } catch (error) {
    const { name: check, namespace } = run.check.metadata;
    log.error({ check, namespace, error }, `could not substitute tokens for proxy entity ${JSON.stringify(name)}`);
    return undefined;
  }
}

function send(
  publisher: Publisher,
  log: Logger,
  check: CheckConfig,
  subscription: string,
  request: CheckRequest,
): void {
  try {
    publisher.publish(check.metadata.namespace, subscription, request);
  } catch (error) {
    // One subscription's failure does not stop the others (P-27).
    log.error({ check: check.metadata.name, subscription, error }, "error publishing check request");
  }
}
