/** Which silences an event meets (P-77 to P-83). */
import { int } from "../codec/schema.ts";
import type { Check } from "../types/check.ts";
import type { Entity } from "../types/entity.ts";
import type { Silenced } from "../types/pipeline.ts";

/** Entries with less than this left count as expired (P-79). Seconds. */
const EXPIRY_MARGIN = 1;

export function silenceName(subscription: string, check: string): string {
  return `${subscription || "*"}:${check || "*"}`;
}

/** `now` is Unix seconds. */
export function isExpired(entry: Silenced, now: number): boolean {
  const end = int(entry.expire_at);
  return end > 0 && end - now < EXPIRY_MARGIN;
}

export function isActive(entry: Silenced, now: number): boolean {
  return int(entry.begin) <= now && !isExpired(entry, now);
}

function matchesSubscription(wanted: string, entity: Entity, check: Check): boolean {
  if (wanted === "" || wanted === "*") return true;
  if (wanted === `entity:${entity.metadata.name}`) return true;
  if (!entity.subscriptions.includes(wanted)) return false;
  return check.proxy_entity_name !== "" || check.subscriptions.includes(wanted);
}

/** Time apart: does the entry speak of this check of this entity (P-80)? Both live in the entry's namespace. */
export function silences(entry: Silenced, entity: Entity, check: Check): boolean {
  const wanted = entry.check;
  if (wanted !== "" && wanted !== "*" && wanted !== check.metadata.name) return false;
  return matchesSubscription(entry.subscription, entity, check);
}

/** Sorted distinct names of the entries that silence the event now (P-82). */
export function matchingSilences(
  entries: readonly Silenced[],
  entity: Entity,
  check: Check,
  now: number,
): readonly string[] {
  const names = new Set<string>();
  for (const entry of entries) {
    if (isActive(entry, now) && silences(entry, entity, check)) names.add(silenceName(entry.subscription, entry.check));
  }
  return names.size > 1 ? [...names].sort() : [...names];
}
