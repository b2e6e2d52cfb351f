import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { PeerCertificate } from "@sensu-ts/runtime";
import { type Kv, openSqlite } from "@sensu-ts/store";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { linesLog } from "../gateway/test-backend.ts";
import { ShownCertificates } from "./shown-certificates.ts";

const DAY = 86_400_000;
const PREFIX = "/sensu.io/shown_certificates/";
const folder = mkdtempSync(path.join(tmpdir(), "shown-"));
const sqlite = openSqlite({ folder });
beforeAll(() => sqlite.start());
afterAll(async () => {
  await sqlite.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] }));
afterEach(async () => {
  vi.useRealTimers();
  await sqlite.kv.txn([], [{ op: "deletePrefix", prefix: PREFIX }]);
});

/** Counts transactions; fails while `away`. */
function watched(kv: Kv) {
  const run = {
    ...{ away: false, txns: [] as number[] },
    range: kv.range.bind(kv),
    txn: ((compares, ops) => {
      if (run.away) return Promise.reject(new Error("away"));
      run.txns.push(ops.length);
      return kv.txn(compares, ops);
    }) as Kv["txn"],
  };
  return run;
}

async function started(kv = watched(sqlite.kv)) {
  const log = linesLog();
  const shown = new ShownCertificates({ kv, clock: Date, log });
  await shown.start();
  return { shown, kv, log };
}

const peer = (fingerprint256: string, chain: readonly Buffer[] = []) =>
  ({ fingerprint256, notAfter: 1e12, raw: Buffer.from(`leaf ${fingerprint256}`), chain }) as PeerCertificate;
const agent = (name: string) => ({ namespace: "default", name });
const names = (shown: ShownCertificates) => shown.list().map(({ entity }) => entity);
const stored = async () => (await sqlite.kv.range({ prefix: PREFIX })).entries.map(({ key }) => key.split("/").at(-1));

test("a record goes to the store seconds later, many in one transaction, the newest of an agent only", async () => {
  const { shown, kv } = await started();
  for (const name of ["a", "b", "a"]) shown.add(agent(name), peer(name), "10.0.0.1:1");
  expect(kv.txns).toEqual([]);
  vi.advanceTimersByTime(5000);
  expect(kv.txns).toEqual([2]);
  vi.advanceTimersByTime(60_000);
  await shown.stop();
  expect(kv.txns).toEqual([2]);
  expect(await stored()).toEqual(["a", "b"]);
});

test("a restart keeps everything, a revocation and the order included; what is 30 days old goes, from the store too", async () => {
  const before = await started();
  const chain = [Buffer.from("intermediate")];
  before.shown.add(agent("old"), peer("1"), "10.0.0.1:1");
  vi.setSystemTime(Date.now() + DAY);
  before.shown.add(agent("new"), peer("2", chain), "10.0.0.2:2");
  before.shown.revoked(agent("new"), "2");
  before.shown.revoked(agent("old"), "another");
  await before.shown.stop();
  const after = await started();
  expect(after.shown.list()).toEqual(before.shown.list());
  expect(after.shown.list()).toMatchObject([
    { entity: "old", revoked: false },
    { entity: "new", revoked: true, chain: [Buffer.from("leaf 2"), ...chain], address: "10.0.0.2:2" },
  ]);
  vi.setSystemTime(Date.now() + 29 * DAY);
  expect(names(after.shown)).toEqual(["new"]);
  await after.shown.stop();
  expect(await stored()).toEqual(["new"]);
});

test("while the store is away records wait for it; the log tells", async () => {
  const { shown, kv, log } = await started();
  kv.away = true;
  shown.add(agent("a"), peer("a"), "");
  vi.advanceTimersByTime(5000);
  await vi.waitFor(() =>
    expect(log.lines).toEqual(["error: error storing the certificates that agents have shown; trying again"]),
  );
  kv.away = false;
  await shown.stop();
  expect(await stored()).toEqual(["a"]);
});

test("a damaged record is deleted and told of, a chain out of proportion is kept as its leaf", async () => {
  await sqlite.kv.txn([], [{ op: "put", key: `${PREFIX}default/x`, value: Buffer.from("{") }]);
  const { shown, log } = await started();
  expect(log.lines).toEqual(["error: record of a certificate that an agent has shown is damaged; it is deleted"]);
  shown.add(agent("big"), peer("big", [Buffer.alloc(40_000)]), "");
  expect(shown.list()).toMatchObject([{ chain: [Buffer.from("leaf big")] }]);
  await shown.stop();
  expect(await stored()).toEqual(["big"]);
});

test("20,000 are kept, the newest; they are written a thousand at a time", async () => {
  const { shown, kv } = await started();
  for (let i = 0; i < 20_001; i++) shown.add(agent(`n${i}`), peer("f"), "");
  expect(names(shown)).toHaveLength(20_000);
  expect(names(shown)[0]).toBe("n1");
  vi.advanceTimersByTime(5000);
  await vi.waitFor(() => expect(kv.txns).toEqual([500, 500]));
  kv.away = true;
  await shown.stop();
});
