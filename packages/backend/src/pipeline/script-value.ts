/** The plain object a filter sees (P-123): every field is there, lists and maps are never null. */
import {
  Event,
  encodeJson,
  type Field,
  type Int64,
  int,
  isIncident,
  isRedacted,
  isResolution,
  isSilenced,
  type MessageType,
  REDACTED,
} from "@sensu-ts/core";

type Plain = Record<string, unknown>;

export function plainValue<T>(type: MessageType<T>, value: T): Plain {
  const plain: Plain = {};
  for (const [key, field] of Object.entries(type.fields)) {
    const given = (value as Plain)[key];
    if (given !== undefined) plain[key] = plainField(field, given);
  }
  return plain;
}

function plainField(field: Field, value: unknown): unknown {
  const nested = field.message?.() as MessageType<unknown> | undefined;
  switch (field.shape) {
    case "message":
      return nested ? plainValue(nested, value) : value;
    case "messages":
      return (value as readonly unknown[]).map((item) => (nested ? plainValue(nested, item) : item));
    case "messageMap":
      return Object.fromEntries(
        Object.entries(value as Plain).map(([key, item]) => [key, nested ? plainValue(nested, item) : item]),
      );
    case "scalar":
      if (field.scalar === "bytes") return [...(value as Uint8Array)];
      return field.scalar === "i64" ? int(value as Int64) : value;
    default:
      return value;
  }
}

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
