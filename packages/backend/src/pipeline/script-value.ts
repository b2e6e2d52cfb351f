/** The object a filter or mutator sees (P-123, P-130). */
import {
  Event,
  encodeJson,
  isIncident,
  isRedacted,
  isResolution,
  isSilenced,
  plainValue,
  REDACTED,
} from "@sensu-ts/core";

type Plain = Record<string, unknown>;

function redact(entity: Plain, keys: readonly string[]): void {
  const metadata = entity["metadata"] as Plain | undefined;
  for (const part of ["labels", "annotations"]) {
    const map = metadata?.[part] as Record<string, string> | undefined;
    if (!metadata || !map) continue;
    metadata[part] = Object.fromEntries(
      Object.entries(map).map(([key, value]) => [key, isRedacted(key, keys) ? REDACTED : value]),
    );
  }
}

/** JSON text of the event for filter expressions. */
export function scriptEvent(event: Event): string {
  const plain = plainValue(Event, event);
  if (event.entity) redact(plain["entity"] as Plain, event.entity.redact);
  const flapping = event.check?.state === "flapping";
  return JSON.stringify({
    ...plain,
    has_check: event.check !== undefined,
    has_metrics: event.metrics !== undefined,
    is_incident: isIncident(event),
    is_resolution: isResolution(event),
    is_silenced: isSilenced(event),
    is_flapping_start: flapping,
    is_flapping_end: false,
  });
}

/** The API's JSON text of the event for mutators (P-130), but maps of labels and annotations are there to write to. */
export function mutableEvent(event: Event): string {
  const plain = JSON.parse(encodeJson(Event, event)) as Plain;
  for (const part of [plain, plain["check"], plain["entity"]] as (Plain | undefined)[]) {
    const metadata = part?.["metadata"] as Plain | undefined;
    if (!metadata) continue;
    metadata["labels"] ??= {};
    metadata["annotations"] ??= {};
  }
  return JSON.stringify(plain);
}
