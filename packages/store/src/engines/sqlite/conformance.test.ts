import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { eventStoreConformance } from "../../conformance/events.ts";
import { eventModelConformance } from "../../conformance/events-model.ts";
import { kvConformance } from "../../conformance/kv.ts";
import { kvModelConformance } from "../../conformance/kv-model.ts";
import type { EventStore } from "../../events/events.ts";
import type { Kv } from "../../kv/kv.ts";
import { openSqlite, type SqliteStore } from "./sqlite.ts";

/** `npm run test:long` asks for many more cases than usual. */
const FUZZ = Number(process.env["FUZZ_FACTOR"] ?? 1);

async function make<T extends Kv | EventStore>(pick: (sqlite: SqliteStore) => T) {
  const folder = await mkdtemp(join(tmpdir(), "store-"));
  const sqlite = openSqlite({ folder });
  const store = pick(sqlite);
  await store.start();
  return {
    store,
    async restart() {
      await store.stop();
      await store.start();
    },
    async [Symbol.asyncDispose]() {
      await store.stop();
      await rm(folder, { recursive: true });
    },
  };
}

describe("kv", () => kvConformance(() => make((sqlite) => sqlite.kv)));
describe("kv against its model", () => {
  kvModelConformance(() => make((sqlite) => sqlite.kv), 10 * FUZZ);
});
describe("events", () => eventStoreConformance(() => make((sqlite) => sqlite.events)));
describe("events against their model", () => {
  eventModelConformance(() => make((sqlite) => sqlite.events), 10 * FUZZ);
});
