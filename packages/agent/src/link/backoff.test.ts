import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

const settings = { minMs: 1000, maxMs: 120_000, multiplier: 2 };
const waits = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

test("the first attempt is immediate, then the wait grows up to the maximum", () => {
  const backoff = new Backoff(settings, () => 0);
  expect(waits(backoff, 10)).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000, 120_000]);
});

test("the random part at most doubles the growth", () => {
  expect(waits(new Backoff(settings, () => 1), 4)).toEqual([0, 1000, 4000, 16_000]);
});

test("a new outage starts afresh", () => {
  const backoff = new Backoff(settings, () => 0);
  waits(backoff, 5);
  backoff.reset();
  expect(waits(backoff, 2)).toEqual([0, 1000]);
});

test("the wait stays finite over years", () => {
  const backoff = new Backoff({ ...settings, multiplier: 1e9 });
  expect(waits(backoff, 5000).at(-1)).toBe(120_000);
});
