import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { patientFetch, retryAfter } from "./patience.ts";

const answer = (status: number, after?: string) =>
  new Response("", { status, headers: after === undefined ? {} : { "Retry-After": after } });

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("Retry-After is seconds, a date, or not told", () => {
  expect(retryAfter("7", 0)).toBe(7);
  expect(retryAfter("Thu, 01 Jan 1970 00:01:00 GMT", 500)).toBe(60);
  expect(retryAfter("Thu, 01 Jan 1970 00:00:00 GMT", 5000)).toBe(0);
  expect(retryAfter(null, 0)).toBe(5);
  expect(retryAfter("soon", 0)).toBe(5);
});

test("a short wait is waited for, as often as three times; a long one is not", async () => {
  const answers = [answer(429, "2"), answer(429, "3"), answer(200)];
  const asked: number[] = [];
  vi.stubGlobal("fetch", async () => {
    asked.push(Date.now());
    return answers.shift() ?? answer(429, "1");
  });
  const first = patientFetch("/x");
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await first).status).toBe(200);
  expect(asked).toEqual([0, 2000, 5000]);
  asked.length = 0;
  const again = patientFetch("/x");
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await again).status).toBe(429);
  expect(asked).toHaveLength(4);
  answers.push(answer(429, "600"));
  expect((await patientFetch("/x")).status).toBe(429);
});

test("who goes away does not wait", async () => {
  vi.stubGlobal("fetch", async () => answer(429, "20"));
  const stop = new AbortController();
  const asked = patientFetch("/x", { signal: stop.signal });
  const ended = expect(asked).rejects.toThrow("gone");
  await vi.advanceTimersByTimeAsync(1000);
  stop.abort(new Error("gone"));
  await ended;
});
