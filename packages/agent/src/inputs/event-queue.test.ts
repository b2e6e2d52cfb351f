import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Event } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { MemoryLog } from "../fake-backend.ts";
import { randomId } from "../link/event-id.ts";
import type { OutgoingEvent } from "../link/link.ts";
import { EventQueue, type EventQueueOptions } from "./event-queue.ts";
import { TokenBucket } from "./token-bucket.ts";

const newFolder = () => mkdtempSync(path.join(tmpdir(), "queue-"));
const event = (timestamp: number) => Event.create({ timestamp, id: randomId() });

function open(folder: string, rest: Partial<EventQueueOptions> = {}) {
  const sent: OutgoingEvent[] = [];
  const queue = new EventQueue({
    folder,
    bucket: new TokenBucket(0, 1),
    send: (outgoing) => {
      sent.push(outgoing);
      return Promise.resolve();
    },
    log: new MemoryLog(),
    ...rest,
  });
  const times = () => sent.map((outgoing) => outgoing.event.timestamp);
  return { queue, sent, times };
}

test("events are kept over a restart in their order until they are written", async () => {
  const folder = newFolder();
  const first = open(folder);
  for (const time of [1, 2, 3]) await first.queue.add(event(time));
  await expect.poll(first.times).toEqual([1]);
  first.sent[0]?.written?.(false);
  await expect.poll(first.times).toEqual([1, 2]);
  first.queue.stop();

  const second = open(folder);
  await second.queue.start();
  await expect.poll(second.times).toEqual([2]);
  second.sent[0]?.written?.(false);
  await expect.poll(second.times).toEqual([2, 3]);
  second.sent[1]?.written?.(false);
  second.queue.stop();

  const third = open(folder);
  await third.queue.start();
  await third.queue.add(event(4));
  await expect.poll(third.times).toEqual([4]);
  third.queue.stop();
  expect(statSync(path.join(folder, "event-queue.sqlite")).mode & 0o777).toBe(0o600);
});

test("a folder that cannot hold a queue stops the start, not the first event (W-84)", async () => {
  const file = path.join(newFolder(), "file");
  writeFileSync(file, "");
  await expect(open(path.join(file, "cache")).queue.start()).rejects.toThrowError(
    /^cache-dir .*file\/cache cannot hold/,
  );
});

test("towards a backend that acknowledges, a written event stays until it is acknowledged", async () => {
  const folder = newFolder();
  const { queue, sent, times } = open(folder);
  for (const time of [1, 2]) await queue.add(event(time));
  await expect.poll(times).toEqual([1]);
  sent[0]?.written?.(true);
  await expect.poll(times).toEqual([1, 2]);
  sent[1]?.written?.(true);
  queue.acknowledged(sent[1]?.event.id as Uint8Array);
  queue.reset();
  await expect.poll(times).toEqual([1, 2, 1]);
  sent[2]?.written?.(true);
  queue.acknowledged(sent[2]?.event.id as Uint8Array);
  queue.stop();
  const again = open(folder);
  await again.queue.start();
  await again.queue.add(event(9));
  await expect.poll(again.times).toEqual([9]);
  again.queue.stop();
});

test("the number of unacknowledged events is bounded", async () => {
  const { queue, sent, times } = open(newFolder(), { maxUnacknowledged: 2 });
  for (const time of [1, 2, 3]) await queue.add(event(time));
  for (const at of [0, 1]) {
    await expect.poll(() => sent.length).toBe(at + 1);
    sent[at]?.written?.(true);
  }
  await new Promise(setImmediate);
  expect(times()).toEqual([1, 2]);
  queue.acknowledged(Buffer.concat(sent.map((outgoing) => outgoing.event.id)));
  await expect.poll(times).toEqual([1, 2, 3]);
  queue.stop();
});

test("a full queue refuses", async () => {
  const { queue } = open(newFolder(), { maxEvents: 1 });
  await queue.add(event(1));
  await expect(queue.add(event(2))).rejects.toThrowError("the event queue is full");
  queue.stop();
});

test("a second agent on the same folder is kept out", async () => {
  const folder = newFolder();
  const first = open(folder);
  await first.queue.add(event(1));
  await expect(open(folder).queue.start()).rejects.toThrowError(/cannot be opened/);
  first.queue.stop();
});

test("the null device keeps the queue in memory", async () => {
  const { queue, times } = open("/dev/null");
  await queue.start();
  await queue.add(event(1));
  await expect.poll(times).toEqual([1]);
  queue.stop();
});
