/** Events the backend itself makes around agents: keepalive, registration, deregistration (P-88, P-92, P-97, P-98). */
import { type Int64, int } from "../codec/schema.ts";
import { Check } from "../types/check.ts";
import type { Entity } from "../types/entity.ts";
import { Event } from "../types/event.ts";
import { ObjectMeta } from "../types/meta.ts";

export const KEEPALIVE = "keepalive";
const DEFAULT_INTERVAL = 20;
/** Seconds of silence before a warning when the agent names none (P-87). */
export const DEFAULT_KEEPALIVE_TIMEOUT = 120;
const NO_CHECK = Check.create({ interval: DEFAULT_INTERVAL, timeout: DEFAULT_KEEPALIVE_TIMEOUT });

export interface KeepaliveMoment {
  /** Unix seconds. */
  readonly now: number;
  /** 16 bytes. */
  readonly id: Uint8Array;
}

function keepaliveCheck(entity: Entity, settings: Check, now: number, status: number, output: string): Check {
  return Check.create({
    metadata: ObjectMeta.create({ name: KEEPALIVE, namespace: entity.metadata.namespace }),
    interval: settings.interval,
    timeout: settings.timeout,
    ttl: settings.ttl,
    handlers: entity.keepalive_handlers.length > 0 ? entity.keepalive_handlers : [KEEPALIVE],
    executed: now,
    issued: now,
    scheduler: "etcd",
    status,
    output,
  });
}

function keepaliveEvent(input: Event, entity: Entity, check: Check, moment: KeepaliveMoment): Event {
  return Event.create({
    timestamp: moment.now,
    entity,
    check,
    metadata: input.metadata,
    pipelines: input.pipelines,
    sequence: input.sequence,
    id: moment.id,
  });
}

/** Milliseconds at the end of what a `Date` can be. */
const LAST_DATE = 8.64e15;

/** Go's default form of a time, in UTC; a sender's clock may say anything. */
function goTime(seconds: Int64): string {
  return new Date(Math.max(-LAST_DATE, Math.min(LAST_DATE, int(seconds) * 1000)))
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " +0000 UTC");
}

/** What a keepalive message becomes. `entity` has `last_seen` set already. */
export function aliveEvent(input: Event, entity: Entity, moment: KeepaliveMoment): Event {
  const output = `Keepalive last sent from ${entity.metadata.name} at ${goTime(entity.last_seen)}`;
  return keepaliveEvent(input, entity, keepaliveCheck(entity, input.check ?? NO_CHECK, moment.now, 0, output), moment);
}

/** What silence becomes; `undefined` while no limit is reached (clock skew). `stored` is the last keepalive event. */
export function silentEvent(stored: Event, entity: Entity, moment: KeepaliveMoment): Event | undefined {
  const settings = stored.check ?? NO_CHECK;
  const silent = moment.now - int(entity.last_seen);
  const warning = settings.timeout;
  const critical = int(settings.ttl);
  let status = 0;
  let limit = 0;
  if (warning !== 0 && silent >= warning) [status, limit] = [1, warning];
  if (critical !== 0 && silent >= critical) [status, limit] = [2, critical];
  if (status === 0) return undefined;
  const output = `No keepalive sent from ${entity.metadata.name} for ${silent} seconds (>= ${limit})`;
  return keepaliveEvent(stored, entity, keepaliveCheck(entity, settings, moment.now, status, output), moment);
}

/** Seconds after which a silent agent is looked at (P-87); below 5 none of the original's clocks run. */
export function keepaliveTimeout(check: Check | undefined): number {
  if (!check) return DEFAULT_KEEPALIVE_TIMEOUT;
  if (check.timeout > 0) return check.timeout;
  const critical = int(check.ttl);
  return critical > 0 ? critical : DEFAULT_KEEPALIVE_TIMEOUT;
}

function notice(entity: Entity, name: string, handler: string, now: number): Event {
  const check = Check.create({
    metadata: ObjectMeta.create({ name, namespace: entity.metadata.namespace }),
    interval: 1,
    handlers: [handler],
    status: 1,
  });
  return Event.create({
    timestamp: now,
    entity,
    check,
    metadata: ObjectMeta.create({ namespace: entity.metadata.namespace }),
  });
}

export function registrationEvent(entity: Entity, now: number): Event {
  return notice(entity, "registration", "registration", now);
}

export function deregistrationEvent(entity: Entity, handler: string, moment: KeepaliveMoment): Event {
  return { ...notice(entity, "deregistration", handler, moment.now), id: moment.id };
}

/** The copy of a deleted event that tells its handlers the trouble is over; without history it is no resolution. */
export function resolvedByDeregistration(event: Event): Event {
  if (!event.check) return event;
  return {
    ...event,
    check: { ...event.check, output: "Resolving due to entity deregistering", status: 0, history: [] },
  };
}
