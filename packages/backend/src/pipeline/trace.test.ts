import { expect, test } from "vitest";
import { eventId } from "../bus/committed-event.ts";
import type { Trace } from "./path.ts";
import type { Plan } from "./plan.ts";
import { PipelineTrace } from "./trace.ts";

const KEY = eventId({ namespace: "default", entity: "web-1", check: "cpu" });

function ran(at: number, output = ""): Trace {
  const step = { kind: "handler", name: "out", outcome: "done", detail: "", ms: 1, exit: 0, output } as const;
  return { at, status: 2, runs: [{ name: "main/w0", verdict: "delivered", steps: [step] }] };
}

const PLAN: Plan = [
  {
    ...{ kind: "modern", name: "main", continueOnError: false },
    workflows: [
      {
        ...{ name: "w0", mutator: "", handlerName: "out", handler: undefined },
        filters: ["is_incident", "not_silenced", "has_metrics"],
      },
      { ...{ name: "w1", mutator: "", handlerName: "gone", handler: undefined }, filters: ["is_incident"] },
    ],
  },
];

test("the last ten of a key, newest first, with a refusal in its place", () => {
  const trace = new PipelineTrace();
  for (let at = 1; at <= 12; at++) trace.ran(KEY, ran(at * 10));
  trace.refused(KEY, 115, 0, PLAN, ["is_incident", "is_incident"]);
  expect(trace.of("default", "web-1", "cpu").map(({ at }) => at)).toEqual([120, 115, 110, 100, 90, 80, 70, 60, 50, 40]);
  expect(trace.of("default", "web-1", "mem")).toEqual([]);
});

test("a refusal is written out: filters up to the one that refused, or the handler that is not there", () => {
  const trace = new PipelineTrace();
  trace.refused(KEY, 1, 2, PLAN, ["not_silenced", ""]);
  expect(trace.of("default", "web-1", "cpu")[0]?.runs).toMatchObject([
    {
      ...{ name: "main/w0", verdict: "silenced" },
      steps: [
        { name: "is_incident", outcome: "passed" },
        { name: "not_silenced", outcome: "refused" },
      ],
    },
    {
      ...{ name: "main/w1", verdict: "nothing" },
      steps: [
        { kind: "filter", name: "is_incident", outcome: "passed" },
        { kind: "handler", name: "gone", outcome: "skipped" },
      ],
    },
  ]);
});

test("above its bytes the keys that ran longest ago are forgotten", () => {
  const trace = new PipelineTrace(20_000);
  for (const check of ["a", "b", "a", "c"])
    trace.ran(eventId({ namespace: "default", entity: "web-1", check }), ran(1, "x".repeat(3000)));
  expect(["a", "b", "c"].map((check) => trace.of("default", "web-1", check).length)).toEqual([2, 0, 1]);
});
