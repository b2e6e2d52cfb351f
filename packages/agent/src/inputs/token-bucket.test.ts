import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("a burst passes at once, the rest at the rate", () => {
  let now = 0;
  const bucket = new TokenBucket(2, 3, () => now);
  expect([1, 2, 3, 4, 5].map(() => bucket.reserve())).toEqual([0, 0, 0, 500, 1000]);
  now = 10_000;
  expect([1, 2, 3, 4].map(() => bucket.reserve())).toEqual([0, 0, 0, 500]);
});

test("a rate of 0 is no limit", () => {
  const bucket = new TokenBucket(0, 1);
  expect(Array.from({ length: 1000 }, () => bucket.reserve()).every((wait) => wait === 0)).toBe(true);
});
