/** Which silences cover an event now (U-93, U-395). */
import type { Event, Silenced } from "../../data/objects.ts";
import { nowSeconds } from "../../data/time.ts";
import type { EventRow } from "../../data/wire.ts";

function runs(entry: Silenced, now: number): boolean {
  return entry.begin <= now && (entry.expire_at === 0 || entry.expire_at > now);
}

/**
 * A row of the list. It does not carry subscriptions, so an entry for one of those counts from the event's next
 * result on, which names it.
 */
export function coversRow(entry: Silenced, row: EventRow, now = nowSeconds()): boolean {
  if (!runs(entry, now)) return false;
  if (row.silenced.includes(entry.metadata.name ?? "")) return true;
  const { check = "", subscription = "" } = entry;
  if (check !== "" && check !== "*" && check !== row.check) return false;
  return subscription === "" || subscription === "*" || subscription === `entity:${row.entity}`;
}

export function covers(entry: Silenced, event: Event, now = nowSeconds()): boolean {
  if (!runs(entry, now)) return false;
  const { entity, check } = event;
  if (!entity || !check) return false;
  if (entry.check && entry.check !== "*" && entry.check !== check.metadata.name) return false;
  const subscription = entry.subscription ?? "";
  if (subscription === "" || subscription === "*") return true;
  if (subscription === `entity:${entity.metadata.name}`) return true;
  const ofEntity = entity.subscriptions ?? [];
  if (!ofEntity.includes(subscription)) return false;
  return entity.entity_class === "proxy" || (check.subscriptions ?? []).includes(subscription);
}
