/** Whose event it is (P-54): the sender's own, or that of a stored entity it names. */
import { type Entity, type Event, int, KEEPALIVE } from "@sensu-ts/core";

/** Name of the stored entity the event belongs to; empty when it is the agent's own. */
export function targetName(event: Event): string {
  if (event.check?.proxy_entity_name) return event.check.proxy_entity_name;
  const { entity } = event;
  return entity && entity.entity_class !== "agent" ? entity.metadata.name : "";
}

/** The event under the stored entity. A keepalive moves `last_seen`, other events do not (P-56). `now`: Unix seconds. */
export function attributed(event: Event, stored: Entity, now: number): Event {
  return seen({ ...event, entity: stored }, now);
}

/** A keepalive that is not about silence was sent by something alive, however it came here (P-96). */
export function seen(event: Event, now: number): Event {
  const { check, entity, timestamp } = event;
  if (check?.metadata.name !== KEEPALIVE || check.status !== 0 || !entity) return event;
  const at = int(timestamp) === 0 ? now : timestamp;
  return entity.last_seen >= at ? event : { ...event, entity: { ...entity, last_seen: at } };
}
