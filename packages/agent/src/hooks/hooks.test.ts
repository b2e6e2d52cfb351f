import {
  Asset,
  AssetList,
  CheckConfig,
  CheckRequest,
  Entity,
  Event,
  HookConfig,
  HookList,
  ObjectMeta,
} from "@sensu-ts/core";
import { expect, test } from "vitest";
import { AllowList } from "../checks/allow-list.ts";
import { checkFromConfig } from "../checks/result.ts";
import { MemoryLog } from "../fake-backend.ts";
import { appliesTo, runHooks } from "./hooks.ts";

const meta = (name: string) => ObjectMeta.create({ name, namespace: "default" });
const hook = (name: string, command: string, rest: Partial<HookConfig> = {}) =>
  HookConfig.create({ metadata: meta(name), command, timeout: 5, ...rest });

function run(
  lists: Record<string, string[]>,
  hooks: HookConfig[],
  status = 2,
  rest: Partial<CheckRequest> = {},
  allowList?: AllowList,
) {
  const config = CheckConfig.create({
    metadata: meta("check"),
    check_hooks: Object.entries(lists).map(([type, names]) => HookList.create({ type, hooks: names })),
  });
  return runHooks({
    request: CheckRequest.create({ config, hooks, ...rest }),
    event: {
      ...Event.create({ entity: Entity.create({ metadata: meta("web-01") }) }),
      check: { ...checkFromConfig(config), status },
    },
    namespace: "agents",
    allowList,
    signal: new AbortController().signal,
    log: new MemoryLog(),
    now: () => 5000,
  });
}

test.each([
  ["0", 0, true],
  ["ok", 0, true],
  ["ok", 1, false],
  ["warning", 1, true],
  ["critical", 2, true],
  ["unknown", 3, true],
  ["unknown", 127, true],
  ["unknown", 2, false],
  ["non-zero", 1, true],
  ["non-zero", 0, false],
  ["127", 127, true],
  ["2", 1, false],
])("hooks of type %s after status %d: %s", (type, status, applies) => {
  expect(appliesTo(type, status)).toBe(applies);
});

test("hooks run in order, each once, with their results", async () => {
  const results = await run({ critical: ["h1"], "non-zero": ["h1", "h2"], ok: ["h3"] }, [
    hook("h1", "echo one"),
    hook("h2", "exit 4"),
    hook("h3", "true"),
  ]);
  expect(results).toMatchObject([
    { config: { metadata: { name: "h1" }, command: "echo one" }, output: "one\n", status: 0, executed: 5, issued: 0 },
    { config: { metadata: { name: "h2" } }, status: 4 },
  ]);
});

test("a hook that is missing or invalid says so with status 2", async () => {
  const results = await run({ "2": ["nope", "bad", "it's"] }, [hook("bad", "true", { timeout: 0 })]);
  expect(results.map(({ output, status }) => [output, status])).toEqual([
    ["hook nope: missing hook config\n", 2],
    ['hook bad: hook "bad" is invalid: hook timeout must be greater than 0\n', 2],
    ["hook it's: missing hook config\n", 2],
  ]);
});

test("tokens of hooks are filled in, and the result shows the command as defined", async () => {
  const results = await run({ critical: ["good", "bad"] }, [
    hook("good", "echo {{ .name }}"),
    hook("bad", "echo {{ .x }}"),
  ]);
  expect(results[0]).toMatchObject({ config: { command: "echo {{ .name }}" }, output: "web-01\n", status: 0 });
  expect(results[1]).toMatchObject({ config: { command: "echo {{ .x }}" }, status: 2 });
  expect(results[1]?.output).toContain(
    'hook bad: hook "bad": error doing token substitution: command: unmatched token',
  );
});

test("hooks get neither secrets nor the check's variables, and time out like checks", async () => {
  const results = await run(
    { critical: ["env", "slow"] },
    [hook("env", "echo [$S]"), hook("slow", "sleep 60", { timeout: 1 })],
    2,
    {
      secrets: ["S=geheim"],
    },
  );
  expect(results).toMatchObject([{ output: "[]\n" }, { output: "Execution timed out\n", status: 2 }]);
});

test("a hook that needs assets is not run", async () => {
  const [result] = await run({ critical: ["h"] }, [hook("h", "echo ran")], 2, {
    hook_assets: { h: AssetList.create({ assets: [Asset.create()] }) },
  });
  expect(result).toMatchObject({ status: 3, output: expect.stringContaining("error getting assets for hook") });
});

test("hooks that the allow list does not name are not run (W-117)", async () => {
  const allowList = new AllowList([{ exec: "echo", args: ["one"], sha512: "", enableEnv: false }], false);
  const denied = { ...meta("h2"), annotations: { allow_list_on_deny_status: "-4" } };
  const results = await run(
    { critical: ["h1", "h2", "h3"] },
    [hook("h1", "echo one"), hook("h2", "id {{ .name }}", { metadata: denied }), hook("h3", "id")],
    2,
    {},
    allowList,
  );
  const output = "check hook command denied by the agent allow list";
  expect(results.map(({ status, output: text, config }) => [status, text, config?.command])).toEqual([
    [0, "one\n", "echo one"],
    [-4, output, "id {{ .name }}"],
    [3, output, "id"],
  ]);
});
