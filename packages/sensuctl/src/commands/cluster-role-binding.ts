import { ClusterRoleBinding, ObjectMeta, RoleRef } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { text } from "../frame/flags.ts";
import { nameError, SUBJECT_FLAGS, subjectsFrom } from "./access.ts";
import { clusterRoleBindingNoun } from "./nouns.ts";
import { commonCommands, createOne } from "./resource.ts";

const argsError = "a cluster role binding name is required";

const create = leaf({
  name: "create",
  summary: "bind a cluster role to users and groups",
  usage: "[NAME] --cluster-role=NAME [--user=USERNAME] [--group=GROUP]",
  args: [1, 1],
  argsError: nameError,
  flags: [text("cluster-role", "cluster role to bind", { short: "c" }), ...SUBJECT_FLAGS],
  async run(session, flags) {
    if (flags["cluster-role"] === "") throw new Failure("a ClusterRole must be provided");
    const binding = ClusterRoleBinding.create({
      metadata: ObjectMeta.create({ name: session.args[0] ?? "" }),
      role_ref: RoleRef.create({ type: "ClusterRole", name: flags["cluster-role"] }),
      subjects: subjectsFrom(flags.group, flags.user),
    });
    await createOne(session, clusterRoleBindingNoun, binding);
  },
});

export default group("cluster-role-binding", "Manage cluster role bindings", [
  ...commonCommands(clusterRoleBindingNoun, { info: argsError, delete: argsError }),
  create,
]);
