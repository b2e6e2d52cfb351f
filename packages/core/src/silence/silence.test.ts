import { expect, test } from "vitest";
import { Check } from "../types/check.ts";
import { Entity } from "../types/entity.ts";
import { ObjectMeta } from "../types/meta.ts";
import { Silenced } from "../types/pipeline.ts";
import { isExpired, matchingSilences } from "./mod.ts";

const entity = Entity.create({
  metadata: ObjectMeta.create({ name: "a1" }),
  subscriptions: ["linux", "web", "entity:a1"],
});
const disk = Check.create({ metadata: ObjectMeta.create({ name: "disk" }), subscriptions: ["linux", "db"] });
const keepalive = Check.create({ metadata: ObjectMeta.create({ name: "keepalive" }) });
const proxied = Check.create({ ...disk, subscriptions: [], proxy_entity_name: "a1" });

test.each([
  ["entity:a1", "", disk, true],
  ["linux", "disk", disk, true],
  ["", "disk", disk, true],
  ["*", "*", disk, true],
  ["linux", "*", keepalive, false],
  ["entity:a1", "keepalive", keepalive, true],
  ["db", "", disk, false],
  ["web", "", disk, false],
  ["web", "", proxied, true],
  ["linux", "cpu", disk, false],
  ["lin*", "", disk, false],
])("silence %s:%s (P-80)", (subscription, check, of, expected) => {
  const entry = Silenced.create({ subscription, check });
  expect(matchingSilences([entry], entity, of, 100).length === 1).toBe(expected);
});

test("names are sorted and distinct; begin and expiry rule (P-79, P-82)", () => {
  const entries = [
    Silenced.create({ subscription: "linux", begin: 50 }),
    Silenced.create({ check: "disk" }),
    Silenced.create({ check: "disk" }),
    Silenced.create({ subscription: "entity:a1", begin: 101 }),
    Silenced.create({ subscription: "web", check: "disk", expire_at: 100 }),
  ];
  expect(matchingSilences(entries, entity, disk, 100)).toEqual(["*:disk", "linux:*"]);
  expect(isExpired(Silenced.create({ expire_at: 101 }), 100)).toBe(false);
  expect(isExpired(Silenced.create({ expire_at: 0 }), 100)).toBe(false);
});
