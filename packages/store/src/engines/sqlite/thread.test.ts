import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import type { WriteAnswers, WriteRequest } from "./protocol.ts";
import { Thread } from "./thread.ts";
import { workerUrl } from "./worker-url.ts";

test("a worker that dies rejects what waited, comes back by itself and keeps the leases of this process", async () => {
  const folder = await mkdtemp(join(tmpdir(), "store-"));
  const workers: Worker[] = [];
  const logged: string[] = [];
  let spawned = () => {};
  const thread = new Thread<WriteRequest, WriteAnswers>({
    name: "writer",
    settings: {
      ...{ folder, unsafeNoFsync: false, quotaBytes: undefined, dropLeases: true },
      history: { changes: 100, bytes: 1_000_000, milliseconds: 60_000 },
    },
    log: (_level, message) => logged.push(message),
    spawn(settings) {
      const worker = new Worker(workerUrl("writer"), { workerData: settings });
      workers.push(worker);
      spawned();
      return worker;
    },
  });
  const put = () => {
    const op = { op: "put", key: "/lock", value: new Uint8Array(1), lease: "mine" } as const;
    return thread.request({ op: "txn", compares: [], ops: [op] });
  };
  try {
    await thread.start();
    await thread.request({ op: "grantLease", lease: "mine" });
    await put();
    const again = new Promise<void>((resolve) => {
      spawned = resolve;
    });
    const ended = workers[0]?.terminate();
    await expect(put()).rejects.toMatchObject({ code: "unavailable" });
    await ended;
    await expect(put()).rejects.toMatchObject({ code: "unavailable" });
    expect(logged).toEqual(["the store's writer ended, starting it again"]);
    await again;
    await once(workers[1] as Worker, "message");
    expect(await put()).toMatchObject({ committed: true });
  } finally {
    await thread.stop();
    await rm(folder, { recursive: true });
  }
});
