/** What an event must be before it is processed, in the original's order and words (P-49). */
import { invalid, SensuError } from "../errors.ts";
import type { Check } from "../types/check.ts";
import type { Entity } from "../types/entity.ts";
import type { Event } from "../types/event.ts";
import type { ResourceReference } from "../types/shared.ts";

/** Rules of the parts, from their resource types. Each throws `SensuError("invalid")`. */
export interface EventPartRules {
  entity(value: Entity): void;
  check(value: Check): void;
}

function part(what: string, check: () => void): void {
  try {
    check();
  } catch (cause) {
    if (cause instanceof SensuError && cause.code === "invalid")
      throw invalid(`${what} is invalid: ${cause.message}`, cause);
    throw cause;
  }
}

function isEmpty(reference: ResourceReference): boolean {
  return reference.name === "" && reference.type === "" && reference.api_version === "";
}

/** Newer clients write an unset reference as one of three empty texts (P-50). */
export function withoutEmptyFallback(event: Event): Event {
  let result = event;
  if (result.fallback_pipeline && isEmpty(result.fallback_pipeline))
    result = { ...result, fallback_pipeline: undefined };
  const { check } = result;
  if (check?.fallback_pipeline && isEmpty(check.fallback_pipeline)) {
    result = { ...result, check: { ...check, fallback_pipeline: undefined } };
  }
  return result;
}

/** Throws `SensuError("invalid")`. */
export function validateEvent(event: Event, rules: EventPartRules): void {
  const { entity, check } = event;
  if (!entity) throw invalid("event must contain an entity");
  if (!check && !event.metrics) throw invalid("event must contain a check or metrics");
  part("entity", () => rules.entity(entity));
  if (check) part("check", () => rules.check(check));
  validateEnvelope(event);
}

/** All that is not entity, check or metrics. */
export function validateEnvelope(event: Event): void {
  for (const { api_version, type } of event.pipelines) {
    if (api_version !== "core/v2" || type !== "Pipeline") {
      const text = "pipeline reference is invalid: resource type not capable of acting as a pipeline";
      throw invalid(`${text}: ${api_version}.${type}`);
    }
  }
  const fallback = event.fallback_pipeline;
  if (fallback && !isEmpty(fallback)) {
    if (fallback.api_version !== "fallback_pipeline/v1" || fallback.type !== "FallbackPipeline") {
      throw invalid(
        `resource of type ${fallback.api_version}.${fallback.type} cannot be referenced as a fallback pipeline`,
      );
    }
  }
  if (event.metadata.name !== "") throw invalid("events cannot be named");
  if (event.id.length !== 0 && event.id.length !== 16) throw invalid("event ID is not 16 bytes long");
}
