/** The events list: one page of rows, decoded only for the rows on it. */
import { decodeProto, Event } from "@sensu-ts/core";
import type { EventQuery, EventStore, StoredEvent } from "@sensu-ts/store";
import { parseEventSearch } from "../search.ts";
import type { EventListOrder, EventRow, EventsPage, ListQuestion, StatusCounts } from "../wire.ts";
import { STORE_ORDER } from "./event-order.ts";
import { eventRow } from "./event-row.ts";

export function storeQuery(question: ListQuestion<EventListOrder>): EventQuery {
  return {
    namespace: question.namespace,
    ...parseEventSearch(question.q),
    order: STORE_ORDER[question.order],
    descending: question.descending,
    limit: question.limit,
    offset: question.offset,
  };
}

export function storedRow(stored: StoredEvent): EventRow {
  return eventRow(stored.entity, stored.check, decodeProto(Event, stored.bytes));
}

export async function countStatuses(events: EventStore, namespace: string): Promise<StatusCounts> {
  const [total, incidents, warning, critical] = await Promise.all([
    events.count({ namespace }),
    events.count({ namespace, incidents: true }),
    // Both filters: the store has an index of incidents by status.
    events.count({ namespace, incidents: true, status: [1] }),
    events.count({ namespace, incidents: true, status: [2] }),
  ]);
  // Counted one after another while events change: never show less than nothing.
  const unknown = Math.max(0, incidents - warning - critical);
  return { total, passing: Math.max(0, total - incidents), warning, critical, unknown };
}

/** Rows on all pages; a question about status alone is answered by the counts. */
export async function countMatches(
  events: EventStore,
  question: ListQuestion<EventListOrder>,
  counts: StatusCounts,
): Promise<number> {
  const search = parseEventSearch(question.q);
  const { status, incidents, ...others } = search;
  if (Object.keys(others).length === 0) {
    if (incidents) return counts.total - counts.passing;
    if (status === undefined) return counts.total;
    const names = ["passing", "warning", "critical"] as const;
    const name = status.length === 1 ? names[status[0] ?? 3] : "unknown";
    if (name) return counts[name];
  }
  return events.count(storeQuery(question));
}

export async function listEvents(
  events: EventStore,
  question: ListQuestion<EventListOrder>,
  counted: Promise<StatusCounts> = countStatuses(events, question.namespace),
): Promise<EventsPage> {
  const [page, counts] = await Promise.all([events.list(storeQuery(question)), counted]);
  const matches = await countMatches(events, question, counts);
  return { rows: page.events.map(storedRow), matches, counts, offset: question.offset, limit: question.limit };
}
