import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  Check,
  Event,
  EventFilter,
  FallbackPipeline,
  Handler,
  Mutator,
  Namespace,
  ObjectMeta,
  Pipeline,
  resourceOf,
} from "@sensu-ts/core";
import { SYSTEM_CLOCK } from "@sensu-ts/runtime";
import { openSqlite, ResourceCache, ResourceStore } from "@sensu-ts/store";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { Bus } from "../bus/bus.ts";
import { committedEvent } from "../bus/committed-event.ts";
import { silentLog } from "../observe/silent-log.ts";
import { cachedDefinitions } from "./definitions.ts";
import { createPipelineMetrics } from "./metrics.ts";
import { Pipelines } from "./pipelines.ts";
import { PipelineTrace } from "./trace.ts";

test("a handler that is made, changed or deleted in the store counts for the next event", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "pipeline-"));
  const sqlite = openSqlite({ folder, unsafeNoFsync: true });
  await sqlite.start();
  const store = new ResourceStore(sqlite.kv);
  await store.create(resourceOf(Namespace), Namespace.create({ name: "default" }));
  const handlerType = resourceOf(Handler);
  const types = [
    ...[handlerType, resourceOf(EventFilter), resourceOf(Mutator)],
    ...[resourceOf(Pipeline), resourceOf(FallbackPipeline)],
  ];
  const cache = new ResourceCache(store, types);
  await cache.start();
  const bus = new Bus(silentLog);
  const trace = new PipelineTrace();
  const pipelines = new Pipelines({
    ...{ bus, trace, log: silentLog, clock: SYSTEM_CLOCK, workers: 1, bufferSize: 1, environment: {} },
    definitions: cachedDefinitions(cache),
    scripts: { examine: () => ({ test: async () => true }), mutate: async () => "" },
    metrics: createPipelineMetrics(new Registry()),
  });
  await pipelines.start();
  const verdict = async () => {
    const event = Event.create({ check: Check.create({ status: 1, handlers: ["out"] }) });
    await bus.publish("event", committedEvent({ namespace: "default", entity: "e", check: "c" }, event, 0));
    await bus.drained("event");
    const [newest] = trace.of("default", "e", "c");
    return newest?.runs[0]?.verdict;
  };
  const metadata = ObjectMeta.create({ name: "out", namespace: "default" });
  try {
    expect(await verdict()).toBe("nothing");
    await store.put(handlerType, Handler.create({ metadata, type: "pipe", command: "true" }));
    expect(await verdict()).toBe("delivered");
    await store.put(handlerType, Handler.create({ metadata, type: "pipe", command: "false" }));
    expect(await verdict()).toBe("failed");
    await store.delete(handlerType, "default", "out");
    expect(await verdict()).toBe("nothing");
  } finally {
    await pipelines.stop();
    await cache.stop();
    await sqlite.stop();
    rmSync(folder, { recursive: true });
  }
});
