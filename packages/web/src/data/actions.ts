/** What a user can do from the page, through the ordinary API (U 6.4). */
import { corePath, remove, sendJson } from "./api.ts";
import type { Event } from "./objects.ts";
import { nowSeconds } from "./time.ts";

export interface EventName {
  readonly namespace: string;
  readonly entity: string;
  readonly check: string;
}

/** U-85: a proxy entity has no agent of its own, so the check's own subscribers run it. */
export async function runNow(name: EventName, proxyEntity: string): Promise<void> {
  const subscriptions = proxyEntity === name.entity ? [] : [`entity:${name.entity}`];
  await executeCheck(name.namespace, name.check, subscriptions);
}

export async function executeCheck(namespace: string, check: string, subscriptions: readonly string[]): Promise<void> {
  await sendJson("POST", corePath(namespace, "checks", check, "execute"), { check, subscriptions });
}

/** U-84. */
export async function resolve(name: EventName, event: Event): Promise<void> {
  const now = Math.floor(nowSeconds());
  const changed = {
    ...event,
    timestamp: now,
    check: { ...event.check, status: 0, output: "Resolved manually with Web UI", executed: now },
  };
  await sendJson("PUT", corePath(name.namespace, "events", name.entity, name.check), changed);
}

export async function deleteEvent(name: EventName): Promise<void> {
  await remove(corePath(name.namespace, "events", name.entity, name.check));
}

export interface NewSilence {
  readonly namespace: string;
  /** Empty: every check. */
  readonly check: string;
  /** Empty: every subscription. */
  readonly subscription: string;
  /** Seconds from now; 0 never ends by time. */
  readonly seconds: number;
  readonly untilResolved: boolean;
  readonly reason: string;
}

export async function silence(wanted: NewSilence): Promise<void> {
  const begin = Math.floor(nowSeconds());
  await sendJson("POST", corePath(wanted.namespace, "silenced"), {
    metadata: { namespace: wanted.namespace },
    ...(wanted.check ? { check: wanted.check } : {}),
    ...(wanted.subscription ? { subscription: wanted.subscription } : {}),
    begin,
    ...(wanted.seconds > 0 ? { expire_at: begin + wanted.seconds } : {}),
    expire_on_resolve: wanted.untilResolved,
    ...(wanted.reason ? { reason: wanted.reason } : {}),
  });
}

export async function clearSilence(namespace: string, name: string): Promise<void> {
  await remove(corePath(namespace, "silenced", name));
}
