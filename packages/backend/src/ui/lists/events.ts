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
  const [total, passing, warning, critical] = await Promise.all([
    events.count({ namespace }),
    events.count({ namespace, status: [0] }),
    events.count({ namespace, status: [1] }),
    events.count({ namespace, status: [2] }),
  ]);
  // Counted one after another while events change: never show less than nothing.
  return { total, passing, warning, critical, unknown: Math.max(0, total - passing - warning - critical) };
}

export async function listEvents(events: EventStore, question: ListQuestion<EventListOrder>): Promise<EventsPage> {
  const query = storeQuery(question);
  const [page, matches, counts] = await Promise.all([
    events.list(query),
    events.count(query),
    countStatuses(events, question.namespace),
  ]);
  return { rows: page.events.map(storedRow), matches, counts, offset: question.offset, limit: question.limit };
}
