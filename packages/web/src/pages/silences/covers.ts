/** Which silences cover an event now (U-93). */
import type { Event, Silenced } from "../../data/objects.ts";
import { nowSeconds } from "../../data/time.ts";

export function covers(entry: Silenced, event: Event, now = nowSeconds()): boolean {
  if (entry.begin > now || (entry.expire_at > 0 && entry.expire_at <= now)) return false;
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
