/** What a new store starts with (S-324 to S-334, R-85): ordinary resources, never restored once deleted. */
import {
  ClusterRole,
  ClusterRoleBinding,
  ObjectMeta,
  Role,
  RoleBinding,
  RoleRef,
  Rule,
  Subject,
} from "../types/mod.ts";
import { COMMON_RESOURCES } from "./resources.ts";

const rule = (verbs: readonly string[], resources: readonly string[]) => Rule.create({ verbs, resources });
const READ = ["get", "list"];

const CLUSTER_ROLES: readonly (readonly [name: string, rules: readonly Rule[]])[] = [
  ["cluster-admin", [rule(["*"], ["*"])]],
  ["admin", [rule(["*"], [...COMMON_RESOURCES, "roles", "rolebindings"]), rule(READ, ["namespaces"])]],
  ["edit", [rule(["*"], COMMON_RESOURCES), rule(READ, ["namespaces"])]],
  ["view", [rule(READ, [...COMMON_RESOURCES, "namespaces"])]],
  ["system:agent", [rule(["*"], ["events"])]],
  ["system:user", [rule(["get", "update"], ["localselfuser"])]],
];

const CLUSTER_ROLE_BINDINGS: readonly (readonly [name: string, clusterRole: string, group: string])[] = [
  ["cluster-admin", "cluster-admin", "cluster-admins"],
  ["system:agent", "system:agent", "system:agents"],
  ["system:user", "system:user", "system:users"],
];

/** Group that every person gets at login, whatever provider knows them (S-225). */
export const USERS_GROUP = "system:users";
export const ADMINS_GROUP = "cluster-admins";
export const AGENTS_GROUP = "system:agents";
/** Group the pipeline's filter functions act as (S-336). */
export const PIPELINE_GROUP = "system:pipeline";

export function defaultClusterRoles(): readonly ClusterRole[] {
  return CLUSTER_ROLES.map(([name, rules]) => ClusterRole.create({ rules, metadata: ObjectMeta.create({ name }) }));
}

export function defaultClusterRoleBindings(): readonly ClusterRoleBinding[] {
  return CLUSTER_ROLE_BINDINGS.map(([name, role, group]) =>
    ClusterRoleBinding.create({
      subjects: [Subject.create({ type: "Group", name: group })],
      role_ref: RoleRef.create({ type: "ClusterRole", name: role }),
      metadata: ObjectMeta.create({ name }),
    }),
  );
}

/** The pair every namespace has (S-334). */
export function pipelineRole(namespace: string): Role {
  return Role.create({
    rules: [rule(READ, ["events"])],
    metadata: ObjectMeta.create({ name: PIPELINE_GROUP, namespace }),
  });
}

export function pipelineRoleBinding(namespace: string): RoleBinding {
  return RoleBinding.create({
    subjects: [Subject.create({ type: "Group", name: PIPELINE_GROUP })],
    role_ref: RoleRef.create({ type: "Role", name: PIPELINE_GROUP }),
    metadata: ObjectMeta.create({ name: PIPELINE_GROUP, namespace }),
  });
}
