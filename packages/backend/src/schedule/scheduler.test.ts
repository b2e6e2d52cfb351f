import {
  Asset,
  AssetList,
  CheckConfig,
  type CheckRequest,
  EntityConfig,
  HookConfig,
  HookList,
  ObjectMeta,
  ProxyRequests,
  TimeWindowRepeated,
} from "@sensu-ts/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "../observe/silent-log.ts";
import type { DefinitionKind, Definitions } from "./ports.ts";
import { Ring } from "./ring.ts";
import { Scheduler } from "./scheduler.ts";
import { Timers } from "./timers.ts";

const START = 1_700_000_000_000;
const meta = (name: string, labels: Record<string, string> = {}) =>
  ObjectMeta.create({ name, namespace: "default", labels });
const ADHOC = { subscriptions: [], creator: "", reason: "" };

interface Sent {
  readonly at: number;
  readonly subscription: string;
  readonly request: CheckRequest;
}

/** Definitions in memory, and everything that was published. */
class Bench implements Definitions {
  readonly sent: Sent[] = [];
  readonly stored = new Map<string, CheckConfig>();
  readonly assetList: Asset[] = [];
  readonly hookList: HookConfig[] = [];
  readonly entityList: EntityConfig[] = [];
  members: string[] = [];
  readonly scheduler: Scheduler;
  #listener: (kind: DefinitionKind, namespace: string, name: string) => void = () => {};

  constructor() {
    this.scheduler = new Scheduler({
      definitions: this,
      publisher: {
        publish: (_namespace, subscription, request) =>
          this.sent.push({ at: Date.now() - START, subscription, request }),
      },
      members: { members: () => this.members },
      matcher: { match: async (_expressions, entities) => entities },
      log: silentLog,
      clock: { now: () => Date.now() },
      hostZone: "UTC",
    });
  }

  checks = () => this.stored.values();
  check = (_namespace: string, name: string) => this.stored.get(name);
  assets = () => this.assetList;
  asset = (_namespace: string, name: string) => this.assetList.find(({ metadata }) => metadata.name === name);
  hook = (_namespace: string, name: string) => this.hookList.find(({ metadata }) => metadata.name === name);
  entities = () => this.entityList;
  onChange = (listener: (kind: DefinitionKind, namespace: string, name: string) => void) => {
    this.#listener = listener;
    return () => {
      this.#listener = () => {};
    };
  };

  put(name: string, given: Partial<CheckConfig>): CheckConfig {
    const check = CheckConfig.create({
      ...{ metadata: meta(name), interval: 10, publish: true, subscriptions: ["linux"], ...given },
    });
    this.stored.set(name, check);
    this.#listener("check", "default", name);
    return check;
  }

  remove(name: string): void {
    this.stored.delete(name);
    this.#listener("check", "default", name);
  }

  changed(kind: DefinitionKind, name: string): void {
    this.#listener(kind, "default", name);
  }

  times(): number[] {
    return this.sent.map(({ at }) => at);
  }
}

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  bench = new Bench();
});

afterEach(async () => {
  await bench.scheduler.stop();
  vi.useRealTimers();
});

test("the first request leaves after the splay, the next ones every interval, with growing issue times", async () => {
  bench.put("disk", {});
  await bench.scheduler.start();
  const due = () => (bench.scheduler.nextRun("default", "disk")?.at ?? 0) - START;
  expect(Math.round(due())).toBe(3915);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(Math.round(due())).toBe(33_915);
  expect(bench.times()).toEqual([3915, 13_915, 23_915]);
  expect(bench.sent.map(({ request }) => request.issued)).toEqual([1_700_000_003, 1_700_000_013, 1_700_000_023]);
  expect(bench.sent[0]?.request.config?.scheduler).toBe("memory");
});

test("unpublished and subdued checks send nothing, but run when asked; issue times never repeat", async () => {
  const always = TimeWindowRepeated.create({ begin: "2020-01-01T00:00:00Z", end: "2100-01-01T00:00:00Z" });
  const silent = bench.put("silent", { publish: false });
  const quiet = bench.put("quiet", { subdues: [always] });
  await bench.scheduler.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bench.sent).toEqual([]);
  const first = await bench.scheduler.execute("default", silent, ADHOC);
  const second = await bench.scheduler.execute("default", silent, { ...ADHOC, subscriptions: ["a", "b"] });
  await bench.scheduler.execute("default", quiet, ADHOC);
  expect(second).toBe(first + 1);
  expect(bench.sent.map(({ subscription }) => subscription)).toEqual(["linux", "a", "b", "linux"]);
});

test("the next run is known of scheduled checks only", async () => {
  bench.put("off", { publish: false });
  bench.put("hourly", { interval: 0, cron: "0 * * * *" });
  bench.put("never", { interval: 0, cron: "0 0 30 2 *" });
  await bench.scheduler.start();
  const next = (name: string) => bench.scheduler.nextRun("default", name);
  expect(next("off")).toEqual({ at: undefined });
  expect(next("never")).toEqual({ at: undefined });
  expect(new Date(next("hourly")?.at ?? 0).toISOString()).toBe("2023-11-14T23:00:00.000Z");
  expect(next("none")).toBeUndefined();
  bench.put("off", {});
  expect(next("off")?.at).toBeGreaterThan(START);
  bench.put("hourly", { interval: 0, cron: "0 0 30 2 *" });
  expect(next("hourly")).toEqual({ at: undefined });
});

test("a changed command counts from the next tick; a changed interval restarts the timer; deletion stops", async () => {
  await bench.scheduler.start();
  bench.put("disk", { command: "old" });
  await vi.advanceTimersByTimeAsync(5000);
  bench.put("disk", { command: "new" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(bench.sent.map(({ request }) => request.config?.command)).toEqual(["old", "new"]);
  bench.put("disk", { interval: 60 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bench.times().slice(2)).toEqual([73_915]);
  bench.remove("disk");
  await vi.advanceTimersByTimeAsync(200_000);
  expect(bench.sent).toHaveLength(3);
});

test("cron checks fire on the minute", async () => {
  bench.put("cron", { interval: 0, cron: "*/2 * * * *" });
  await bench.scheduler.start();
  await vi.advanceTimersByTimeAsync(240_000);
  expect(bench.times().map((at) => new Date(START + at).toISOString())).toEqual([
    "2023-11-14T22:14:00.000Z",
    "2023-11-14T22:16:00.000Z",
  ]);
});

test("a never matching cron text is no busy loop", async () => {
  bench.put("never", { interval: 0, cron: "0 0 31 2 *" });
  await bench.scheduler.start();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(bench.sent).toEqual([]);
});

test("requests carry hooks, their assets and the check's assets, anew after a change", async () => {
  bench.assetList.push(Asset.create({ metadata: meta("a-long") }), Asset.create({ metadata: meta("b") }));
  bench.hookList.push(
    HookConfig.create({ metadata: meta("h"), runtime_assets: ["b"] }),
    HookConfig.create({ metadata: meta("unused") }),
  );
  bench.put("disk", {
    ...{ runtime_assets: ["a", "missing"], check_hooks: [HookList.create({ type: "critical", hooks: ["h", "gone"] })] },
  });
  await bench.scheduler.start();
  await vi.advanceTimersByTimeAsync(5000);
  const [long, b] = bench.assetList as [Asset, Asset];
  expect(bench.sent[0]?.request).toMatchObject({
    ...{ assets: [long], hooks: [bench.hookList[0]], hook_assets: { h: AssetList.create({ assets: [b] }) } },
  });
  const exact = Asset.create({ metadata: meta("a") });
  bench.assetList.push(exact);
  bench.changed("asset", "a");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(bench.sent[1]?.request.assets).toEqual([exact]);
});

test("round robin: one agent a period, in order of name, passing over one that left", async () => {
  bench.members = ["a3", "a1", "a2"];
  bench.put("disk", { round_robin: true, subscriptions: ["linux", "entity:a1"] });
  await bench.scheduler.start();
  await vi.advanceTimersByTimeAsync(15_000);
  bench.members = ["a1", "a2"];
  await vi.advanceTimersByTimeAsync(20_000);
  // Two turns, then a3, whose turn it was, is gone.
  expect(bench.sent.map(({ subscription }) => subscription)).toEqual([
    "entity:a1",
    "entity:a2",
    "entity:a1",
    "entity:a2",
  ]);
  expect(bench.sent[0]?.request.config?.scheduler).toBe("etcd");
});

test("a ring repeats members when there are too few and goes on after the last one", () => {
  const ring = new Ring();
  expect(ring.take(["b", "a"], 3)).toEqual(["a", "b", "a"]);
  expect(ring.take(["b", "a"], 1)).toEqual(["b"]);
  expect(ring.take([], 1)).toEqual([]);
});

test("proxy requests are spread, have their tokens filled in, and stop with their check", async () => {
  for (let i = 0; i < 3; i++) {
    const labels: Record<string, string> = i === 1 ? {} : { url: `u${i}` };
    bench.entityList.push(EntityConfig.create({ metadata: meta(`p${i}`, labels), entity_class: "proxy" }));
  }
  const proxies = ProxyRequests.create({ entity_attributes: ["true"], splay: true, splay_coverage: 90 });
  bench.put("disk", { interval: 10, command: "get {{ .labels.url }}", proxy_requests: proxies });
  await bench.scheduler.start();
  await vi.advanceTimersByTimeAsync(13_800);
  expect(
    bench.sent.map(({ at, request }) => [
      Math.round(at / 100),
      request.config?.proxy_entity_name,
      request.config?.command,
    ]),
  ).toEqual([
    [69, "p0", "get u0"],
    [129, "p2", "get u2"],
  ]);
  await vi.advanceTimersByTimeAsync(1000);
  bench.remove("disk");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(bench.sent).toHaveLength(2);
});

test("a thousand checks of one second keep their phase over a minute", async () => {
  for (let i = 0; i < 1000; i++) bench.put(`check-${i}`, { interval: 1 });
  await bench.scheduler.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bench.sent.length).toBe(60_000);
  const own = bench.sent
    .filter(({ request }) => request.config?.metadata.name === "check-7")
    .map(({ at }) => at % 1000);
  expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1);
});

test("timers fire in order of due time, and cancelled ones never", async () => {
  const timers = new Timers({ now: () => Date.now() });
  const fired: number[] = [];
  const dues = Array.from({ length: 300 }, (_, i) => (i * 7919) % 1000);
  const deadlines = dues.map((due) => timers.at(START + due, () => fired.push(due)));
  for (const [i, deadline] of deadlines.entries()) if (i % 3 !== 0) deadline.cancel();
  await vi.advanceTimersByTimeAsync(2000);
  expect(fired).toEqual(dues.filter((_, i) => i % 3 === 0).sort((a, b) => a - b));
});
