import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openSqlite } from "@sensu-ts/store";
import { expect, test } from "vitest";
import { EVENT_ORDERS, type EventRow } from "../wire.ts";
import { compareRows, STORE_ORDER } from "./event-order.ts";

test("changed rows are put where the store would list them, in every order", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "order-"));
  const store = openSqlite({ folder, unsafeNoFsync: true });
  await store.start();
  try {
    const rows = ["a", "a-b", "a.c", "b"].flatMap((entity, i) =>
      ["cpu", "disk", "load"].map((check, j) => ({
        entity,
        check,
        status: [0, 2, 1, 127][(i * 3 + j) % 4] ?? 0,
        timestamp: 100 + ((i * 7 + j * 5) % 6),
        lastOk: 50 + ((i + j * 2) % 4),
      })),
    );
    await store.events.commit(
      rows.map(({ entity, check, status, timestamp, lastOk }) => ({
        namespace: "shop",
        entity,
        check,
        expected: 0,
        columns: { timestamp, status, state: "", silenced: false, lastOk, executed: 0 },
        bytes: new Uint8Array([1]),
      })),
    );
    for (const order of EVENT_ORDERS) {
      for (const descending of [false, true]) {
        const stored = await store.events.list({ namespace: "shop", order: STORE_ORDER[order], descending, limit: 50 });
        const sorted = (rows as unknown as EventRow[]).toSorted(compareRows(order, descending));
        const names = (list: readonly { entity: string; check: string }[]) =>
          list.map((row) => `${row.entity}/${row.check}`);
        expect(names(sorted), `${order} ${descending}`).toEqual(names(stored.events));
      }
    }
  } finally {
    await store.stop();
    rmSync(folder, { recursive: true });
  }
});
