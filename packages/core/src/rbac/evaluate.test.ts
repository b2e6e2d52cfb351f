import { expect, test } from "vitest";
import { ClusterRole, ClusterRoleBinding, ObjectMeta, Role, RoleBinding, Rule, type Verb } from "../types/mod.ts";
import { defaultClusterRoleBindings, defaultClusterRoles, pipelineRole, pipelineRoleBinding } from "./defaults.ts";
import { decide, type Roles } from "./evaluate.ts";
import { visibleNamespaces } from "./namespaces.ts";

const NAMESPACES = ["default", "other", "sensu-system"];

interface World {
  clusterRoles?: readonly ClusterRole[];
  clusterRoleBindings?: readonly ClusterRoleBinding[];
  roles?: readonly Role[];
  roleBindings?: readonly RoleBinding[];
}

function world(extra: World = {}): Roles {
  const clusterRoles = [...defaultClusterRoles(), ...(extra.clusterRoles ?? [])];
  const clusterRoleBindings = [...defaultClusterRoleBindings(), ...(extra.clusterRoleBindings ?? [])];
  const roles = [...NAMESPACES.map(pipelineRole), ...(extra.roles ?? [])];
  const roleBindings = [...NAMESPACES.map(pipelineRoleBinding), ...(extra.roleBindings ?? [])];
  return {
    clusterRoleBindings: () => clusterRoleBindings,
    roleBindings: (namespace) => roleBindings.filter((one) => one.metadata.namespace === namespace),
    clusterRole: (name) => clusterRoles.find((one) => one.metadata.name === name),
    role: (namespace, name) => roles.find((one) => one.metadata.namespace === namespace && one.metadata.name === name),
    rolesNamed: (name) => roles.filter((one) => one.metadata.name === name),
  };
}

const bind = (namespace: string, user: string, type: "Role" | "ClusterRole", name: string) =>
  RoleBinding.create({
    subjects: [{ type: "User", name: user }],
    role_ref: { type, name },
    metadata: ObjectMeta.create({ name: `${user}-${name}`, namespace }),
  });

const bindCluster = (user: string, type: "Role" | "ClusterRole", name: string) =>
  ClusterRoleBinding.create({
    subjects: [{ type: "User", name: user }],
    role_ref: { type, name },
    metadata: ObjectMeta.create({ name: `${user}-${name}` }),
  });

const user = (username: string, ...groups: string[]) => ({ username, groups });
const ask = (verb: Verb, resource: string, namespace = "", name = "") => ({ verb, resource, namespace, name });

test.each([
  ["edit", "update", "checks", "default", "c", true],
  ["edit", "create", "rolebindings", "default", "", false],
  ["edit", "update", "pipelines", "default", "p", false],
  ["edit", "list", "checks", "other", "", false],
  ["view", "get", "checks", "default", "c", true],
  ["view", "list", "events", "default", "", true],
  ["view", "update", "checks", "default", "c", false],
  ["view", "list", "events", "", "", false],
  ["admin", "create", "rolebindings", "default", "", true],
  ["admin", "list", "clusterroles", "", "", false],
  ["admin", "create", "namespaces", "", "", false],
] as const)(
  "%s bound in default: %s %s in '%s' '%s' -> %s (S-461)",
  (role, verb, resource, namespace, name, allowed) => {
    const roles = world({ roleBindings: [bind("default", "ann", "ClusterRole", role)] });
    expect(decide(user("ann"), ask(verb, resource, namespace, name), roles).allowed).toBe(allowed);
  },
);

test("a Role with every right stays inside its namespace (S-311, S-312)", () => {
  const all = Role.create({
    rules: [Rule.create({ verbs: ["*"], resources: ["*"] })],
    metadata: ObjectMeta.create({ name: "all", namespace: "default" }),
  });
  const roles = world({ roles: [all], roleBindings: [bind("default", "ann", "Role", "all")] });
  expect(decide(user("ann"), ask("delete", "pipelines", "default", "p"), roles).allowed).toBe(true);
  expect(decide(user("ann"), ask("create", "namespaces"), roles).allowed).toBe(false);
  expect(decide(user("ann"), ask("get", "users", "default", "bob"), roles).allowed).toBe(false);
  expect(decide(user("ann"), ask("get", "checks", "other", "c"), roles).allowed).toBe(false);
});

test("resource_names admit only those names and never a list (S-308, S-462)", () => {
  const web = Role.create({
    rules: [Rule.create({ verbs: ["*"], resources: ["checks"], resource_names: ["web"] })],
    metadata: ObjectMeta.create({ name: "web", namespace: "default" }),
  });
  const roles = world({ roles: [web], roleBindings: [bind("default", "ann", "Role", "web")] });
  expect(decide(user("ann"), ask("get", "checks", "default", "web"), roles).allowed).toBe(true);
  expect(decide(user("ann"), ask("get", "checks", "default", "db"), roles).allowed).toBe(false);
  expect(decide(user("ann"), ask("list", "checks", "default"), roles).allowed).toBe(false);
  expect(decide(user("ann"), ask("create", "checks", "default"), roles).allowed).toBe(false);
  expect(decide(user("ann"), ask("create", "checks", "default", "web"), roles).allowed).toBe(true);
});

test("a binding to a missing role is skipped and named (S-313, A-51)", () => {
  const roles = world({ clusterRoleBindings: [bindCluster("ann", "ClusterRole", "ghost")] });
  const refused = decide(user("ann"), ask("list", "checks", "default"), roles);
  expect(refused).toEqual({
    allowed: false,
    dangling: [{ namespace: "", binding: "ann-ghost", message: "cluster role not found: ghost" }],
  });
  expect(decide(user("ann", "cluster-admins"), ask("list", "checks"), roles).allowed).toBe(true);
});

test("a cluster role binding to a Role counts where that Role is (S-291)", () => {
  const reader = Role.create({
    rules: [Rule.create({ verbs: ["get"], resources: ["checks"] })],
    metadata: ObjectMeta.create({ name: "reader", namespace: "other" }),
  });
  const roles = world({ roles: [reader], clusterRoleBindings: [bindCluster("ann", "Role", "reader")] });
  expect(decide(user("ann"), ask("get", "checks", "other", "c"), roles).allowed).toBe(true);
  expect(decide(user("ann"), ask("get", "checks", "default", "c"), roles)).toEqual({ allowed: false, dangling: [] });
  expect(visibleNamespaces(user("ann"), NAMESPACES, roles)).toEqual(["other"]);
});

test("the decision names the binding and rule", () => {
  const decision = decide(user("root", "cluster-admins"), ask("delete", "users", "", "bob"), world());
  expect(decision.by).toMatchObject({ namespace: "", binding: "cluster-admin", rule: { verbs: ["*"] } });
});

test("visible namespaces (S-317, S-463)", () => {
  const clusterRole = (name: string, ...rules: Partial<Rule>[]) =>
    ClusterRole.create({ rules: rules.map((one) => Rule.create(one)), metadata: ObjectMeta.create({ name }) });
  const roles = world({
    clusterRoles: [
      clusterRole("one", { verbs: ["get"], resources: ["namespaces"], resource_names: ["other"] }),
      clusterRole("all-of-one", { verbs: ["*"], resources: ["*"], resource_names: ["other"] }),
      clusterRole("both", { verbs: ["get"], resources: ["checks", "namespaces"], resource_names: ["other"] }),
      clusterRole("events", { verbs: ["get"], resources: ["events"] }),
      clusterRole("lister", { verbs: ["list"], resources: ["*"] }),
      clusterRole("pipes", { verbs: ["*"], resources: ["pipelines"] }),
    ],
    clusterRoleBindings: [
      bindCluster("one", "ClusterRole", "one"),
      bindCluster("all-of-one", "ClusterRole", "all-of-one"),
      bindCluster("both", "ClusterRole", "both"),
      bindCluster("events", "ClusterRole", "events"),
      bindCluster("lister", "ClusterRole", "lister"),
      bindCluster("pipes", "ClusterRole", "pipes"),
    ],
    roleBindings: [
      bind("default", "inside", "ClusterRole", "pipes"),
      bind("default", "lists", "ClusterRole", "lister"),
    ],
  });
  const seen = (name: string) => visibleNamespaces(user(name), NAMESPACES, roles);
  expect(seen("one")).toEqual(["other"]);
  expect(seen("all-of-one")).toEqual(["other"]);
  expect(seen("both")).toEqual(["other"]);
  expect(seen("events")).toEqual(NAMESPACES);
  expect(seen("lister")).toEqual([]);
  expect(seen("pipes")).toEqual([]);
  expect(seen("inside")).toEqual(["default"]);
  expect(seen("lists")).toEqual([]);
  expect(seen("nobody")).toEqual([]);
  expect(visibleNamespaces(user("root", "cluster-admins"), NAMESPACES, roles)).toEqual(NAMESPACES);
});
