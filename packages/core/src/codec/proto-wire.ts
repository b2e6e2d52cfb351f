import type { ScalarKind } from "./schema.ts";

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;

export function wireOf(kind: ScalarKind): number {
  return kind === "str" || kind === "bytes" ? BYTES : kind === "f64" ? FIXED64 : VARINT;
}
