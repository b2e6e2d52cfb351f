/** The stored copy of an output that is too long (P-66). */
import { int, RAW, type RawStrings } from "../codec/schema.ts";
import type { Check } from "../types/check.ts";
import type { Event } from "../types/event.ts";

export const TRUNCATED_LABEL = "sensu.io/output_truncated_bytes";

/** Number of `output` in a Check. */
const OUTPUT = 26;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export interface Truncation {
  /** What goes on to pipelines: complete, with the label. */
  readonly full: Event;
  /** What is stored: cut, with the label. */
  readonly stored: Event;
}

function outputBytes(check: Check): Uint8Array {
  const raw = check[RAW]?.get(OUTPUT);
  return raw?.text === check.output ? raw.bytes : encoder.encode(check.output);
}

/** The largest end not above `size` that cuts no character in two. */
function characterBoundary(bytes: Uint8Array, size: number): number {
  let end = size;
  // At most three continuation bytes belong to one character; binary output is cut where it was asked.
  for (let i = 0; i < 3 && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80; i++) end--;
  return ((bytes[end] ?? 0) & 0xc0) === 0x80 ? size : end;
}

/** Undefined when nothing has to be cut. */
export function truncateOutput(event: Event): Truncation | undefined {
  const { check } = event;
  if (!check) return undefined;
  const size = int(check.max_output_size);
  // A UTF-16 unit takes at most three bytes.
  if (size <= 0 || check.output.length * 3 <= size) return undefined;
  const bytes = outputBytes(check);
  if (bytes.length <= size) return undefined;
  const kept = bytes.subarray(0, characterBoundary(bytes, size));
  const text = decoder.decode(kept);
  const labels = { ...event.metadata.labels, [TRUNCATED_LABEL]: String(bytes.length - kept.length) };
  const full: Event = { ...event, metadata: { ...event.metadata, labels } };
  return { full, stored: { ...full, check: { ...check, output: text, [RAW]: rawOutput(check, text, kept) } } };
}

function rawOutput(check: Check, text: string, kept: Uint8Array): RawStrings | undefined {
  const before = check[RAW];
  if (before === undefined) return undefined;
  const raw = new Map(before);
  if (text.includes("\uFFFD")) raw.set(OUTPUT, { text, bytes: kept.slice() });
  else raw.delete(OUTPUT);
  return raw;
}
