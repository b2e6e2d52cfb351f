/** The event that stands for results that stopped coming (P-73). */
import { int } from "../codec/schema.ts";
import type { Check } from "../types/check.ts";
import type { Event } from "../types/event.ts";

/** `stored` is the last event with a check; `now` is Unix seconds. To be merged with `stored` like any result. */
export function ttlFailureEvent(stored: Event, now: number): Event {
  if (!stored.check) return stored;
  const last = stored.check;
  const check: Check = {
    ...last,
    status: last.ttl_status > 0 ? last.ttl_status : 1,
    output: `Last check execution was ${now - int(last.executed)} seconds ago`,
    executed: now,
    issued: 0,
    duration: 0,
    hooks: [],
    processed_by: "",
    secrets: [],
    subdues: [],
    silenced: [],
    is_silenced: false,
  };
  return { ...stored, timestamp: now, check };
}
