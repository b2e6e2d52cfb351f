import { expect, test } from "vitest";
import { Distribution } from "./distribution.ts";

const MINUTE = 60_000;

test.each([
  { name: "one value", values: [250], quantiles: [250, 250] },
  { name: "an even spread", values: Array.from({ length: 1000 }, (_, i) => i + 1), quantiles: [500, 990] },
  { name: "far apart", values: [...Array(98).fill(0.002), 9e8, 9e8], quantiles: [0.002, 9e8] },
  { name: "below the smallest", values: [0, 1e-9, 0.000_01], quantiles: [0.001, 0.001] },
  { name: "a power of two", values: [1024, 1024], quantiles: [1024, 1024] },
])("quantiles of $name", ({ values, quantiles: [half, most] }) => {
  const spread = new Distribution();
  for (const value of values) spread.observe(value);
  const [p50 = 0, p99 = 0] = spread.values([0.5, 0.99], 0);
  // A sixteenth of a doubling wide, the middle is given: three percent to either side.
  expect(Math.abs(p50 / (half ?? 0) - 1)).toBeLessThan(0.032);
  expect(Math.abs(p99 / (most ?? 0) - 1)).toBeLessThan(0.032);
  expect(spread.count).toBe(values.length);
});

test("what is larger than the largest class is in it, and its sum is right", () => {
  const spread = new Distribution();
  spread.observe(1e15);
  expect(spread.values([0.5], 0)[0]).toBeGreaterThan(5e8);
  expect(spread.sum).toBe(1e15);
});

test("several at once count as several", () => {
  const spread = new Distribution();
  spread.observe(10, 99);
  spread.observe(1000);
  expect(spread).toMatchObject({ count: 100, sum: 1990 });
  expect(spread.values([0.99], 0)[0]).toBeLessThan(11);
});

test("quantiles are of the last five to ten minutes, count and sum of all time", () => {
  const spread = new Distribution();
  spread.observe(10);
  const at = (minute: number) => spread.values([0.5], minute * MINUTE)[0] as number;
  expect(at(0)).toBeCloseTo(10, 0);
  expect(at(5)).toBeCloseTo(10, 0);
  spread.observe(1000);
  expect(at(9)).toBeCloseTo(10, 0);
  expect(at(10)).toBeGreaterThan(960);
  expect(at(15)).toBeNaN();
  expect(spread).toMatchObject({ count: 2, sum: 1010 });
});
