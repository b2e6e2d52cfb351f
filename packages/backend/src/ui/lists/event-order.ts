/** The order of the events list as the store sorts it (U-81), for rows that change while the page is open. */

import type { EventOrder } from "@sensu-ts/store";
import type { EventListOrder, EventRow } from "../wire.ts";

export const STORE_ORDER: Readonly<Record<EventListOrder, EventOrder>> = {
  lastok: "lastOk",
  severity: "severity",
  newest: "newest",
  oldest: "oldest",
  name: "name",
};

/** Critical, warning, unknown (above 2), passing. */
export function severityRank(status: number): number {
  if (status === 2) return 0;
  if (status === 1) return 1;
  return status === 0 ? 3 : 2;
}

/** By the joined key, as the store has it. */
function byName(a: EventRow, b: EventRow): number {
  return compareBytes(`${a.entity}/${a.check}`, `${b.entity}/${b.check}`);
}

/** Code points sort as their UTF-8 bytes do. */
export function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const COMPARE: Readonly<Record<EventListOrder, (a: EventRow, b: EventRow) => number>> = {
  name: () => 0,
  newest: (a, b) => b.timestamp - a.timestamp,
  oldest: (a, b) => a.timestamp - b.timestamp,
  severity: (a, b) => severityRank(a.status) - severityRank(b.status) || b.lastOk - a.lastOk,
  lastok: (a, b) => Number(a.status === 0) - Number(b.status === 0) || b.lastOk - a.lastOk,
};

export function compareRows(order: EventListOrder, descending: boolean): (a: EventRow, b: EventRow) => number {
  const compare = COMPARE[order];
  const sign = descending ? -1 : 1;
  return (a, b) => sign * (compare(a, b) || byName(a, b));
}
