import {
  Check,
  Event,
  FallbackPipeline,
  Handler,
  ObjectMeta,
  Pipeline,
  PipelineWorkflow,
  ResourceReference,
} from "@sensu-ts/core";
import { SYSTEM_CLOCK } from "@sensu-ts/runtime";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { committedEvent } from "../bus/committed-event.ts";
import { silentLog } from "../observe/silent-log.ts";
import type { Definitions } from "./definitions.ts";
import { createPipelineMetrics } from "./metrics.ts";
import { makePlan, planKey } from "./plan.ts";
import { runWithFallbacks } from "./run.ts";

const metadata = (name: string) => ObjectMeta.create({ name, namespace: "default" });
const reference = (name: string, type: string, api_version = "core/v2") =>
  ResourceReference.create({ name, type, api_version });

/** Pipelines by name: what their only workflow does. */
const WORKFLOWS: Readonly<Record<string, { readonly filters?: readonly string[]; readonly command: string }>> = {
  good: { command: "exit 0" },
  bad: { command: "exit 1" },
  filtered: { filters: ["has_metrics"], command: "exit 0" },
};

function definitions(names: readonly string[] | undefined): Definitions {
  return {
    handler: (_namespace, name) => {
      const command = WORKFLOWS[name]?.command;
      return command === undefined ? undefined : Handler.create({ metadata: metadata(name), type: "pipe", command });
    },
    pipeline: (_namespace, name) => {
      if (!WORKFLOWS[name]) return undefined;
      const filters = (WORKFLOWS[name].filters ?? []).map((filter) => reference(filter, "EventFilter"));
      const workflow = PipelineWorkflow.create({ name: "w", filters, handler: reference(name, "Handler") });
      return Pipeline.create({ metadata: metadata(name), workflows: [workflow] });
    },
    fallback: () =>
      names &&
      FallbackPipeline.create({
        metadata: metadata("ways"),
        pipelines: names.map((name) => reference(name, "Pipeline")),
      }),
    filter: () => undefined,
    mutator: () => undefined,
    onChange: () => () => {},
  };
}

const fallback_pipeline = reference("ways", "FallbackPipeline", "fallback_pipeline/v1");

async function run(names: readonly string[] | undefined, event: Event) {
  const errors: string[] = [];
  const log = { ...silentLog, error: (_fields: object, message: string) => void errors.push(message) };
  const parts = {
    ...{ definitions: definitions(names), log, clock: SYSTEM_CLOCK },
    scripts: { examine: () => ({ test: async () => true }), mutate: async () => "" },
    metrics: createPipelineMetrics(new Registry()),
    environment: { PATH: process.env["PATH"] },
    stopping: new AbortController().signal,
  };
  const runs = [];
  for (const pipeline of makePlan(parts.definitions, "default", event)) {
    const message = committedEvent({ namespace: "default", entity: "web-1", check: "cpu" }, event, 1);
    runs.push(...(await runWithFallbacks(parts, pipeline, message)));
  }
  return { runs: runs.map(({ name, verdict }) => `${name} ${verdict}`), errors };
}

const ALL_FAILED = "all pipelines of the fallback pipeline failed";

test.each([
  // What the resource names, what runs, whether the end is an error.
  [["good", "bad"], ["good/w delivered"], false],
  [["bad", "good", "good"], ["bad/w failed", "good/w delivered"], false],
  [["filtered", "good"], ["filtered/w filtered"], false],
  [["gone", "good"], ["gone failed", "good/w delivered"], false],
  [["bad", "bad"], ["bad/w failed", "bad/w failed"], true],
  [[], ["ways failed"], false],
  [undefined, ["ways failed"], false],
])("fallback pipeline %j (P-111)", async (names, runs, allFailed) => {
  const check = Check.create({ status: 2 });
  const answer = await run(names, Event.create({ check, fallback_pipeline }));
  expect(answer.runs).toEqual(runs);
  expect(answer.errors.includes(ALL_FAILED)).toBe(allFailed);
});

test("the check's reference counts when the event has none; one of blanks is none (P-50, P-111)", async () => {
  const older = Event.create({ check: Check.create({ fallback_pipeline }) });
  expect((await run(["good"], older)).runs).toEqual(["good/w delivered"]);
  const blank = Event.create({ check: Check.create({ fallback_pipeline: reference("", "", "") }) });
  expect((await run(["good"], blank)).runs).toEqual([]);
  expect(planKey("default", older)).not.toBe(planKey("default", blank));
});
