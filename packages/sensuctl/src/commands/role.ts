import { ObjectMeta, Role } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { nameError, RULE_FLAGS, ruleFrom, warnOfUnknown } from "./access.ts";
import { roleNoun } from "./nouns.ts";
import { createOne, deleteCommand, infoCommand, listCommand } from "./resource.ts";

const argsError = "a role name is required";

const create = leaf({
  name: "create",
  summary: "create a role of one rule",
  usage: "[NAME] --verb=VERBS --resource=RESOURCES [--resource-name=RESOURCE_NAMES]",
  args: [1, 1],
  argsError: nameError,
  flags: RULE_FLAGS,
  async run(session, flags) {
    const [name = ""] = session.args;
    const metadata = ObjectMeta.create({ name, namespace: session.namespace });
    const rule = ruleFrom(flags.verb, flags.resource, flags["resource-name"]);
    warnOfUnknown(session, flags.resource);
    await createOne(session, roleNoun, Role.create({ metadata, rules: [rule] }));
  },
});

export default group("role", "Manage roles", [
  listCommand(roleNoun),
  infoCommand(roleNoun, { argsError, aliases: ["list-rules"] }),
  deleteCommand(roleNoun, { argsError }),
  create,
]);
