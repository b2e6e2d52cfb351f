/** Filters: built-in ones answer at once, others by time window and script (P-112 to P-115). */
import { type Event, type EventFilter, inTimeWindow, SensuError } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { CommittedEvent } from "../bus/committed-event.ts";
import type { Scripts } from "./ports.ts";

type Facts = Pick<CommittedEvent, "status" | "previousStatus" | "silenced" | "hasMetrics">;

/** True: the event may pass. An incident passes, and the result that ends one (P-64). */
export const BUILT_IN_FILTERS: ReadonlyMap<string, (event: Facts) => boolean> = new Map([
  ["is_incident", ({ status, previousStatus }: Facts) => status !== 0 || (previousStatus ?? 0) !== 0],
  ["not_silenced", ({ silenced }: Facts) => !silenced],
  ["has_metrics", ({ hasMetrics }: Facts) => hasMetrics],
]);

export interface FilterParts {
  readonly scripts: Scripts;
  readonly log: Logger;
  readonly now: () => number;
}

/** Throws `SensuError` when the filter cannot be evaluated at all. */
export async function passes(parts: FilterParts, filter: EventFilter, event: Event): Promise<boolean> {
  const allow = filter.action === "allow";
  if (filter.runtime_assets.length > 0) {
    throw new SensuError(
      "invalid",
      `filter ${filter.metadata.name} needs runtime assets, which this version does not have`,
    );
  }
  if (filter.when) {
    const inside = insideWindow(parts, filter);
    if (inside !== undefined && inside !== allow) return false;
  }
  const examination = parts.scripts.examine(event, filter.expressions);
  for (let i = 0; i < filter.expressions.length; i++) {
    let truthy: boolean;
    try {
      truthy = await examination.test(i);
    } catch (error) {
      // A broken expression lets events through (P-113).
      parts.log.error(
        { error, filter: filter.metadata.name, namespace: filter.metadata.namespace },
        "error evaluating javascript event filter",
      );
      continue;
    }
    if (truthy !== allow) return false;
  }
  return true;
}

function insideWindow({ log, now }: FilterParts, filter: EventFilter): boolean | undefined {
  try {
    return filter.when && inTimeWindow(filter.when, now());
  } catch (error) {
    log.error({ error, filter: filter.metadata.name }, "denying filtering: the time window cannot be read");
    return undefined;
  }
}
