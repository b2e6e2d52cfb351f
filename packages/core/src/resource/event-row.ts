/** The event's row: its identity is that of its entity and check. */
import { validateEvent } from "../event/validate.ts";
import { Check } from "../types/check.ts";
import { validateCheck } from "../types/check-rules.ts";
import { Entity } from "../types/entity.ts";
import { validateEntity } from "../types/entity-rules.ts";
import { Event } from "../types/event.ts";
import { shownLabels } from "../types/redact.ts";
import { row } from "./row.ts";
import type { ResourceType } from "./type.ts";

/** `<entity>/<check>`; an event without a check has the entity's name alone. */
export function eventName(event: Event): string {
  const entity = event.entity?.metadata.name ?? "";
  return event.check === undefined ? entity : `${entity}/${event.check.metadata.name}`;
}

const list = (items: readonly string[]) => items.join(",");

function fields(event: Event): Record<string, string> {
  const check = event.check ?? Check.create();
  const entity = event.entity ?? Entity.create();
  // Both are computed, whatever the stored flag says.
  const silenced = String(check.silenced.length > 0);
  return {
    name: event.metadata.name,
    is_silenced: silenced,
    timestamp: String(event.timestamp),
    "check.handlers": list(check.handlers),
    "check.is_silenced": silenced,
    "check.last_ok": String(check.last_ok),
    "check.name": check.metadata.name,
    "check.publish": String(check.publish),
    "check.round_robin": String(check.round_robin),
    "check.runtime_assets": list(check.runtime_assets),
    "check.state": check.state,
    "check.status": String(check.status),
    "check.subscriptions": list(check.subscriptions),
    "entity.deregister": String(entity.deregister),
    "entity.name": entity.metadata.name,
    "entity.entity_class": entity.entity_class,
    "entity.subscriptions": list(entity.subscriptions),
  };
}

const partRules = { check: validateCheck, entity: validateEntity };

export const EVENT_ROW: ResourceType<Event> = row<Event>(
  {
    message: Event,
    rbac: "events",
    command: "event",
    fieldPrefix: "event",
    methods: ["GET", "POST", "PUT", "DELETE"],
    generic: false,
    fields,
    validate(event) {
      validateEvent(event, partRules);
      return event;
    },
  },
  {
    id: (event) => ({
      namespace: event.metadata.namespace || (event.entity?.metadata.namespace ?? ""),
      name: eventName(event),
    }),
    withId(event, { namespace, name }) {
      const [entityName = "", checkName] = name.split("/");
      const entity = event.entity ?? Entity.create();
      const placed: Event = {
        ...event,
        metadata: { ...event.metadata, namespace },
        entity: { ...entity, metadata: { ...entity.metadata, namespace, name: entityName } },
      };
      if (checkName === undefined) return placed;
      const check = event.check ?? Check.create();
      return { ...placed, check: { ...check, metadata: { ...check.metadata, namespace, name: checkName } } };
    },
    withCreatedBy(event, user) {
      const { metadata, entity, check } = event;
      return {
        ...event,
        metadata: { ...metadata, created_by: user },
        entity: entity && { ...entity, metadata: { ...entity.metadata, created_by: user } },
        check: check && { ...check, metadata: { ...check.metadata, created_by: user } },
      };
    },
    labels: (event) => ({
      ...event.metadata.labels,
      ...(event.entity && shownLabels(event.entity)),
      ...event.check?.metadata.labels,
    }),
  },
);
