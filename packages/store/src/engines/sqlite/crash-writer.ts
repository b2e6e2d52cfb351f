/**
 * Program of the crash test: writes batches on several lanes until it is killed and says on standard output what was
 * acknowledged, one line `<lane> <count>` each. Every write of a lane writes the same keys with the next count.
 */
import type { EventWrite } from "../../events/events.ts";
import { openSqlite } from "./sqlite.ts";

const [folder = "", from = "0"] = process.argv.slice(2);
const { LANES, BATCH } = { LANES: 4, BATCH: 25 };

const store = openSqlite({ folder });
await store.start();

async function run(lane: number): Promise<void> {
  for (let count = Number(from) + 1; ; count++) {
    const stored = await store.events.get({ namespace: "ns", entity: `lane-${lane}`, check: "0" });
    const batch = Array.from({ length: BATCH }, (_, check): EventWrite => {
      const key = { namespace: "ns", entity: `lane-${lane}`, check: String(check) };
      const columns = { timestamp: count, status: 0, state: "passing", silenced: false, lastOk: 0, executed: 0 };
      const bytes = new Uint8Array(1500).fill(count % 256);
      return { ...key, expected: stored?.revision ?? 0, columns, bytes };
    });
    const [results] = await Promise.all([
      store.events.commit(batch),
      store.kv.txn([], [{ op: "put", key: `/lane/${lane}`, value: Buffer.from(String(count)) }]),
    ]);
    if (results.some((result) => !result.ok)) throw new Error("conflict");
    process.stdout.write(`${lane} ${count}\n`);
  }
}

await Promise.all(Array.from({ length: LANES }, (_, lane) => run(lane)));
