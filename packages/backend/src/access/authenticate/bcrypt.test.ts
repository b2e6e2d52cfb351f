import diagnostics from "node:diagnostics_channel";
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { hashSync } from "bcryptjs";
import { expect, test } from "vitest";
import { Bcrypt } from "./bcrypt.ts";

test("an idle thread ends, and the next password is computed by a new one", async () => {
  const threads: Worker[] = [];
  const made = (message: unknown) => threads.push((message as { worker: Worker }).worker);
  diagnostics.subscribe("worker_threads", made);
  const bcrypt = new Bcrypt({ threads: 1, idleMs: 1 });
  try {
    const hash = hashSync("P@ssw0rd!", 4);
    expect(await bcrypt.matches("P@ssw0rd!", hash)).toBe(true);
    const [first] = threads;
    if (first) await once(first, "exit");
    expect(await bcrypt.matches("other", hash)).toBe(false);
    expect(threads).toHaveLength(2);
  } finally {
    diagnostics.unsubscribe("worker_threads", made);
    await bcrypt.stop();
  }
});
