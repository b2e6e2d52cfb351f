/**
 * The order of one event's steps (P-51), on one screen. Each is pure or reads memory only; what needs the store (a
 * previous result or an entity that is not in memory) is fetched before, a batch at a time, by {@link Parking}. An event
 * that differs from an earlier one in its result only skips what the earlier one has settled (routine.ts).
 *
 *   decode       frame-decoder      bytes -> event; bad bytes are logged and dropped
 *   admit        here               validation, empty fallback references, namespace of the session
 *   attribute    attribute          whose event it is: the entity itself, or a stored proxy entity
 *   silence      state/silences     names of the silences it meets
 *   merge        core/event         history, occurrences, state from the previous result
 *   resolve      state/silences     silences that end with a resolution
 *   cut          core/event         output above max_output_size, in the stored copy only
 *   encode       state/stored-bytes
 *   commit       commits            a batch, durable; a conflict starts again at merge with a fresh previous result
 *   announce     commits            liveness, then the bus: event log, pages, pipelines
 */
import {
  type Check,
  type Event,
  type EventPartRules,
  int,
  mergeEvent,
  type PreviousResult,
  SensuError,
  truncateOutput,
  validateEnvelope,
  validateEvent,
  withoutEmptyFallback,
} from "@sensu-ts/core";
import type { EventColumns } from "@sensu-ts/store";
import type { Silences } from "../state/silences.ts";
import type { StoredBytes } from "../state/stored-bytes.ts";
import type { Draft } from "./draft.ts";

/** Throws `SensuError("invalid")`. A check already known to be valid is given as `knownGood`. */
export function admit(event: Event, rules: EventPartRules, namespace?: string, knownGood = false): Event {
  const clean = withoutEmptyFallback(event);
  if (knownGood) validateEnvelope(clean);
  else validateEvent(clean, rules);
  const owner = clean.entity?.metadata.namespace;
  if (namespace !== undefined && owner !== namespace) {
    throw new SensuError("invalid", `the event's namespace ${JSON.stringify(owner)} is not the session's`);
  }
  return clean;
}

export interface Merged {
  /** What goes on to the bus. */
  readonly event: Event;
  readonly check: Check;
  readonly columns: EventColumns;
  readonly bytes: Uint8Array;
}

/** From an attributed draft with a check to what is committed. `now` is Unix seconds. */
export function merge(
  draft: Draft,
  previous: PreviousResult | undefined,
  silences: Silences,
  bytes: StoredBytes,
  now: number,
): Merged {
  const entity = draft.entity;
  if (!entity) throw new Error("the event is not attributed yet");
  const silenced = silences.name(draft.event, entity, now);
  const merged = silences.expireOnResolve(mergeEvent(previous, silenced, now));
  const cut = truncateOutput(merged);
  const event = cut?.full ?? merged;
  const check = event.check as Check;
  return {
    event,
    check,
    columns: columnsOf(event, check),
    bytes:
      cut || !draft.parts ? bytes.encode(cut?.stored ?? event) : bytes.assemble(draft.parts, event, check, draft.added),
  };
}

function columnsOf(event: Event, check: Check): EventColumns {
  return {
    timestamp: int(event.timestamp),
    status: check.status,
    state: check.state,
    silenced: check.silenced.length > 0,
    lastOk: int(check.last_ok),
    executed: int(check.executed),
  };
}
