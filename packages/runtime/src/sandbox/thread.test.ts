import { once } from "node:events";
import { BroadcastChannel } from "node:worker_threads";
import { afterEach, expect, test, vi } from "vitest";
import type { ScriptValue } from "./protocol.ts";
import { type Job, ScriptThread } from "./thread.ts";

/** A thread that takes its time: it begins, and answers, when the channel says so. */
const SLOW = new URL(
  `data:text/javascript,${encodeURIComponent(`import { BroadcastChannel, parentPort } from "node:worker_threads";
const channel = new BroadcastChannel("slow-thread");
parentPort.on("message", ({ id }) => {
  channel.onmessage = () => {
    parentPort.postMessage("begun");
    parentPort.postMessage({ id, ok: true, value: { kind: "boolean", value: true } });
  };
  channel.postMessage("asked");
});`)}`,
);

afterEach(() => vi.useRealTimers());

test("the time that a thread takes to begin is not the script's", async () => {
  using channel = Object.assign(new BroadcastChannel("slow-thread"), {
    [Symbol.dispose]() {
      channel.close();
    },
  });
  const asked = once(channel as unknown as EventTarget, "message");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const thread = new ScriptThread(() => {}, SLOW);
  const job = (id: number): Job => ({
    request: { id, kind: "syntax", code: "true", timeoutMs: 100, memoryBytes: 1 << 20 },
    ...Promise.withResolvers<ScriptValue>(),
  });
  const first = job(1);
  thread.run(first);
  await asked;
  vi.advanceTimersByTime(60_000);
  channel.postMessage("begin");
  expect(await first.promise).toEqual({ kind: "boolean", value: true });
  // Once it has begun, the limit holds.
  const second = job(2);
  thread.run(second);
  vi.advanceTimersByTime(3_000);
  await expect(second.promise).rejects.toMatchObject({ code: "invalid", message: "time limit exceeded" });
  // One that never begins is our failure, not the script's.
  const third = job(3);
  thread.run(third);
  vi.advanceTimersByTime(180_000);
  await expect(third.promise).rejects.toMatchObject({ code: "unavailable" });
  await thread.stop();
});
