import { expect, test } from "vitest";
import { Check, CheckHistory } from "../types/check.ts";
import { Entity } from "../types/entity.ts";
import { Event } from "../types/event.ts";
import { ObjectMeta } from "../types/meta.ts";
import {
  aliveEvent,
  isIncident,
  isResolution,
  keepaliveTimeout,
  mergeCheck,
  mergeEvent,
  registrationEvent,
  resolvedByDeregistration,
  silentEvent,
  TRUNCATED_LABEL,
  totalStateChange,
  truncateOutput,
  ttlFailureEvent,
  validateEvent,
  withoutEmptyFallback,
} from "./mod.ts";

const statuses = (list: readonly number[]) => list.map((status) => CheckHistory.create({ status }));
const times = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i));

test.each([
  ["alternating", times(21, (i) => i % 2), 98],
  ["only the newest differs", times(21, (i) => (i === 20 ? 1 : 0)), 5],
  ["only the oldest differs", times(21, (i) => (i === 0 ? 1 : 0)), 4],
  ["second half alternates", times(21, (i) => (i >= 10 ? i % 2 : 0)), 54],
  ["pairs", times(21, (i) => Math.floor(i / 2) % 2), 50],
  ["too short", times(20, (i) => i % 2), 0],
])("total state change, %s (P-59)", (_, list, expected) => {
  expect(totalStateChange(statuses(list))).toBe(expected);
});

function run(list: readonly number[], settings: Partial<Check> = {}): Check[] {
  const out: Check[] = [];
  for (const [i, status] of list.entries()) {
    out.push(mergeCheck(out.at(-1), Check.create({ ...settings, status, executed: 100 + i })));
  }
  return out;
}

test("occurrences, watermark, last_ok and state of the sequence of P-62", () => {
  const checks = run([0, 0, 1, 2, 2, 2, 0, 0, 1]);
  expect(checks.map((check) => check.occurrences)).toEqual([1, 2, 1, 1, 2, 3, 1, 2, 1]);
  expect(checks.map((check) => check.occurrences_watermark)).toEqual([1, 2, 1, 1, 2, 3, 3, 3, 1]);
  expect(checks.at(-1)?.last_ok).toBe(107);
  expect(checks.map((check) => check.state === "passing")).toEqual(checks.map((check) => check.status === 0));
  const events = checks.map((check) => Event.create({ check }));
  expect(events.map(isIncident)).toEqual([false, false, true, true, true, true, false, false, true]);
  expect(events.map(isResolution)).toEqual([false, false, false, false, false, false, true, false, false]);
});

test("flapping needs both thresholds and 21 results (P-60, P-61)", () => {
  const alternating = times(22, (i) => i % 2);
  const flapping = run(alternating, { low_flap_threshold: 5, high_flap_threshold: 30 });
  expect(flapping[19]?.state).toBe("failing");
  expect(flapping[20]).toMatchObject({ state: "flapping", total_state_change: 98, last_ok: 118 });
  expect(flapping[21]?.history).toHaveLength(21);
  expect(run(alternating).some((check) => check.state === "flapping")).toBe(false);
});

test("a first result goes on from what the client sent (R-128)", () => {
  const sent = Check.create({
    status: 1,
    history: statuses([1]),
    occurrences: 4,
    occurrences_watermark: 4,
    last_ok: 7,
  });
  expect(mergeCheck(undefined, sent)).toMatchObject({ occurrences: 5, occurrences_watermark: 5, last_ok: 7 });
  expect(mergeCheck(undefined, sent).history.map((entry) => entry.status)).toEqual([1, 1]);
});

test("counters at the ends of 64 bits count on exactly, as the original's do", () => {
  const once = (sent: Partial<Check>) => {
    const { occurrences, occurrences_watermark } = mergeCheck(undefined, Check.create({ status: 1, ...sent }));
    return [occurrences, occurrences_watermark];
  };
  const history = statuses([1]);
  expect(once({ occurrences: 2 ** 53 - 1, occurrences_watermark: 2 ** 53 - 1, history })).toEqual([
    9007199254740992n,
    9007199254740992n,
  ]);
  expect(once({ occurrences: 9223372036854775807n, occurrences_watermark: 5, history })).toEqual([
    -9223372036854775808n,
    5,
  ]);
  expect(once({ occurrences_watermark: 9223372036854775807n })).toEqual([1, 9223372036854775807n]);
  expect(once({ occurrences_watermark: -9223372036854775808n })).toEqual([1, -9223372036854775807n]);
});

test("a missing timestamp becomes now, a given one stays (P-65)", () => {
  expect(mergeEvent(undefined, Event.create({ check: Check.create() }), 50).timestamp).toBe(50);
  expect(mergeEvent(undefined, Event.create({ timestamp: 9, check: Check.create() }), 50).timestamp).toBe(9);
});

test.each([
  ["ascii cut", "0123456789abc", 10, "0123456789", "3"],
  ["no character is cut in two", "aaé", 3, "aa", "2"],
])("stored output, %s (P-66)", (_, output, size, stored, cut) => {
  const result = truncateOutput(Event.create({ check: Check.create({ output, max_output_size: size }) }));
  expect(result?.stored.check?.output).toBe(stored);
  expect(result?.full.check?.output).toBe(output);
  expect(result?.full.metadata.labels[TRUNCATED_LABEL]).toBe(cut);
  expect(result?.stored.metadata.labels[TRUNCATED_LABEL]).toBe(cut);
});

test("output that fits or has no limit is left alone", () => {
  expect(truncateOutput(Event.create({ check: Check.create({ output: "é", max_output_size: 2 }) }))).toBeUndefined();
  expect(truncateOutput(Event.create({ check: Check.create({ output: "abc" }) }))).toBeUndefined();
});

const entity = Entity.create({
  entity_class: "agent",
  last_seen: 1_704_888_000,
  metadata: ObjectMeta.create({ name: "a1", namespace: "ops" }),
});
const ping = Event.create({
  check: Check.create({ timeout: 120, ttl: 200, interval: 20, metadata: ObjectMeta.create({ name: "keepalive" }) }),
  sequence: 3,
});
const moment = (now: number) => ({ now, id: new Uint8Array(16) });

test("a keepalive becomes an OK event (P-88)", () => {
  const event = aliveEvent(ping, entity, moment(77));
  expect(event).toMatchObject({ timestamp: 77, sequence: 3 });
  expect(event.check).toMatchObject({
    handlers: ["keepalive"],
    output: "Keepalive last sent from a1 at 2024-01-10 12:00:00 +0000 UTC",
    ...{ interval: 20, timeout: 120, ttl: 200, scheduler: "etcd", executed: 77, issued: 77, status: 0 },
  });
  // A clock that counts nanoseconds is no reason to take its host for dead.
  expect(aliveEvent(ping, { ...entity, last_seen: 1704888000000000000n }, moment(77)).check?.status).toBe(0);
});

test.each([
  [119, undefined, ""],
  [120, 1, "No keepalive sent from a1 for 120 seconds (>= 120)"],
  [240, 2, "No keepalive sent from a1 for 240 seconds (>= 200)"],
])("after %i seconds of silence the status is %s (P-92)", (seconds, status, output) => {
  const event = silentEvent(ping, entity, moment(1_704_888_000 + seconds));
  expect(event?.check?.status).toBe(status);
  if (event) expect(event.check?.output).toBe(output);
});

test("without a warning stage the critical one rules the clock (P-87)", () => {
  expect(keepaliveTimeout(Check.create({ timeout: 0, ttl: 240 }))).toBe(240);
  expect(keepaliveTimeout(Check.create({ timeout: 0, ttl: 0 }))).toBe(120);
  expect(keepaliveTimeout(undefined)).toBe(120);
});

test("registration and deregistration events (P-97, P-98)", () => {
  expect(registrationEvent(entity, 5).check).toMatchObject({ handlers: ["registration"], interval: 1, status: 1 });
  const failing = Event.create({
    entity,
    check: Check.create({ status: 2, state: "failing", history: statuses([0, 2]) }),
  });
  const resolved = resolvedByDeregistration(failing);
  expect(resolved.check).toMatchObject({ status: 0, state: "failing", history: [] });
  expect([isIncident(resolved), isResolution(resolved)]).toEqual([false, false]);
});

test("results that stopped coming (P-73)", () => {
  const stored = Event.create({
    check: Check.create({
      executed: 100,
      ttl: 15,
      ttl_status: 2,
      issued: 99,
      processed_by: "a1",
      silenced: ["x:*"],
      labels: 1,
    } as never),
    sequence: 9,
  });
  const failure = ttlFailureEvent(stored, 130);
  expect(failure).toMatchObject({ timestamp: 130, sequence: 9 });
  expect(failure.check).toMatchObject({
    ...{ status: 2, output: "Last check execution was 30 seconds ago", executed: 130, ttl: 15 },
    ...{ issued: 0, processed_by: "", silenced: [] },
  });
});

const fine = { entity: () => {}, check: () => {} };
test.each([
  [{}, "event must contain an entity"],
  [{ entity }, "event must contain a check or metrics"],
  [{ entity, check: Check.create(), metadata: ObjectMeta.create({ name: "n" }) }, "events cannot be named"],
  [{ entity, check: Check.create(), id: new Uint8Array(3) }, "event ID is not 16 bytes long"],
])("validation text %#", (given, text) => {
  expect(() => validateEvent(Event.create(given), fine)).toThrow(text);
});

test("an all-empty fallback pipeline is none (P-50)", () => {
  const empty = { name: "", type: "", api_version: "" };
  const event = withoutEmptyFallback(
    Event.create({ fallback_pipeline: empty, check: Check.create({ fallback_pipeline: empty }) }),
  );
  expect(event.fallback_pipeline).toBeUndefined();
  expect(event.check?.fallback_pipeline).toBeUndefined();
});
