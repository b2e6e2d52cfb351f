/** Reads the question of a list page from the query of its address. */
import { invalid } from "@sensu-ts/core";
import { ENTITY_ORDERS, type EntityListOrder, EVENT_ORDERS, type EventListOrder, type ListQuestion } from "../wire.ts";

export const PAGE_SIZE = 25;
export const MAX_PAGE_SIZE = 200;
const MAX_SEARCH_LENGTH = 1000;

function whole(value: string | null, initial: number, max: number, name: string): number {
  if (value === null || value === "") return initial;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > max) throw invalid(`${name} must be from 0 to ${max}`);
  return number;
}

function read<Order extends string>(
  query: URLSearchParams,
  orders: readonly Order[],
  initial: Order,
): ListQuestion<Order> {
  const order = query.get("order") ?? initial;
  const descending = order.endsWith("_desc");
  const name = descending ? order.slice(0, -"_desc".length) : order;
  const known = orders.find((candidate) => candidate === name);
  if (known === undefined) throw invalid(`unknown order "${order}"`);
  const q = query.get("q") ?? "";
  if (q.length > MAX_SEARCH_LENGTH) throw invalid("search text is too long");
  const limit = whole(query.get("limit"), PAGE_SIZE, MAX_PAGE_SIZE, "limit");
  if (limit === 0) throw invalid("limit must be from 1 to 200");
  return {
    namespace: namespaceOf(query),
    q,
    order: known,
    descending,
    limit,
    offset: whole(query.get("offset"), 0, 10_000_000, "offset"),
  };
}

export function namespaceOf(query: URLSearchParams): string {
  const namespace = query.get("namespace");
  if (!namespace) throw invalid("namespace is missing");
  return namespace;
}

export function eventQuestion(query: URLSearchParams): ListQuestion<EventListOrder> {
  return read(query, EVENT_ORDERS, "lastok");
}

export function entityQuestion(query: URLSearchParams): ListQuestion<EntityListOrder> {
  return read(query, ENTITY_ORDERS, "name");
}
