/** What operators may switch on beside {@link composeBackend}: audit log, event log, platform metrics log, profiles. */
import { availableParallelism, hostname } from "node:os";
import { type Logger, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import type { Registry } from "prom-client";
import type { Bus } from "../bus/bus.ts";
import { AuditLog } from "../observe/audit-log.ts";
import { EventLog } from "../observe/event-log.ts";
import { PlatformMetricsLog } from "../observe/platform-metrics.ts";
import { ProfilerListener } from "../observe/profiler.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { BackendOptions } from "./options.ts";

export async function startAuditLog(
  options: BackendOptions,
  lifecycle: Lifecycle,
  log: Logger,
): Promise<AuditLog | undefined> {
  if (options["audit-log-file"] === "") return undefined;
  const audit = new AuditLog({ file: options["audit-log-file"], log: log.component("audit") });
  await lifecycle.start(
    "audit log",
    () => audit.start(),
    () => audit.stop(),
    () => audit.reopen(),
  );
  return audit;
}

export async function startEventLog(
  options: BackendOptions,
  lifecycle: Lifecycle,
  bus: Bus,
  log: Logger,
): Promise<void> {
  if (options["event-log-file"] === "") return;
  const eventLog = new EventLog({
    file: options["event-log-file"],
    bufferSize: options["event-log-buffer-size"],
    bufferWaitMs: options["event-log-buffer-wait"],
    encoders: options["event-log-parallel-encoders"] ? Math.max(2, Math.floor(availableParallelism() / 2)) : 1,
    ...{ bus, log },
  });
  await lifecycle.start(
    "event log",
    () => eventLog.start(),
    () => eventLog.stop(),
    () => eventLog.reopen(),
  );
}

export async function startPlatformMetrics(
  options: BackendOptions,
  lifecycle: Lifecycle,
  registry: Registry,
  log: Logger,
): Promise<void> {
  if (options["disable-platform-metrics"]) return;
  const platformMetrics = new PlatformMetricsLog({
    file: options["platform-metrics-log-file"],
    intervalMs: options["platform-metrics-logging-interval"],
    ...{ registry, backend: hostname(), clock: SYSTEM_CLOCK, log },
  });
  await lifecycle.start(
    "platform metrics log",
    () => platformMetrics.start(),
    () => platformMetrics.stop(),
    () => platformMetrics.reopen(),
  );
}

export async function startProfiler(options: BackendOptions, lifecycle: Lifecycle, log: Logger): Promise<void> {
  if (!options.debug) return;
  const profiler = new ProfilerListener(log);
  await lifecycle.start(
    "profiler",
    async () => log.warn({}, `starting profiler on address: ${await profiler.start()}`),
    () => profiler.stop(),
  );
}
