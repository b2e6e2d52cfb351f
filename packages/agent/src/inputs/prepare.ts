/** Makes an event that came in on this host complete enough for the backend (W-141). */
import { type Check, type Entity, type Event, invalid, validateCheck } from "@sensu-ts/core";
import { randomId } from "../link/event-id.ts";

export interface PrepareParts {
  readonly entity: Entity;
  readonly agentName: string;
  readonly namespace: string;
  /** Milliseconds. */
  readonly now: number;
}

/** Throws `SensuError("invalid")` with the text the caller gets. */
export function prepareEvent(given: Event, { entity, agentName, namespace, now }: PrepareParts): Event {
  if (given.check === undefined && given.metrics === undefined) {
    throw invalid("at least check or metrics need to be instantiated for this event");
  }
  const seconds = Math.floor(now / 1000);
  return {
    ...given,
    metadata: { ...given.metadata, namespace: given.metadata.namespace || namespace },
    timestamp: given.timestamp || seconds,
    id: given.id.length > 0 ? given.id : randomId(),
    ...(given.check === undefined
      ? {}
      : { check: preparedCheck(given.check, given.entity?.metadata.name ?? "", { agentName, namespace, seconds }) }),
    entity,
  };
}

function preparedCheck(
  given: Check,
  entityName: string,
  { agentName, namespace, seconds }: { agentName: string; namespace: string; seconds: number },
): Check {
  return validateCheck({
    ...given,
    metadata: { ...given.metadata, namespace: given.metadata.namespace || namespace },
    interval: given.interval || 1,
    executed: given.executed || seconds,
    processed_by: agentName,
    proxy_entity_name: entityName !== "" && entityName !== agentName ? entityName : given.proxy_entity_name,
  });
}
