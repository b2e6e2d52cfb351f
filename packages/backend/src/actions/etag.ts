/** Entity tags and the conditions of PATCH. */
import { createHash } from "node:crypto";
import { SensuError } from "@sensu-ts/core";

export interface Conditions {
  /** Values of the headers, as given. */
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

/** Strong tag: quoted lower-case hex of 64 bits without leading zeros. */
export function etagOf(bytes: Uint8Array): string {
  const head = createHash("sha256").update(bytes).digest().readBigUInt64BE(0);
  return `"${head.toString(16)}"`;
}

/** Throws `preconditionFailed`. */
export function checkConditions(conditions: Conditions, etag: string, key: string): void {
  const { ifMatch, ifNoneMatch } = conditions;
  const matches = ifMatch === undefined || tags(ifMatch).some((tag) => tag === "*" || tag === etag);
  const noneMatch =
    ifNoneMatch === undefined || !tags(ifNoneMatch).some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag);
  if (matches && noneMatch) return;
  throw new SensuError("preconditionFailed", `at least one condition failed for the key ${key}`);
}

function tags(header: string): readonly string[] {
  return header
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
}
