/** Check results as events (W-95, W-96). */
import { isUtf8 } from "node:buffer";
import { Check, type CheckConfig, type Entity, Event, type Hidden, type Int64, ObjectMeta, RAW } from "@sensu-ts/core";

/** Annotation of a check that replaces status 3 of a failure event. */
export const DENY_STATUS = "allow_list_on_deny_status";
const UNSTARTED_STATUS = 3;

/** The definition without what must not travel back, as a result to be filled in. */
export function checkFromConfig(config: CheckConfig): Check {
  const { name, namespace, labels, annotations } = config.metadata;
  return Check.create({
    metadata: ObjectMeta.create({ name, namespace, labels, annotations }),
    command: config.command,
    handlers: config.handlers,
    high_flap_threshold: config.high_flap_threshold,
    low_flap_threshold: config.low_flap_threshold,
    interval: config.interval,
    publish: config.publish,
    runtime_assets: config.runtime_assets,
    subscriptions: config.subscriptions,
    proxy_entity_name: config.proxy_entity_name,
    check_hooks: config.check_hooks,
    stdin: config.stdin,
    subdue: config.subdue,
    cron: config.cron,
    ttl: config.ttl,
    timeout: config.timeout,
    proxy_requests: config.proxy_requests,
    round_robin: config.round_robin,
    output_metric_format: config.output_metric_format,
    output_metric_handlers: config.output_metric_handlers,
    output_metric_tags: config.output_metric_tags,
    output_metric_thresholds: config.output_metric_thresholds,
    env_vars: config.env_vars,
    discard_output: config.discard_output,
    max_output_size: config.max_output_size,
    scheduler: config.scheduler,
    pipelines: config.pipelines,
    fallback_pipeline: config.fallback_pipeline,
    ttl_status: config.ttl_status,
    asset_status: config.asset_status,
  });
}

export interface ResultParts {
  readonly config: CheckConfig;
  readonly entity: Entity;
  readonly issued: Int64;
  readonly sequence: number;
  /** Milliseconds. */
  readonly now: number;
}

/** What is known before the command has run; also what the command gets on its stdin. */
export function begunEvent({ config, entity, issued, sequence, now }: ResultParts): Event & { check: Check } {
  const { namespace } = config.metadata;
  return {
    ...Event.create({
      metadata: ObjectMeta.create({ namespace }),
      pipelines: config.pipelines,
      fallback_pipeline: config.fallback_pipeline,
      sequence,
      entity,
    }),
    check: { ...checkFromConfig(config), executed: Math.floor(now / 1000), issued },
  };
}

/** A request that is refused before it gets an order number (W-95, steps 5 and 6). */
export function refusedEvent(config: CheckConfig, entity: Entity, now: number): Event & { check: Check } {
  return {
    ...Event.create({ metadata: ObjectMeta.create({ namespace: config.metadata.namespace }), entity }),
    check: { ...checkFromConfig(config), executed: Math.floor(now / 1000) },
  };
}

/** Turns an event into one that says why the command did not run. */
export function failureEvent(event: Event & { check: Check }, reason: string, now: number): Event {
  const annotated = event.check.metadata.annotations[DENY_STATUS];
  const status = annotated !== undefined && /^\d{1,10}$/.test(annotated) ? Number(annotated) : UNSTARTED_STATUS;
  return {
    ...event,
    timestamp: Math.floor(now / 1000),
    check: { ...event.check, output: reason, status: status > 0xffff_ffff ? UNSTARTED_STATUS : status },
  };
}

/** The output field; bytes that are no UTF-8 travel along unchanged. */
export function withOutput(check: Check, output: Buffer): Check {
  const text = output.toString("utf8");
  if (isUtf8(output)) return { ...check, output: text };
  const raw: Hidden = { [RAW]: new Map([[Check.fields["output"]?.no ?? 0, { text, bytes: output }]]) };
  return { ...check, output: text, ...raw };
}
