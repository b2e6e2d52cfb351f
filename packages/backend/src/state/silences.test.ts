import { Check, Entity, Event, matchingSilences, ObjectMeta, Silenced, silenceName } from "@sensu-ts/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestBackend, TYPES } from "../gateway/test-backend.ts";
import { silentLog } from "../observe/silent-log.ts";
import { Silences } from "./silences.ts";

const PARTS = ["", "*", "linux", "web", "entity:e1", "entity:e2"];
const CHECKS = ["", "*", "cpu", "disk"];
const entries = PARTS.flatMap((subscription) =>
  CHECKS.map((check) => {
    const metadata = ObjectMeta.create({ name: silenceName(subscription, check), namespace: "default" });
    return Silenced.create({ metadata, subscription, check, begin: check === "disk" ? 2000 : 0 });
  }),
).filter(({ metadata }) => metadata.name !== "*:*");

let backend: Awaited<ReturnType<typeof startTestBackend>>;
let silences: Silences;
beforeAll(async () => {
  backend = await startTestBackend();
  silences = new Silences(backend.cache, backend.store, TYPES.silenced, silentLog);
});
afterAll(() => backend[Symbol.asyncDispose]());

const events = ["e1", "e3"].flatMap((name) =>
  [[], ["linux"], ["linux", "web", "other"]].flatMap((subscriptions) =>
    ["", "proxy"].flatMap((proxy_entity_name) =>
      ["cpu", "disk", "mem"].map((check) =>
        Event.create({
          entity: Entity.create({
            metadata: ObjectMeta.create({ name, namespace: "default" }),
            subscriptions: ["web", "other", `entity:${name}`],
          }),
          check: Check.create({ metadata: ObjectMeta.create({ name: check }), subscriptions, proxy_entity_name }),
        }),
      ),
    ),
  ),
);

test("however many entries there are, those that match are found (P-80)", async () => {
  const stored: Silenced[] = [];
  for (const entry of entries) {
    await backend.store.put(TYPES.silenced, entry);
    stored.push(entry);
    if (stored.length !== 3 && stored.length < entries.length) continue;
    for (const event of events) {
      const { entity, check } = event as { entity: Entity; check: Check };
      for (const now of [1000, 3000]) {
        const named = silences.name(event, entity, now).check?.silenced;
        expect(named).toEqual(matchingSilences(stored, entity, check, now));
      }
    }
  }
});
