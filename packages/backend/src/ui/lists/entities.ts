/** The entities list: names and facts from memory; the worst status is asked for the rows on the page only. */
import { type Entity, int, isRedacted } from "@sensu-ts/core";
import type { EventStore } from "@sensu-ts/store";
import type { UiEntities } from "../ports.ts";
import { type EntitySearch, parseEntitySearch } from "../search.ts";
import type { EntitiesPage, EntityListOrder, EntityRow, ListQuestion } from "../wire.ts";
import { compareBytes } from "./event-order.ts";

function matches(entity: Entity, search: EntitySearch): boolean {
  const name = entity.metadata.name.toLowerCase();
  return (
    search.words.every((word) => name.includes(word)) &&
    (search.entityClass === undefined || entity.entity_class === search.entityClass) &&
    (search.subscription === undefined || entity.subscriptions.includes(search.subscription))
  );
}

function compare(order: EntityListOrder, descending: boolean): (a: Entity, b: Entity) => number {
  const sign = descending ? -1 : 1;
  const byName = (a: Entity, b: Entity) => compareBytes(a.metadata.name, b.metadata.name);
  if (order === "name") return (a, b) => sign * byName(a, b);
  return (a, b) => sign * (int(b.last_seen) - int(a.last_seen) || byName(a, b));
}

/** Worst by severity, critical over unknown (U-94); -1 without events. */
export async function entityHealth(
  events: EventStore,
  namespace: string,
  entity: string,
): Promise<Pick<EntityRow, "status" | "incidents">> {
  const [worst, incidents] = await Promise.all([
    events.list({ namespace, entity, order: "severity", limit: 1 }),
    events.count({ namespace, entity, incidents: true }),
  ]);
  return { status: worst.events[0]?.columns.status ?? -1, incidents };
}

export async function entityRow(events: EventStore, namespace: string, entity: Entity): Promise<EntityRow> {
  const { system } = entity;
  const secret = new Set(Object.keys(entity.metadata.labels).filter((key) => isRedacted(key, entity.redact)));
  return {
    name: entity.metadata.name,
    entityClass: entity.entity_class,
    platform: [system.platform || system.os, system.platform_version].filter((part) => part !== "").join(" "),
    arch: system.arch,
    subscriptions: entity.subscriptions,
    labels: Object.fromEntries(Object.entries(entity.metadata.labels).filter(([key]) => !secret.has(key))),
    lastSeen: int(entity.last_seen),
    ...(await entityHealth(events, namespace, entity.metadata.name)),
    agentVersion: entity.sensu_agent_version,
  };
}

export async function listEntities(
  entities: UiEntities,
  events: EventStore,
  question: ListQuestion<EntityListOrder>,
): Promise<EntitiesPage> {
  const search = parseEntitySearch(question.q);
  const found = entities.list(question.namespace).filter((entity) => matches(entity, search));
  found.sort(compare(question.order, question.descending));
  const shown = found.slice(question.offset, question.offset + question.limit);
  const rows: EntityRow[] = [];
  for (const entity of shown) rows.push(await entityRow(events, question.namespace, entity));
  return { rows, matches: found.length, offset: question.offset, limit: question.limit };
}
