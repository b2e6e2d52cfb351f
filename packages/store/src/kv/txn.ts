import { SensuError } from "@sensu-ts/core";
import type { KvCompare, KvOp } from "./kv.ts";

/**
 * Refuses transactions that engines would read differently: a key may be touched by one operation only (etcd refuses
 * the others too).
 */
export function checkTxn(compares: readonly KvCompare[], ops: readonly KvOp[]): void {
  const keys = new Set<string>();
  const prefixes: string[] = [];
  for (const op of ops) {
    if (op.op === "deletePrefix") {
      prefixes.push(op.prefix);
      continue;
    }
    if (op.key === "") throw new SensuError("invalid", "a key must not be empty");
    if (keys.has(op.key)) throw new SensuError("invalid", "a transaction may touch a key once only");
    keys.add(op.key);
  }
  for (const [i, prefix] of prefixes.entries()) {
    const overlaps =
      prefixes.some((other, j) => i !== j && other.startsWith(prefix)) ||
      [...keys].some((key) => key.startsWith(prefix));
    if (overlaps) throw new SensuError("invalid", "a transaction may touch a key once only");
  }
  for (const compare of compares) {
    if ("key" in compare && compare.key === "") throw new SensuError("invalid", "a key must not be empty");
  }
}
