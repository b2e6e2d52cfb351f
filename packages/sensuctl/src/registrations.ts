/** Every command, one line each; its module is loaded when it is called. */
import type { Registration } from "./frame/command.ts";

export const SUMMARY = "sensuctl controls Sensu instances";

const leaf = (summary: string, load: Registration["load"]): Registration => ({ kind: "leaf", summary, load });
const group = (summary: string, load: Registration["load"]): Registration => ({ kind: "group", summary, load });

const program = (summary: string, load: Registration["load"]): Registration => ({ kind: "program", summary, load });

export const COMMANDS: Readonly<Record<string, Registration>> = {
  "agent-session": group("Show connections of agents", () => import("./commands/agent-session.ts")),
  "api-key": group("Manage API keys", () => import("./commands/api-key.ts")),
  asset: group("Manage assets", () => import("./commands/asset.ts")),
  auth: group("Ask about your rights", () => import("./commands/auth.ts")),
  check: group("Manage checks", () => import("./commands/check/mod.ts")),
  cluster: group("Manage the cluster", () => import("./commands/cluster.ts")),
  "cluster-role": group("Manage cluster roles", () => import("./commands/cluster-role.ts")),
  "cluster-role-binding": group("Manage cluster role bindings", () => import("./commands/cluster-role-binding.ts")),
  completion: leaf("Print a completion script for a shell", () => import("./commands/completion.ts")),
  config: group("Show and change the configuration", () => import("./commands/config.ts")),
  configure: leaf("Log in and set up sensuctl", () => import("./commands/configure.ts")),
  create: leaf("Create or replace resources from files, URLs or standard input", () => import("./commands/create.ts")),
  delete: leaf("Delete resources named in a file or on standard input", () => import("./commands/delete.ts")),
  "describe-type": leaf("Describe the types of resources", () => import("./commands/describe-type.ts")),
  dump: leaf("Write resources as YAML or JSON", () => import("./commands/dump.ts")),
  edit: leaf("Change resources in an editor", () => import("./commands/edit.ts")),
  entity: group("Manage entities", () => import("./commands/entity.ts")),
  env: leaf("Print the settings as shell variables", () => import("./commands/env.ts")),
  event: group("Manage events", () => import("./commands/event.ts")),
  "fallback-pipeline": group("Manage fallback pipelines", () => import("./commands/fallback-pipeline.ts")),
  filter: group("Manage filters", () => import("./commands/filter.ts")),
  handler: group("Manage handlers", () => import("./commands/handler.ts")),
  hook: group("Manage hooks", () => import("./commands/hook.ts")),
  logout: leaf("Log out of sensuctl", () => import("./commands/logout.ts")),
  mutator: group("Manage mutators", () => import("./commands/mutator.ts")),
  namespace: group("Manage namespaces", () => import("./commands/namespace.ts")),
  pipeline: group("Manage pipelines", () => import("./commands/pipeline.ts")),
  pki: program("Make and watch certificates (sensu-pki)", () => import("./commands/pki.ts")),
  role: group("Manage roles", () => import("./commands/role.ts")),
  "role-binding": group("Manage role bindings", () => import("./commands/role-binding.ts")),
  silenced: group("Manage silences", () => import("./commands/silenced.ts")),
  tessen: group("Manage the telemetry setting", () => import("./commands/tessen.ts")),
  user: group("Manage users", () => import("./commands/user/mod.ts")),
  version: leaf("Print the version", () => import("./commands/version.ts")),
};
