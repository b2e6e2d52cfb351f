import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openSqlite } from "./sqlite.ts";

const PROGRAM = fileURLToPath(new URL("./crash-writer.ts", import.meta.url));
const ROUNDS = process.env["LONG"] === "1" ? 100 : 4;

/** Highest acknowledged count by lane, of a writer killed with SIGKILL after so many acknowledgements. */
async function killedAfter(folder: string, from: number, acknowledgements: number): Promise<Map<number, number>> {
  const child = spawn(process.execPath, [PROGRAM, folder, String(from)], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const acknowledged = new Map<number, number>();
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [lane = 0, count = 0] = line.split(" ").map(Number);
    acknowledged.set(lane, count);
    if (++seen === acknowledgements) child.kill("SIGKILL");
  }
  const [, signal] = await exit;
  expect(signal).toBe("SIGKILL");
  return acknowledged;
}

test(
  "kill -9 loses nothing acknowledged, tears no batch, and the next start needs no repair",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "store-"));
    let highest = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const acknowledged = await killedAfter(folder, highest, 20 + ((round * 37) % 90));
      const store = openSqlite({ folder });
      await store.start();
      try {
        for (const [lane, count] of acknowledged) {
          const { events } = await store.events.list({ namespace: "ns", entity: `lane-${lane}` });
          const counts = new Set(events.map((event) => event.columns.timestamp));
          expect(events).toHaveLength(25);
          expect(counts.size).toBe(1);
          const [stored = 0] = counts;
          expect(stored).toBeGreaterThanOrEqual(count);
          expect(stored).toBeLessThanOrEqual(count + 1);
          for (const event of events) expect(event.bytes.every((byte) => byte === stored % 256)).toBe(true);
          const entry = await store.kv.get(`/lane/${lane}`);
          expect(Number(new TextDecoder().decode(entry?.value))).toBeGreaterThanOrEqual(count);
          highest = Math.max(highest, stored);
        }
      } finally {
        await store.stop();
      }
    }
    await rm(folder, { recursive: true });
  },
  ROUNDS * 10_000,
);
