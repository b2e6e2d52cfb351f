import { expect, test } from "vitest";
import { SendQueue } from "./send-queue.ts";

const never = new AbortController().signal;

test("first in, first out", async () => {
  const queue = new SendQueue<number>(10);
  for (const item of [1, 2, 3]) await queue.put(item);
  expect([await queue.take(never), await queue.take(never), await queue.take(never)]).toEqual([1, 2, 3]);
});

test("a producer waits while the queue is full", async () => {
  const queue = new SendQueue<number>(1);
  await queue.put(1);
  let accepted = false;
  const second = queue.put(2).then(() => {
    accepted = true;
  });
  await Promise.resolve();
  expect(accepted).toBe(false);
  expect(await queue.take(never)).toBe(1);
  await second;
  expect(await queue.take(never)).toBe(2);
});

test("a waiting taker gets the next item", async () => {
  const queue = new SendQueue<number>(1);
  const taken = queue.take(never);
  await queue.put(5);
  expect(await taken).toBe(5);
  expect(queue.length).toBe(0);
});

test("an item put back is the next one taken", async () => {
  const queue = new SendQueue<number>(2);
  await queue.put(1);
  await queue.put(2);
  const first = (await queue.take(never)) as number;
  queue.putBack(first);
  expect([await queue.take(never), await queue.take(never)]).toEqual([1, 2]);
});

test("a taker that gives up takes nothing", async () => {
  const queue = new SendQueue<number>(1);
  const abort = new AbortController();
  const taken = queue.take(abort.signal);
  abort.abort();
  expect(await taken).toBeUndefined();
  await queue.put(7);
  expect(await queue.take(abort.signal)).toBeUndefined();
  expect(await queue.take(never)).toBe(7);
});
