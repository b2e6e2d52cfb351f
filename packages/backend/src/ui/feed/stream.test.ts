import type { ServerResponse } from "node:http";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { basicIdentity } from "../../access/identity.ts";
import { MAX_BEHIND_MS, MAX_WAITING, Stream } from "./stream.ts";
import { tokenEnd } from "./token-end.ts";

/** A reader that takes nothing until `take` is called. */
function slowReader() {
  let done: (() => void) | undefined;
  const written: string[] = [];
  const writable = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      written.push(chunk.toString());
      done = callback;
    },
  });
  const drain = async (): Promise<void> => {
    while (writable.writableLength > 0) {
      done?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    stream: new Stream(writable as unknown as ServerResponse, basicIdentity("vera", []), undefined),
    written,
    drain,
  };
}

test("what a slow reader does not take is bounded, and it gets its page anew when it caught up", async () => {
  const { stream, written, drain } = slowReader();
  const text = "x".repeat(MAX_WAITING / 4);
  const taken = Array.from({ length: 10 }, () => stream.write(text, 1000));
  expect(taken.filter((ok) => ok).length).toBeLessThanOrEqual(6);
  expect(stream.behind).toBe(true);
  expect(stream.caughtUp()).toBe(false);
  expect(stream.tooSlow(1000 + MAX_BEHIND_MS)).toBe(false);
  expect(stream.tooSlow(1001 + MAX_BEHIND_MS)).toBe(true);
  await drain();
  expect(stream.caughtUp()).toBe(true);
  expect(stream.write("again", 2000)).toBe(true);
  await drain();
  expect(written.at(-1)).toBe("again");
});

test("the end of a token is read from it; keys have none, nonsense has none", () => {
  const token = `h.${Buffer.from(JSON.stringify({ exp: 1_800_000_000 })).toString("base64url")}.s`;
  expect(tokenEnd(`Bearer ${token}`)).toBe(1_800_000_000_000);
  for (const other of ["Key abc", "Bearer x.!!.y", undefined]) expect(tokenEnd(other)).toBe(Number.POSITIVE_INFINITY);
});
