import { expect, test } from "vitest";
import { type RememberedResult, ResultMemory } from "./result-memory.ts";

function result(revision: number, more: Partial<RememberedResult> = {}): RememberedResult {
  const history = Array.from({ length: revision }, (_, i) => ({
    status: i % 3,
    executed: 1_700_000_000 + i,
    flapping: false,
  }));
  return { revision, ttl: 5, last_ok: 7, occurrences: 2, occurrences_watermark: 4, history, ...more };
}

test("what was remembered comes back, grown and shrunk", () => {
  const memory = new ResultMemory(5000);
  for (let i = 0; i < 3000; i++) memory.set(`k${i}`, result(1 + (i % 21)));
  expect(memory.get("k20")).toEqual(result(21));
  expect(memory.get("k2999")).toEqual(result(1 + (2999 % 21)));
  memory.set("k20", result(2));
  expect(memory.get("k20")).toEqual(result(2));
  memory.delete("k20");
  expect([memory.get("k20"), memory.size]).toEqual([undefined, 2999]);
});

test("the bound holds; what is used stays", () => {
  const memory = new ResultMemory(3);
  for (const key of ["a", "b", "c", "d"]) memory.set(key, result(1));
  expect(memory.size).toBe(3);
  memory.set("hot", result(1));
  for (let i = 0; i < 50; i++) {
    expect(memory.get("hot")?.revision).toBe(1);
    memory.set(`cold-${i}`, result(1));
  }
  expect(memory.size).toBe(3);
});

test("integers that a number cannot hold are not remembered wrongly", () => {
  const memory = new ResultMemory(3);
  memory.set("a", result(1));
  memory.set("a", result(2, { last_ok: 2n ** 60n }));
  expect(memory.get("a")).toBeUndefined();
});
