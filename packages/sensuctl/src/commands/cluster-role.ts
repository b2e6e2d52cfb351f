import { ClusterRole, ObjectMeta } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { nameError, RULE_FLAGS, ruleFrom, warnOfUnknown } from "./access.ts";
import { clusterRoleNoun } from "./nouns.ts";
import { commonCommands, createOne } from "./resource.ts";

const create = leaf({
  name: "create",
  summary: "create a cluster role of one rule",
  usage: "[NAME] --verb=VERBS --resource=RESOURCES [--resource-name=RESOURCE_NAMES]",
  args: [1, 1],
  argsError: nameError,
  flags: RULE_FLAGS,
  async run(session, flags) {
    const metadata = ObjectMeta.create({ name: session.args[0] ?? "" });
    const rule = ruleFrom(flags.verb, flags.resource, flags["resource-name"]);
    warnOfUnknown(session, flags.resource);
    await createOne(session, clusterRoleNoun, ClusterRole.create({ metadata, rules: [rule] }));
  },
});

export default group("cluster-role", "Manage cluster roles", [
  ...commonCommands(clusterRoleNoun, { info: "a role name is required", delete: "a cluster role name is required" }),
  create,
]);
