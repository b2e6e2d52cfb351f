import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Asset, CheckConfig, CheckRequest, Entity, type Event, HookConfig, HookList, ObjectMeta } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { MemoryLog } from "../fake-backend.ts";
import { Sequences } from "../link/sequences.ts";
import { AllowList } from "./allow-list.ts";
import { CheckRunner } from "./runner.ts";

const meta = (name: string) => ObjectMeta.create({ name, namespace: "default" });

function setup(given: { assets?: boolean; allowList?: AllowList } = {}) {
  const log = new MemoryLog();
  const events: Event[] = [];
  const runner = new CheckRunner({
    agentName: "web-01",
    namespace: "default",
    assets: given.assets ?? true,
    maskSecrets: true,
    allowList: given.allowList,
    entity: () => Entity.create({ metadata: meta("web-01"), entity_class: "agent" }),
    sequences: new Sequences(),
    send: ({ event }) => {
      events.push(event);
      return Promise.resolve();
    },
    log,
    now: () => 1_700_000_000_000,
  });
  let issued = 100;
  const run = async (config: Partial<CheckConfig>, request: Partial<CheckRequest> = {}): Promise<Event> => {
    const before = events.length;
    runner.receive(
      CheckRequest.create({
        config: CheckConfig.create({ metadata: meta("check"), interval: 10, command: "true", ...config }),
        issued: ++issued,
        ...request,
      }),
    );
    await expect.poll(() => events.length, { timeout: 5000 }).toBe(before + 1);
    return events[before] as Event;
  };
  return { log, events, runner, run };
}

test("a result names agent, times, order and output", async () => {
  const { run } = setup();
  const event = await run({
    command: "echo a; echo b >&2; exit 1",
    pipelines: [{ name: "p", type: "Pipeline", api_version: "core/v2" }],
  });
  expect(event).toMatchObject({
    timestamp: 1_700_000_000,
    sequence: 1,
    metadata: { namespace: "default" },
    pipelines: [{ name: "p" }],
    entity: { metadata: { name: "web-01" } },
    check: { status: 1, output: "a\nb\n", issued: 101, executed: 1_700_000_000, processed_by: "web-01" },
  });
  expect(event.id).toHaveLength(16);
  expect(event.check?.duration).toBeGreaterThan(0);
  expect((await run({})).sequence).toBe(2);
});

test("a timeout is status 2, a signal 4294967295", async () => {
  const { run } = setup();
  const late = await run({ command: "echo begun; sleep 60", timeout: 1 });
  expect(late.check).toMatchObject({ status: 2, output: "Execution timed out\nbegun\n" });
  expect((await run({ command: "kill -9 $$" })).check?.status).toBe(4_294_967_295);
});

test("variables of the check are set, secrets are set and masked, the agent's password is not handed down", async () => {
  process.env["SENSU_PASSWORD"] = "hidden";
  const { run } = setup();
  const event = await run({ command: "echo $V $S [$SENSU_PASSWORD]", env_vars: ["V=v"] }, { secrets: ["S=geheim1"] });
  delete process.env["SENSU_PASSWORD"];
  expect(event.check?.output).toBe("v REDACTED []\n");
});

test("stdin is the event as it stands before the run", async () => {
  const { run } = setup();
  const event = await run({ command: "cat", stdin: true });
  const given = JSON.parse(event.check?.output ?? "");
  expect(given).toMatchObject({ check: { metadata: { name: "check" }, status: 0, output: "", issued: 101 } });
});

test("tokens are filled in everywhere, and the event shows the command as defined", async () => {
  const { run } = setup();
  const command = 'echo {{ .name }} {{ .labels.tier | default "none" }} $A';
  const event = await run({ command, env_vars: ["A={{ .namespace }}"] });
  expect(event.check).toMatchObject({ command, output: "web-01 none default\n", env_vars: ["A=default"] });
});

test("discard_output empties the output after the hooks have seen it", async () => {
  const { run } = setup();
  const event = await run(
    { command: "echo x", discard_output: true, check_hooks: [HookList.create({ type: "ok", hooks: ["h"] })] },
    {
      hooks: [HookConfig.create({ metadata: meta("h"), command: 'grep -c \'"output":"x\' ', timeout: 5, stdin: true })],
    },
  );
  expect(event.check).toMatchObject({ output: "", hooks: [{ output: "1\n", status: 0 }] });
});

test("duplicates, older requests and overlapping runs make no event", async () => {
  const { runner, run, log, events } = setup();
  await run({}, { issued: 50 });
  const again = (issued: number) =>
    runner.receive(
      CheckRequest.create({ config: CheckConfig.create({ metadata: meta("check"), interval: 1 }), issued }),
    );
  again(50);
  again(49);
  const slow = CheckRequest.create({
    config: CheckConfig.create({ metadata: meta("slow"), interval: 1, command: "sleep 60" }),
    issued: 1,
  });
  runner.receive(slow);
  runner.receive({ ...slow, issued: 2 });
  expect(log.lines.filter((line) => line.message === "error handling message").map((line) => line.level)).toEqual([
    "warning",
    "error",
    "error",
  ]);
  expect(log.errors("error handling message")[2]).toBe("check execution still in progress: slow");
  expect(events).toHaveLength(1);
  runner.stop();
});

test.each<[string, Partial<CheckConfig>, Partial<CheckRequest>, boolean, string]>([
  ["no interval", { interval: 0 }, {}, true, "given check is invalid: check interval must be greater than 0"],
  [
    "no namespace",
    { metadata: ObjectMeta.create({ name: "c" }) },
    {},
    true,
    "given check is invalid: namespace must be set",
  ],
  ["assets", {}, { assets: [Asset.create()] }, true, "error getting assets for check: "],
  [
    "an unmatched token",
    { command: "echo {{ .labels.zzz }}" },
    {},
    true,
    "error while substituting check tokens: command: unmatched token: ",
  ],
  [
    "assets switched off",
    {},
    { assets: [Asset.create()] },
    false,
    "check requested assets, but they are disabled on this agent",
  ],
])("a request that cannot run is reported with status 3: %s", async (_, config, request, assets, text) => {
  const event = await setup({ assets }).run(config, request);
  expect(event.check?.status).toBe(3);
  expect(event.check?.output).toContain(text);
});

test("a check without definition and the test command are harmless", async () => {
  const { runner, run, events } = setup();
  runner.receive(CheckRequest.create({ issued: 1 }));
  expect(events).toEqual([]);
  const canned = await run({ command: "!sensu_test_check!" });
  expect(canned.check).toMatchObject({ status: 0, duration: 0 });
});

test("what the allow list does not name does not run, and variables are its to give (S-403, S-366)", async () => {
  const listed = (exec: string, enableEnv: boolean) => ({ exec, args: ["$V-$S"], sha512: "", enableEnv });
  const allowList = new AllowList([listed("echo open", true), listed("echo closed", false)], false);
  const { run } = setup({ allowList });
  const ask = async (command: string, annotations = {}) => {
    const metadata = { ...meta("check"), annotations };
    const event = await run({ command, metadata, env_vars: ["V=v"] }, { secrets: ["S=s"] });
    return [event.check?.status, event.check?.output];
  };
  expect(await ask("echo open $V-$S")).toEqual([0, "open v-s\n"]);
  expect(await ask("echo closed $V-$S")).toEqual([0, "closed -s\n"]);
  expect(await ask("echo open $V-$S; id")).toEqual([3, "check command denied by the agent allow list"]);
  expect((await ask("id", { allow_list_on_deny_status: "1" }))[0]).toBe(1);
});

test("a program of another hash does not run (W-132)", async () => {
  const sh = createHash("sha512").update(readFileSync("/bin/sh")).digest("hex");
  const entry = (sha512: string) => new AllowList([{ exec: "sh", args: ["-c true"], sha512, enableEnv: true }], false);
  for (const [sha512, status] of [
    [sh, 0],
    [sh.toUpperCase(), 0],
    [`0${sh.slice(1)}`, 3],
    ["x", 3],
  ] as const) {
    const event = await setup({ allowList: entry(sha512) }).run({ command: "sh -c true" });
    expect([sha512, event.check?.status]).toEqual([sha512, status]);
  }
});
