import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Counter, Gauge, Registry, Summary } from "prom-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PlatformMetricsLog } from "./platform-metrics.ts";
import { silentLog } from "./silent-log.ts";

let folder: string;
let file: string;
const registry = new Registry();
const registers = [registry];

const processed = new Counter({ name: "sensu_go_events_processed", help: "h", labelNames: ["status"], registers });
processed.inc({ status: "success" }, 5);
const sessions = new Gauge({ name: "sensu_go_agent_sessions", help: "h", labelNames: ["namespace"], registers });
sessions.set({ namespace: "a b,c=d" }, 2);
const duration = new Summary({
  ...{ name: "sensu_go_pipeline_duration", help: "h", labelNames: ["status"], percentiles: [0.5], registers },
});
duration.observe({ status: "success" }, 3);
new Gauge({ name: "sensu_go_wizard_bus", help: "h", registers }).set(Number.NaN);
new Gauge({ name: "sensu_ts_own", help: "h", registers }).set(1);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "platform-"));
  file = path.join(folder, "backend-stats.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => readFileSync(name, "utf8").split("\n").slice(0, -1).sort();

test("selected series in line protocol each interval, and after a rotation in the new file (B-550, B-551)", async () => {
  const clock = { now: () => 1_700_000_000_123 };
  const log = new PlatformMetricsLog({ file, intervalMs: 20, registry, backend: "host-1", clock, log: silentLog });
  await log.start();
  await vi.waitUntil(() => read(file).length >= 5);
  renameSync(file, `${file}.1`);
  await log.reopen();
  await vi.waitUntil(() => read(file).length >= 5);
  await log.stop();
  for (const name of [`${file}.1`, file]) {
    expect([...new Set(read(name))]).toEqual([
      "sensu_go_agent_sessions,backend=host-1,namespace=a\\ b\\,c\\=d sensu_go_agent_sessions=2 1700000000123000000",
      "sensu_go_events_processed,backend=host-1,status=success sensu_go_events_processed=5 1700000000123000000",
      "sensu_go_pipeline_duration,backend=host-1,quantile=0.5,status=success sensu_go_pipeline_duration=3 1700000000123000000",
      "sensu_go_pipeline_duration_count,backend=host-1,status=success sensu_go_pipeline_duration_count=1 1700000000123000000",
      "sensu_go_pipeline_duration_sum,backend=host-1,status=success sensu_go_pipeline_duration_sum=3 1700000000123000000",
    ]);
  }
});

test("a file that cannot be opened is logged, nothing else happens (B-552)", async () => {
  const errors: string[] = [];
  const log = { ...silentLog, error: (_fields: object, text: string) => void errors.push(text) };
  const nowhere = path.join(folder, "none", "stats.log");
  const part = new PlatformMetricsLog({
    ...{ file: nowhere, intervalMs: 10, registry, backend: "host-1", clock: { now: () => 0 }, log },
  });
  await part.start();
  await part.stop();
  expect(errors).toHaveLength(1);
});
