/** Redaction of entity labels and annotations in JSON. Protobuf is never redacted. */
import type { Json } from "../codec/schema.ts";

export const REDACTED = "REDACTED";
const DEFAULT_NAMES = [
  "password",
  "passwd",
  "pass",
  "api_key",
  "api_token",
  "access_key",
  "secret_key",
  "private_key",
  "secret",
];

/** `API-Key`, `apiKey` and `api_key` are one key; `secret1` is not `secret`. */
export function normaliseKey(key: string): string {
  if (/^[a-z0-9]*$/.test(key)) return key;
  const lower = key.toLowerCase();
  return /^[a-z0-9]*$/.test(lower) ? lower : lower.replace(/[^a-z]/g, "");
}

const DEFAULT_KEYS: ReadonlySet<string> = new Set(DEFAULT_NAMES.map(normaliseKey));

export function isRedacted(key: string, redact: readonly string[]): boolean {
  if (key === "") return false;
  const wanted = normaliseKey(key);
  if (redact.length === 0) return DEFAULT_KEYS.has(wanted);
  return redact.some((entry) => normaliseKey(entry) === wanted);
}

interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Whether there is anything to redact. */
export function hasRedacted({
  redact,
  metadata,
}: {
  readonly redact: readonly string[];
  readonly metadata?: Labelled | undefined;
}): boolean {
  if (!metadata) return false;
  const { labels, annotations } = metadata;
  return [labels, annotations].some((map) => Object.keys(map).some((key) => isRedacted(key, redact)));
}

/** The labels as readers see them. Types without `redact` show them all. */
export function shownLabels(value: {
  readonly redact?: readonly string[];
  readonly metadata?: Pick<Labelled, "labels"> | undefined;
}): Readonly<Record<string, string>> {
  const { redact, metadata } = value;
  const labels = metadata?.labels ?? {};
  if (redact === undefined || !Object.keys(labels).some((key) => isRedacted(key, redact))) return labels;
  return Object.fromEntries(
    Object.entries(labels).map(([key, text]) => [key, isRedacted(key, redact) ? REDACTED : text]),
  );
}

/** Gives the tree of an entity back with the values of matching labels and annotations replaced. */
export function redactEntity(redact: readonly string[], tree: Record<string, Json>): Record<string, Json> {
  const metadata = tree["metadata"] as Record<string, Json> | null;
  if (metadata === null) return tree;
  for (const part of ["labels", "annotations"]) {
    const map = metadata[part] as Record<string, Json> | undefined;
    if (map === undefined || map === null) continue;
    for (const key of Object.keys(map)) if (isRedacted(key, redact)) map[key] = REDACTED;
  }
  return tree;
}
