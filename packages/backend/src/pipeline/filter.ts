/** Filters: built-in ones answer at once, others by time window and script (P-112 to P-115). */
import {
  type Event,
  type EventFilter,
  inTimeWindow,
  isIncident,
  isResolution,
  isSilenced,
  SensuError,
} from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { Scripts } from "./ports.ts";

/** True: the event may pass. */
export const BUILT_IN_FILTERS: ReadonlyMap<string, (event: Event) => boolean> = new Map([
  ["is_incident", (event: Event) => isIncident(event) || isResolution(event)],
  ["not_silenced", (event: Event) => !isSilenced(event)],
  ["has_metrics", (event: Event) => event.metrics !== undefined],
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
