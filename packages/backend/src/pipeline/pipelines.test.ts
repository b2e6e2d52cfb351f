/** Pipelines from the bus to real handlers. Long because its cases share one room, its definitions and its trace. */
import dgram from "node:dgram";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  Check,
  CheckHistory,
  decodeJson,
  Entity,
  Event,
  EventFilter,
  Handler,
  HandlerSocket,
  Metrics,
  Mutator,
  ObjectMeta,
  Pipeline,
  PipelineWorkflow,
  ResourceReference,
  TimeWindowWhen,
} from "@sensu-ts/core";
import { Sandbox, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Bus } from "../bus/bus.ts";
import { committedEvent } from "../bus/committed-event.ts";
import { silentLog } from "../observe/silent-log.ts";
import type { Definitions } from "./definitions.ts";
import { createPipelineMetrics } from "./metrics.ts";
import { Pipelines } from "./pipelines.ts";
import { sandboxScripts } from "./scripts.ts";
import { PipelineTrace } from "./trace.ts";

const metadata = (name: string) => ObjectMeta.create({ name, namespace: "default" });
const reference = (name: string, type: string) => ResourceReference.create({ name, type, api_version: "core/v2" });

const folder = mkdtempSync(path.join(tmpdir(), "pipeline-"));
const sandbox = new Sandbox();
const handlers = new Map<string, Handler>();
const filters = new Map<string, EventFilter>();
const mutators = new Map<string, Mutator>();
const pipelines = new Map<string, Pipeline>();
const definitions: Definitions = {
  handler: (_namespace, name) => handlers.get(name),
  fallback: () => undefined,
  filter: (_namespace, name) => filters.get(name),
  mutator: (_namespace, name) => mutators.get(name),
  pipeline: (_namespace, name) => pipelines.get(name),
  onChange: () => () => {},
};
let bus: Bus;
let trace: PipelineTrace;
let room: Pipelines;
let registry: Registry;

beforeAll(() => sandbox.start());
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  for (const map of [handlers, filters, mutators, pipelines]) map.clear();
  bus = new Bus(silentLog);
  trace = new PipelineTrace();
  registry = new Registry();
  room = new Pipelines({
    ...{ bus, definitions, trace, log: silentLog, clock: SYSTEM_CLOCK, workers: 4, bufferSize: 10, drainMs: 50 },
    scripts: sandboxScripts(sandbox, { get: async () => undefined, list: async () => [] }),
    metrics: createPipelineMetrics(registry),
    environment: { PATH: process.env["PATH"] },
  });
  await room.start();
});
afterEach(() => room.stop());

function addPipe(name: string, command: string, more: Partial<Handler> = {}): void {
  handlers.set(name, Handler.create({ metadata: metadata(name), type: "pipe", command, ...more }));
}

interface Workflow {
  readonly filters?: readonly string[];
  readonly mutator?: string;
  readonly handler: string;
}

function addPipeline(name: string, workflows: readonly Workflow[], continueOnError = false): void {
  const built = workflows.map(({ filters: names = [], mutator, handler }, i) =>
    PipelineWorkflow.create({
      name: `w${i}`,
      filters: names.map((filter) => reference(filter, "EventFilter")),
      ...(mutator ? { mutator: reference(mutator, "Mutator") } : {}),
      handler: reference(handler, "Handler"),
    }),
  );
  pipelines.set(
    name,
    Pipeline.create({ metadata: metadata(name), workflows: built, continue_on_error: continueOnError }),
  );
}

function eventOf(status: number, before: number, check: Partial<Check> = {}, event: Partial<Event> = {}): Event {
  const history = [before, status].map((value) => CheckHistory.create({ status: value }));
  return Event.create({
    entity: Entity.create({ metadata: metadata("web-1"), entity_class: "agent" }),
    check: Check.create({ metadata: metadata("cpu"), status, history, output: "42", ...check }),
    pipelines: [reference("main", "Pipeline")],
    ...event,
  });
}

const message = (event: Event) => committedEvent({ namespace: "default", entity: "web-1", check: "cpu" }, event, 1);

/** Sends one event through and gives its newest trace. */
async function send(event: Event) {
  await bus.publish("event", message(event));
  await bus.drained("event");
  return trace.of("default", "web-1", "cpu")[0]?.runs ?? [];
}

const verdicts = (runs: Awaited<ReturnType<typeof send>>) => runs.map((run) => [run.name, run.verdict]);

test.each([
  ["an incident", eventOf(2, 0), "delivered"],
  ["a resolution", eventOf(0, 2), "delivered"],
  ["a passing result", eventOf(0, 0), "filtered"],
  ["a silenced incident", eventOf(2, 0, { silenced: ["*:cpu"], is_silenced: true }), "silenced"],
])("built-in filters and %s", async (_name, event, verdict) => {
  addPipe("out", "true");
  addPipeline("main", [{ filters: ["is_incident", "not_silenced"], handler: "out" }]);
  expect(verdicts(await send(event))).toEqual([["main/w0", verdict]]);
});

test("the handler gets the event's JSON on stdin, with secrets of the entity redacted; its output is traced", async () => {
  const file = path.join(folder, "event");
  addPipe("out", `cat > ${file}; echo "$WORD"; exit 0`, { env_vars: ["WORD=hello"] });
  addPipeline("main", [{ handler: "out" }]);
  const entity = Entity.create({
    metadata: ObjectMeta.create({ name: "web-1", namespace: "default", labels: { password: "p" } }),
  });
  const [run] = await send(eventOf(1, 0, {}, { entity }));
  expect(run?.steps.at(-1)).toMatchObject({ kind: "handler", outcome: "done", exit: 0, output: "hello\n" });
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    check: { output: "42" },
    entity: { metadata: { labels: { password: "REDACTED" } } },
  });
});

test.each([
  ["allow", "event.check.status == 2", "delivered"],
  ["allow", "event.check.status == 1", "filtered"],
  ["deny", "event.check.status == 2", "filtered"],
  ["deny", "event.check.name == 'mem'", "delivered"],
  ["allow", "event.broken.path", "delivered"],
  ["deny", "event.broken.path", "delivered"],
  ["allow", "event.is_incident && !event.is_silenced && event.check.history.length == 2", "delivered"],
])("a filter that would %s by %s", async (action, expression, verdict) => {
  addPipe("out", "true");
  filters.set("own", EventFilter.create({ metadata: metadata("own"), action, expressions: [expression] }));
  addPipeline("main", [{ filters: ["own"], handler: "out" }]);
  expect(verdicts(await send(eventOf(2, 0)))).toEqual([["main/w0", verdict]]);
});

test.each([
  ["has_metrics lets metrics through", "has_metrics", { metrics: Metrics.create() }, "delivered"],
  ["has_metrics refuses a check alone", "has_metrics", {}, "filtered"],
  ["is_incident refuses what has no check", "is_incident", { check: undefined }, "filtered"],
  ["not_silenced passes what has no check", "not_silenced", { check: undefined }, "delivered"],
])("%s", async (_name, filter, event, verdict) => {
  addPipe("out", "true");
  addPipeline("main", [{ filters: [filter], handler: "out" }]);
  expect(verdicts(await send(eventOf(2, 0, {}, event as Partial<Event>)))).toEqual([["main/w0", verdict]]);
});

test("a refused event is done when the bus has delivered it, without a worker", async () => {
  addPipe("out", "true");
  addPipeline("main", [{ filters: ["is_incident"], handler: "out" }, { handler: "gone" }]);
  const publishing = bus.publish("event", message(eventOf(0, 0)));
  expect(bus.depths()).toMatchObject([{ subscriber: "pipelined", waiting: 0, busy: 0 }]);
  expect(verdicts(trace.of("default", "web-1", "cpu")[0]?.runs ?? [])).toEqual([
    ["main/w0", "filtered"],
    ["main/w1", "nothing"],
  ]);
  await publishing;
});

test.each([
  ["allow", "inside", "delivered"],
  ["allow", "outside", "filtered"],
  ["deny", "inside", "filtered"],
  ["deny", "outside", "delivered"],
])("a filter that would %s, %s its window", async (action, place, verdict) => {
  addPipe("out", "true");
  const at = (minutes: number) => {
    const date = new Date(SYSTEM_CLOCK.now() + minutes * 60_000);
    const hour = date.getUTCHours();
    const minute = String(date.getUTCMinutes()).padStart(2, "0");
    return `${hour % 12 || 12}:${minute}${hour < 12 ? "AM" : "PM"}`;
  };
  const range = place === "inside" ? { begin: at(-60), end: at(60) } : { begin: at(60), end: at(120) };
  const when = decodeJson(TimeWindowWhen, JSON.stringify({ days: { all: [range] } }));
  const expressions = [action === "allow" ? "true" : "false"];
  filters.set("own", EventFilter.create({ metadata: metadata("own"), action, expressions, when }));
  addPipeline("main", [{ filters: ["own"], handler: "out" }]);
  expect(verdicts(await send(eventOf(2, 0)))).toEqual([["main/w0", verdict]]);
});

test("a filter that does not exist, or needs assets, stops the pipeline", async () => {
  addPipe("out", "true");
  const own = EventFilter.create({ metadata: metadata("own"), action: "allow", expressions: ["true"] });
  filters.set("own", { ...own, runtime_assets: ["library"] });
  for (const [filter, detail] of [
    ["gone", "could not retrieve filter: gone does not exist"],
    ["own", "filter own needs runtime assets, which this version does not have"],
  ] as const) {
    addPipeline(filter, [{ filters: [filter], handler: "out" }, { handler: "out" }]);
    const runs = await send(eventOf(2, 0, {}, { pipelines: [reference(filter, "Pipeline")] }));
    expect(runs).toMatchObject([{ verdict: "failed", steps: [{ kind: "filter", outcome: "failed", detail }] }]);
  }
});

test("a JavaScript mutator changes its own copy, which is an event again; a wrong type is an error", async () => {
  const file = path.join(folder, "mutated");
  addPipe("out", `cat > ${file}`);
  const script = (name: string, code: string) =>
    mutators.set(name, Mutator.create({ metadata: metadata(name), type: "javascript", eval: code }));
  script("label", 'event.check.labels["team"] = "ops"; event.entity.annotations.note = "n";');
  script("wrong", "event.check.status = 'bad'");
  script("object", "return {}");
  addPipeline("main", [{ mutator: "label", handler: "out" }]);
  const event = eventOf(2, 0);
  expect(verdicts(await send(event))).toEqual([["main/w0", "delivered"]]);
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    check: { metadata: { name: "cpu", labels: { team: "ops" } }, status: 2 },
    entity: { metadata: { annotations: { note: "n" } } },
  });
  expect(event.check?.metadata.labels).not.toHaveProperty("team");
  for (const name of ["wrong", "object"]) {
    addPipeline(name, [{ mutator: name, handler: "out" }]);
    const runs = await send(eventOf(2, 0, {}, { pipelines: [reference(name, "Pipeline")] }));
    expect(runs).toMatchObject([{ verdict: "failed", steps: [{ kind: "mutator", name, outcome: "failed" }] }]);
  }
});

test("a pipe mutator that exits non-zero keeps the handler from running", async () => {
  addPipe("out", "true");
  mutators.set("bad", Mutator.create({ metadata: metadata("bad"), command: "exit 4" }));
  addPipeline("main", [{ mutator: "bad", handler: "out" }]);
  const [run] = await send(eventOf(2, 0));
  expect(run?.steps.map(({ kind, detail }) => [kind, detail])).toEqual([
    ["mutator", "pipe mutator execution returned non-zero exit status: 4"],
  ]);
});

test("a handler that takes too long is ended with all it started", async () => {
  addPipe("out", "echo begun; sleep 60", { timeout: 1 });
  addPipeline("main", [{ handler: "out" }]);
  const [run] = await send(eventOf(2, 0));
  expect(run?.steps.at(-1)).toMatchObject({ outcome: "failed", exit: 2, output: "Execution timed out\nbegun\n" });
});

test("handlers that hang block the publisher above workers and queue; a stop ends them and returns", async () => {
  addPipe("out", "sleep 60");
  addPipeline("main", [{ handler: "out" }]);
  let published = false;
  const messages = Array.from({ length: 20 }, () => message(eventOf(2, 0)));
  const publishing = bus.publishAll("event", messages).then(() => {
    published = true;
  });
  await new Promise(setImmediate);
  expect(bus.depths()).toMatchObject([{ waiting: 10, busy: 4 }]);
  expect(published).toBe(false);
  await room.stop();
  await publishing;
  expect(trace.of("default", "web-1", "cpu")[0]?.runs[0]).toMatchObject({
    verdict: "failed",
    steps: [{ kind: "mutator" }, { kind: "handler", detail: "ended by a signal" }],
  });
});

test("a set in a set may not hold another; a pipeline that does not exist fails alone", async () => {
  for (const name of ["a", "b"]) addPipe(name, "true");
  const set = (name: string, members: string[]) =>
    handlers.set(name, Handler.create({ metadata: metadata(name), type: "set", handlers: members }));
  set("deepest", ["b"]);
  set("inner", ["a", "deepest"]);
  set("outer", ["inner"]);
  const runs = await send(eventOf(2, 0, { handlers: ["outer"] }, { pipelines: [reference("gone", "Pipeline")] }));
  expect(verdicts(runs)).toEqual([
    ["gone", "failed"],
    ["legacy-pipeline", "failed"],
    ["legacy-pipeline/legacy-pipeline-workflow-a", "delivered"],
  ]);
  expect(runs[1]?.steps[0]?.detail).toBe("handler sets cannot be deeply nested: deepest");
});

test("a tcp handler that nobody listens for fails", async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const socket = HandlerSocket.create({ host: "127.0.0.1", port });
  handlers.set("out", Handler.create({ metadata: metadata("out"), type: "tcp", socket }));
  addPipeline("main", [{ handler: "out" }]);
  const [run] = await send(eventOf(2, 0));
  expect(run?.steps.at(-1)).toMatchObject({ outcome: "failed", detail: expect.stringContaining("ECONNREFUSED") });
});

test("every series of the pipeline has samples after one event of each kind", async () => {
  addPipe("out", "true");
  addPipeline("main", [{ filters: ["is_incident"], mutator: "json", handler: "out" }]);
  await send(eventOf(2, 0, { handlers: ["out"] }));
  const text = await registry.metrics();
  for (const sample of [
    'sensu_go_pipelined_message_handler_duration_count{status="success",has_pipelines="1"} 1',
    'sensu_go_pipeline_duration_count{status="success",resource_ref="core/v2.Pipeline(Name=main)"} 1',
    'sensu_go_pipeline_duration_count{status="success",resource_ref="core/v2.LegacyPipeline(Name=legacy-pipeline)"} 1',
    'sensu_go_pipeline_filter_duration_count{status="success",resource_ref="core/v2.EventFilter(Name=is_incident)"} 1',
    'sensu_go_pipeline_mutator_duration_count{status="success",resource_ref="core/v2.Mutator(Name=json)"} 2',
    'sensu_go_pipeline_handler_duration_count{status="success",resource_ref="core/v2.Handler(Name=out)"} 2',
    'sensu_go_pipeline_resolve_duration_count{status="success",pipeline_type="legacy"} 1',
    'sensu_go_pipeline_resolve_duration_count{status="success",pipeline_type="modern"} 1',
    "sensu_go_handler_requests_total 2",
    'sensu_go_handler_requests{status="0",type="core/v2.Handler"} 2',
  ])
    expect(text).toContain(sample);
});

test.each<{ what: string; event: Event; labels: string }>([
  { what: "no pipelines", event: eventOf(2, 0, {}, { pipelines: [] }), labels: 'status="success",has_pipelines="0"' },
  { what: "refused at once", event: eventOf(0, 0), labels: 'status="success",has_pipelines="1"' },
  { what: "a failing handler", event: eventOf(2, 0), labels: 'status="success",has_pipelines="1"' },
  {
    what: "legacy handlers only",
    event: eventOf(2, 0, { handlers: ["bad"] }, { pipelines: [] }),
    labels: 'status="success",has_pipelines="1"',
  },
  {
    what: "a pipeline of another type",
    event: eventOf(2, 0, {}, { pipelines: [reference("main", "Other")] }),
    labels: 'status="error",has_pipelines="1"',
  },
])("every event is one message: $what (P-159)", async ({ event, labels }) => {
  addPipe("bad", "exit 3");
  addPipeline("main", [{ filters: ["is_incident"], handler: "bad" }]);
  await bus.publish("event", message(event));
  await bus.drained("event");
  const counts = (await registry.metrics()).match(/^sensu_go_pipelined_message_handler_duration_count\{.*/gm);
  const all = [
    'status="success",has_pipelines="0"',
    'status="success",has_pipelines="1"',
    'status="error",has_pipelines="0"',
    'status="error",has_pipelines="1"',
  ];
  expect(counts).toEqual(
    all.map((set) => `sensu_go_pipelined_message_handler_duration_count{${set}} ${set === labels ? 1 : 0}`),
  );
});

test.each([
  ["only_check_output", undefined, "42"],
  ["shout", { command: "tr 0-9 a-j | tail -c 3", env_vars: [] }, "}\n".slice(0, 1)],
  ["script", { type: "javascript", eval: "return event.check.name + '=' + event.check.output" }, "cpu=42"],
])("mutator %s", async (name, definition, end) => {
  const file = path.join(folder, name);
  addPipe("out", `cat > ${file}`);
  if (definition) mutators.set(name, Mutator.create({ metadata: metadata(name), ...definition }));
  addPipeline("main", [{ mutator: name, handler: "out" }]);
  expect(verdicts(await send(eventOf(2, 0)))).toEqual([["main/w0", "delivered"]]);
  expect(readFileSync(file, "utf8").endsWith(end)).toBe(true);
});

test("a failing step ends the pipeline, unless it goes on after errors", async () => {
  addPipe("bad", "exit 3");
  addPipe("good", "true");
  addPipeline("main", [{ handler: "bad" }, { handler: "good" }]);
  expect(verdicts(await send(eventOf(2, 0)))).toEqual([["main/w0", "failed"]]);
  addPipeline("other", [{ mutator: "missing", handler: "good" }, { handler: "good" }], true);
  const event = eventOf(2, 0, {}, { pipelines: [reference("other", "Pipeline")] });
  expect(verdicts(await send(event))).toEqual([
    ["other/w0", "failed"],
    ["other/w1", "delivered"],
  ]);
});

test("legacy handlers: sets expand, names run once in order, a missing one is skipped", async () => {
  addPipe("b", "true", { filters: ["is_incident"] });
  addPipe("a", "false");
  handlers.set("all", Handler.create({ metadata: metadata("all"), type: "set", handlers: ["b", "a", "gone"] }));
  const runs = await send(eventOf(2, 0, { handlers: ["all", "b"] }, { pipelines: [] }));
  expect(verdicts(runs)).toEqual([
    ["legacy-pipeline/legacy-pipeline-workflow-a", "failed"],
    ["legacy-pipeline/legacy-pipeline-workflow-b", "delivered"],
    ["legacy-pipeline/legacy-pipeline-workflow-gone", "nothing"],
  ]);
});

test("tcp and udp handlers deliver the bytes", async () => {
  const received = Promise.withResolvers<string>();
  const tcp = net.createServer((socket) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => received.resolve(text));
  });
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  const datagram = Promise.withResolvers<string>();
  const udp = dgram.createSocket("udp4").on("message", (message) => datagram.resolve(message.toString()));
  await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
  for (const [type, port] of [
    ["tcp", (tcp.address() as AddressInfo).port],
    ["udp", udp.address().port],
  ] as const) {
    const socket = HandlerSocket.create({ host: "127.0.0.1", port });
    handlers.set(type, Handler.create({ metadata: metadata(type), type, socket, timeout: 5 }));
  }
  addPipeline("main", [
    { mutator: "only_check_output", handler: "tcp" },
    { mutator: "only_check_output", handler: "udp" },
  ]);
  expect(verdicts(await send(eventOf(2, 0)))).toEqual([
    ["main/w0", "delivered"],
    ["main/w1", "delivered"],
  ]);
  expect([await received.promise, await datagram.promise]).toEqual(["42", "42"]);
  tcp.close();
  udp.close();
});

test("what this version lacks is said, not skipped", async () => {
  addPipe("out", "true", { runtime_assets: ["tool"] });
  addPipeline("main", [{ handler: "out" }]);
  const [run] = await send(eventOf(2, 0));
  expect(run?.steps.at(-1)).toMatchObject({ outcome: "failed", detail: expect.stringContaining("runtime assets") });
});

test("a streaming handler is not taken for a handler of its name", async () => {
  const file = path.join(folder, "streamed");
  addPipe("out", `cat > ${file}`);
  const handler = ResourceReference.create({ name: "out", type: "TCPStreamHandler", api_version: "pipeline/v1" });
  const workflows = [PipelineWorkflow.create({ name: "w0", handler })];
  pipelines.set("main", Pipeline.create({ metadata: metadata("main"), workflows }));
  const [run] = await send(eventOf(2, 0));
  expect(run?.steps.at(-1)).toMatchObject({
    ...{ outcome: "failed", detail: expect.stringContaining("pipeline/v1.TCPStreamHandler out of workflow w0") },
  });
  expect(existsSync(file)).toBe(false);
});
