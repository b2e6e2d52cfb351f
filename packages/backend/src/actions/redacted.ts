import type { EntityConfig } from "@sensu-ts/core";

const REDACTED = "REDACTED";

/** What a reader saw redacted and wrote back keeps its stored value (S-383). */
export function keepRedacted(stored: EntityConfig, next: EntityConfig): EntityConfig {
  if (!next.metadata || !stored.metadata) return next;
  const labels = restore(stored.metadata.labels, next.metadata.labels);
  const annotations = restore(stored.metadata.annotations, next.metadata.annotations);
  return { ...next, metadata: { ...next.metadata, labels, annotations } };
}

function restore(stored: Readonly<Record<string, string>>, next: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(next).map(([key, value]) => [
      key,
      value === REDACTED && Object.hasOwn(stored, key) ? (stored[key] as string) : value,
    ]),
  );
}
