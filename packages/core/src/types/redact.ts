/** Redaction of entity labels and annotations in JSON. Protobuf is never redacted. */
import type { Json } from "../codec/schema.ts";

export const REDACTED = "REDACTED";
const DEFAULT_KEYS = [
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

export function isRedacted(key: string, redact: readonly string[]): boolean {
  if (key === "") return false;
  const wanted = normaliseKey(key);
  return (redact.length > 0 ? redact : DEFAULT_KEYS).some((entry) => normaliseKey(entry) === wanted);
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
