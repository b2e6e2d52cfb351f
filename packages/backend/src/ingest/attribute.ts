/** Whose event it is (P-54): the sender's own, or that of a stored entity it names. */
import type { Entity, Event } from "@sensu-ts/core";

/** Name of the stored entity the event belongs to; empty when it is the agent's own. */
export function targetName(event: Event): string {
  if (event.check?.proxy_entity_name) return event.check.proxy_entity_name;
  const { entity } = event;
  return entity && entity.entity_class !== "agent" ? entity.metadata.name : "";
}

/** The event under the stored entity. A keepalive moves `last_seen`, other events do not (P-56). */
export function attributed(event: Event, stored: Entity): Event {
  return { ...event, entity: stored };
}
