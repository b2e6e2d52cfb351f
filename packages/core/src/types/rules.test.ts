import { expect, test } from "vitest";
import { fromTree } from "../codec/json.ts";
import type { JsonObject, MessageType } from "../codec/schema.ts";
import { SensuError } from "../errors.ts";
import { resourceOf } from "../resource/registry.ts";
import { validatePassword } from "./access-rules.ts";
import { Check } from "./check.ts";
import { validateCheck } from "./check-rules.ts";
import { validateHookList } from "./hook-rules.ts";
import * as types from "./mod.ts";

const NS = { namespace: "default" };
const meta = (name: string) => ({ metadata: { name, ...NS } });
const sha512 = "a".repeat(128);

/** `wanted` is the text of the error, or what the validated value must contain. */
function check<T>(
  type: MessageType<T>,
  tree: JsonObject,
  wanted: string | object,
  rule = (v: T) => resourceOf(type).validate(v),
) {
  const value = fromTree(type, tree);
  if (typeof wanted !== "string") {
    expect(rule(value)).toMatchObject(wanted);
    return;
  }
  try {
    rule(value);
  } catch (error) {
    expect(error).toBeInstanceOf(SensuError);
    expect((error as SensuError).code).toBe("invalid");
    expect((error as SensuError).message).toBe(wanted);
    return;
  }
  expect.unreachable(`accepted: ${JSON.stringify(tree)}`);
}

const CONFIG = { ...meta("c"), interval: 10, command: "true" };
test.each<[object, string | object]>([
  [{}, {}],
  [{ metadata: { name: "", ...NS } }, "check name must not be empty"],
  [{ metadata: { name: "a b", ...NS } }, "check name cannot contain spaces or special characters"],
  [{ metadata: { name: "a\n", ...NS } }, "check name cannot contain spaces or special characters"],
  [{ metadata: { name: "a:B_9.-", ...NS } }, {}],
  [{ metadata: { name: "c" } }, "namespace must be set"],
  [{ cron: "* * * * *" }, "must only specify either an interval or a cron schedule"],
  [{ interval: 0 }, "check interval must be greater than 0 or a valid cron schedule must be provided"],
  [{ interval: 0, cron: "@daily" }, {}],
  [{ ttl: 10 }, "ttl must be greater than check interval"],
  [{ ttl: 11 }, {}],
  [
    { runtime_assets: ["a b"] },
    "asset's name may only contain letters, forward slashes, underscores, dashes and numbers",
  ],
  [{ runtime_assets: [""] }, "asset's name cannot be empty"],
  [{ subscriptions: [""] }, "subscriptions cannot be empty strings"],
  [{ subscriptions: [] }, {}],
  [{ proxy_entity_name: "a b" }, "proxy entity name cannot contain spaces or special characters"],
  [{ proxy_requests: { splay_coverage: 101 } }, "proxy request splay coverage must be between 0 and 100"],
  [{ proxy_requests: { splay: true } }, "proxy request splay coverage must be greater than 0 if splay is enabled"],
  [{ output_metric_format: "x" }, "output metric format is not valid"],
  [{ low_flap_threshold: 20, high_flap_threshold: 10 }, "invalid flap thresholds"],
  [{ low_flap_threshold: 20 }, {}],
  [{ env_vars: ["A"] }, "environment variables must be of the form FOO=BAR"],
  [{ env_vars: ["A="] }, "environment variables must be of the form FOO=BAR"],
  [{ env_vars: ["A=b=c"] }, {}],
  [
    { pipelines: [{ name: "p" }], fallback_pipeline: { name: "f" } },
    "must only specify either pipelines or a fallback pipeline",
  ],
  [{ pipelines: [{ name: "p" }], fallback_pipeline: { name: "" } }, { fallback_pipeline: undefined }],
])("R-68: check definition with %j", (change, wanted) => {
  check(types.CheckConfig, { ...CONFIG, ...change } as JsonObject, wanted);
});

test("R-68: bad cron and subdues", () => {
  const bad = { ...CONFIG, interval: 0, cron: "x" };
  expect(() => resourceOf(types.CheckConfig).validate(fromTree(types.CheckConfig, bad))).toThrow(
    /^check cron string is invalid: /,
  );
  const subdue = { ...CONFIG, subdues: [{ begin: "now", end: "later" }] };
  expect(() => resourceOf(types.CheckConfig).validate(fromTree(types.CheckConfig, subdue))).toThrow(
    /^subdue 0 invalid: invalid begin/,
  );
});

const threshold = (rule: object) => ({ output_metric_thresholds: [{ name: "m", thresholds: [rule] }] });
test.each<[object, string | object]>([
  [{}, {}],
  [{ publish: true }, "check interval must be greater than or equal to 1"],
  [{ ttl: 4 }, "minimum ttl is 5 seconds"],
  [{ ttl: 5 }, {}],
  [{ max_output_size: -1 }, "MaxOutputSize must be >= 0"],
  [
    { output_metric_thresholds: [{ name: "m" }] },
    "invalid metric threshold 0: there must be at least one threshold rule",
  ],
  [threshold({}), "invalid metric threshold 0: rule 0: One of Min or Max required"],
  [threshold({ min: "x" }), "invalid metric threshold 0: rule 0: Min must be a floating point number"],
  [threshold({ min: " 1.5e3 " }), { output_metric_thresholds: [{ thresholds: [{ min: "1.5e3" }] }] }],
])("R-69: check of an event with %j", (change, wanted) => {
  check(Check, { metadata: { name: "c" }, ...change } as JsonObject, wanted, validateCheck);
});

const reference = (type: string) => ({ name: "x", type, api_version: "core/v2" });
const flow = (change: object) => ({
  ...meta("p"),
  workflows: [{ name: "w", handler: reference("Handler"), ...change }],
});
test.each<[MessageType<never>, object, string | object]>([
  [types.Handler as never, { ...meta("h"), type: "pipe", command: " " }, "missing command"],
  [types.Handler as never, meta("h"), "empty handler type"],
  [types.Handler as never, { ...meta("h"), type: "x" }, "unknown handler type: x"],
  [types.Handler as never, { ...meta("h"), type: "tcp" }, "tcp and udp handlers need a valid socket"],
  [types.Handler as never, { ...meta("h"), type: "udp", socket: { host: "h" } }, "socket port undefined"],
  [types.Handler as never, { ...meta("h"), type: "set" }, {}],
  [types.Handler as never, { metadata: { name: "h" }, type: "set" }, "namespace must be set"],
  [types.EventFilter as never, { ...meta("f"), action: "drop" }, "action 'drop' is not valid"],
  [types.EventFilter as never, { ...meta("f"), action: "allow" }, "filter must have one or more expressions"],
  [types.EventFilter as never, { ...meta("f"), action: "deny", expressions: ["true"] }, {}],
  [types.Mutator as never, meta("m"), "mutator command or eval must be set"],
  [
    types.Mutator as never,
    { ...meta("m"), type: "javascript", command: "x" },
    '"command" used with javascript mutator, should be "eval"',
  ],
  [types.Mutator as never, { ...meta("m"), type: "javascript", eval: "x" }, {}],
  [types.HookConfig as never, { ...meta("h"), command: "x" }, "hook timeout must be greater than 0"],
  [types.HookConfig as never, { ...meta("h"), timeout: 1 }, "command cannot be empty"],
  [types.Asset as never, { ...meta("a/b:1"), url: "u", sha512 }, {}],
  [types.Asset as never, { ...meta("a"), url: "u", sha512: "ab" }, "SHA-512 checksum must be at least 128 characters"],
  [types.Asset as never, { ...meta("a"), sha512 }, "URL cannot be empty"],
  [types.Asset as never, { ...meta("a"), builds: [{ url: "u", sha512 }] }, {}],
  [
    types.Asset as never,
    { ...meta("a"), url: "u", sha512, builds: [{ url: "u" }] },
    "SHA-512 checksum cannot be empty",
  ],
  [types.Pipeline as never, meta("p"), {}],
  [types.Pipeline as never, flow({}), {}],
  [types.Pipeline as never, flow({ handler: null }), "workflow handler must be set"],
  [
    types.Pipeline as never,
    flow({ handler: reference("Mutator") }),
    "workflow handler resource type not capable of handling events: core/v2.Mutator",
  ],
  [types.Pipeline as never, flow({ handler: { name: "x", type: "TCPStreamHandler", api_version: "pipeline/v1" } }), {}],
  [types.Pipeline as never, flow({ filters: [{ name: "f" }] }), "workflow filter type must be set"],
  [types.Silenced as never, NS, "must provide check or subscription"],
  [types.Silenced as never, { check: "*", subscription: "*" }, "must provide check or subscription"],
  [types.Silenced as never, { subscription: "a:b:c" }, "Subscription cannot contain spaces or special characters"],
  [types.Silenced as never, { subscription: "entity:n1" }, { metadata: { name: "entity:n1:*" } }],
  [types.Silenced as never, { check: "c" }, { metadata: { name: "*:c" } }],
  [types.User as never, { username: "Bob" }, "username cannot contain spaces or special characters"],
  [types.Namespace as never, { name: "Team-X" }, {}],
  [types.Namespace as never, {}, "namespace name must not be empty"],
  [types.APIKey as never, { metadata: { name: "k" } }, "api key must have a username"],
  [types.Entity as never, { ...meta("e") }, "entity class must not be empty"],
  [types.EntityConfig as never, { entity_class: "agent" }, "invalid EntityConfig: nil metadata"],
  [types.Role as never, { ...meta("r"), rules: [] }, "a Role must have at least one rule"],
  [
    types.Role as never,
    { ...meta("r"), rules: [{ verbs: ["get,list"], resources: ["checks,assets"], resource_names: ["a,b"] }] },
    { rules: [{ verbs: ["get", "list"], resources: ["checks", "assets"], resource_names: ["a,b"] }] },
  ],
  [types.Role as never, { ...meta("r"), rules: [{ verbs: ["fly"] }] }, 'the verb "fly" is not valid'],
  [types.ClusterRole as never, { ...meta("r"), rules: [{ verbs: ["*"] }] }, "ClusterRole cannot have a namespace"],
  [
    types.RoleBinding as never,
    { ...meta("b"), role_ref: { type: "clusterRole", name: "r" }, subjects: [{ type: "user", name: "u" }] },
    { role_ref: { type: "ClusterRole" }, subjects: [{ type: "User" }] },
  ],
  [
    types.RoleBinding as never,
    { ...meta("b"), role_ref: { type: "role", name: "r" } },
    "a RoleBinding must have at least one subject",
  ],
  [
    types.ClusterRoleBinding as never,
    { metadata: { name: "b" }, role_ref: { type: "x", name: "r" } },
    'roleRef type "X" is invalid, expected either "ClusterRole" or "Role"',
  ],
  [types.Event as never, {}, "event must contain an entity"],
  [types.Event as never, { entity: {} }, "event must contain a check or metrics"],
  [types.Event as never, { entity: {}, metrics: {} }, "entity is invalid: entity name must not be empty"],
  [
    types.Event as never,
    { entity: { ...meta("e"), entity_class: "proxy" }, check: {} },
    "check is invalid: check name must not be empty",
  ],
  [
    types.Event as never,
    { entity: { ...meta("e"), entity_class: "proxy" }, metrics: {}, metadata: { name: "x" } },
    "events cannot be named",
  ],
  [types.Event as never, { entity: { ...meta("e"), entity_class: "proxy" }, check: { metadata: { name: "c" } } }, {}],
])("$name: %j", (type, tree, wanted) => {
  check(type, tree as JsonObject, wanted);
});

test("R-74, R-86: hook lists and passwords", () => {
  for (const type of ["0", "255", "non-zero", "unknown"]) validateHookList({ type, hooks: ["h"] });
  for (const type of ["", "256", "01", "bad"])
    expect(() => validateHookList({ type, hooks: ["h"] })).toThrow(SensuError);
  expect(() => validatePassword("short")).toThrow("password length must be at least 8 characters");
  validatePassword("P@ssw0rd!");
});
