import { expect, test } from "vitest";
import { FrameQueue } from "./frame-queue.ts";

function queue(maxBytes?: number) {
  const state = { blocked: false, full: 0, room: 0 };
  const frames = new FrameQueue({
    blocked: () => state.blocked,
    onFull: () => state.full++,
    onRoom: () => state.room++,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  const read: string[] = [];
  const reader = { read: (frame: Buffer) => void read.push(`${frame.length}:${frame.toString("latin1", 0, 8)}`) };
  return { frames, state, read, reader };
}

const numbered = (i: number, length: number) => Buffer.alloc(length, "x").fill(String(i).padStart(8, "0"), 0, 8);

test("frames of any size come in order, though their buffers are used again", async () => {
  const { frames, read, reader } = queue(1 << 30);
  const expected: string[] = [];
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 400; i++) {
      const frame = numbered(round * 400 + i, 8 + ((i * 7919) % 3000) + (i % 97 === 0 ? 300_000 : 0));
      expected.push(`${frame.length}:${frame.toString("latin1", 0, 8)}`);
      frames.push(reader, frame);
      frame.fill(i % 97 === 0 ? frame.toString("latin1", 0, 8) : "-");
    }
    // Some are still waiting when the next ones come.
    if (round % 2 === 0) await new Promise(setImmediate);
    else await frames.empty();
  }
  await frames.empty();
  expect(read).toEqual(expected);
  expect(frames.bytes).toBe(0);
});

test("who sends is told when too much waits, and when half of it is gone", async () => {
  const { frames, state, read, reader } = queue(10_000);
  state.blocked = true;
  for (let i = 0; i < 12; i++) frames.push(reader, numbered(i, 1000));
  await new Promise(setImmediate);
  expect([state.full, state.room, frames.full, read.length, frames.bytes]).toEqual([1, 0, true, 0, 12_000]);
  state.blocked = false;
  frames.go();
  await frames.empty();
  expect([state.full, state.room, frames.full, read.length]).toEqual([1, 1, false, 12]);
});
