import { ObjectMeta, RoleBinding, RoleRef } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { text } from "../frame/flags.ts";
import { nameError, SUBJECT_FLAGS, subjectsFrom } from "./access.ts";
import { roleBindingNoun } from "./nouns.ts";
import { commonCommands, createOne } from "./resource.ts";

const argsError = "a role binding name is required";

const create = leaf({
  name: "create",
  summary: "bind a role or cluster role to users and groups in the namespace",
  usage: "[NAME] --cluster-role=NAME|--role=NAME [--user=USERNAME] [--group=GROUP]",
  args: [1, 1],
  argsError: nameError,
  flags: [
    text("cluster-role", "cluster role to bind; goes before --role", { short: "c" }),
    text("role", "role to bind", { short: "r" }),
    ...SUBJECT_FLAGS,
  ],
  async run(session, flags) {
    const clusterRole = flags["cluster-role"];
    if (clusterRole === "" && flags.role === "") throw new Failure("a role or cluster role must be provided");
    const binding = RoleBinding.create({
      metadata: ObjectMeta.create({ name: session.args[0] ?? "", namespace: session.namespace }),
      role_ref:
        clusterRole === ""
          ? RoleRef.create({ type: "Role", name: flags.role })
          : RoleRef.create({ type: "ClusterRole", name: clusterRole }),
      subjects: subjectsFrom(flags.group, flags.user),
    });
    await createOne(session, roleBindingNoun, binding);
  },
});

export default group("role-binding", "Manage role bindings", [
  ...commonCommands(roleBindingNoun, { info: argsError, delete: argsError }),
  create,
]);
