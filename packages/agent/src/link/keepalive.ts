import { Check, type Entity, Event, ObjectMeta } from "@sensu-ts/core";
import type { KeepaliveSettings } from "../app/settings.ts";
import { randomId } from "./event-id.ts";

export interface KeepaliveParts {
  readonly settings: KeepaliveSettings;
  readonly entity: Entity;
  readonly sequence: number;
  /** The user, when the agent manages its own entity (W-62). */
  readonly createdBy: string;
  /** Milliseconds. */
  readonly now: number;
}

/** W-62: labels and annotations go on the event, the timeouts on the check. */
export function keepaliveEvent({ settings, entity, sequence, createdBy, now }: KeepaliveParts): Event {
  const { namespace } = entity.metadata;
  return Event.create({
    timestamp: Math.floor(now / 1000),
    id: randomId(),
    sequence,
    metadata: ObjectMeta.create({ namespace, labels: settings.labels, annotations: settings.annotations }),
    pipelines: settings.pipelines,
    entity: createdBy === "" ? entity : { ...entity, metadata: { ...entity.metadata, created_by: createdBy } },
    check: Check.create({
      metadata: ObjectMeta.create({ name: "keepalive", namespace }),
      interval: settings.interval,
      timeout: settings.warningTimeout,
      ttl: settings.criticalTimeout,
    }),
  });
}
