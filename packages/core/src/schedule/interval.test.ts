import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { parseCron } from "./cron.ts";
import { cronPeriodMs, firstDelayMs, firstDelayNs, proxyGapMs, splayOf } from "./interval.ts";

const md5 = (name: string) => createHash("md5").update(name).digest();

/** P-11. */
const vectors: [string, bigint, number, bigint][] = [
  ["check-cpu", 260384143942206841n, 10, 7651758457n],
  ["check-cpu", 260384143942206841n, 60, 57651758457n],
  ["check-cpu", 260384143942206841n, 300, 117651758457n],
  ["disk", 14129671233914759285n, 10, 3914759285n],
  ["disk", 14129671233914759285n, 60, 13914759285n],
  ["disk", 14129671233914759285n, 300, 133914759285n],
];

test.each(vectors)("%s: splay %s, interval %s s", (name, splay, interval, delay) => {
  expect(splayOf(md5(name))).toBe(splay);
  expect(firstDelayNs(splay, 1_700_000_000_000_000_000n, interval)).toBe(delay);
  expect(firstDelayMs(splay, 1_700_000_000_000, interval)).toBeCloseTo(Number(delay) / 1e6, 3);
});

test("proxy requests share a part of the period", () => {
  expect(proxyGapMs(60_000, 90, 30)).toBe(1800);
  expect(proxyGapMs(60_000, 0, 30)).toBe(1800);
  expect(proxyGapMs(60_000, 50, 3)).toBe(10_000);
});

test("a cron period is measured from a firing that is not too near", () => {
  const hourly = parseCron("0 * * * *");
  expect(cronPeriodMs(hourly, Date.parse("2024-01-01T00:30:00Z"))).toBe(1_800_000);
  expect(cronPeriodMs(hourly, Date.parse("2024-01-01T00:59:57Z"))).toBe(3_599_000);
  expect(cronPeriodMs(parseCron("0 0 31 2 *"), 0)).toBe(0);
});
