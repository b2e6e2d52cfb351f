import { ClusterRole, ClusterRoleBinding, ObjectMeta, RoleBinding, type Rule, type Verb } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { silentLog } from "../observe/silent-log.ts";
import { Authorizer } from "./authorize.ts";
import { basicIdentity } from "./identity.ts";
import { review } from "./review.ts";

const rule = (verbs: string, resources: string): Rule => ({
  verbs: verbs.split(","),
  resources: resources.split(","),
  resource_names: [],
});

/** ada: `inShop` in namespace shop, `everywhere` in all. */
function ask(rules: { readonly everywhere?: Rule; readonly inShop?: Rule }, question: string) {
  const [verb, resource, namespace = "", name = ""] = question.split(" ");
  const subjects = [{ type: "User", name: "ada" }];
  const binding = { subjects, metadata: ObjectMeta.create({ name: "b" }) };
  const authorizer = new Authorizer(
    {
      clusterRoleBindings: () =>
        rules.everywhere
          ? [ClusterRoleBinding.create({ ...binding, role_ref: { type: "ClusterRole", name: "everywhere" } })]
          : [],
      roleBindings: (at) =>
        rules.inShop && at === "shop"
          ? [RoleBinding.create({ ...binding, role_ref: { type: "ClusterRole", name: "inShop" } })]
          : [],
      clusterRole: (role) => {
        const found = rules[role as keyof typeof rules];
        return found && ClusterRole.create({ rules: [found] });
      },
      role: () => undefined,
      rolesNamed: () => [],
    },
    silentLog,
  );
  const parts = { authorizer, namespaces: () => ["default", "shop"] };
  const asked = { verb: verb as Verb, resource: resource as string, namespace, name };
  const { allowed, by } = review(parts, basicIdentity("ada", []), asked);
  return by ? `${allowed} by ${by.binding}` : String(allowed);
}

test.each([
  [{ inShop: rule("get", "checks") }, "get checks shop web", "true by b"],
  [{ inShop: rule("get", "checks") }, "get checks default web", "false"],
  // Without a namespace a list is one over all of them.
  [{ inShop: rule("list", "checks") }, "list checks", "false"],
  // S-305: the own record has a name of its own in rules; a change of it has not.
  [{ everywhere: rule("get", "localselfuser") }, "get users  ada", "true by b"],
  [{ everywhere: rule("get", "localselfuser") }, "get users  bob", "false"],
  [{ everywhere: rule("*", "localselfuser") }, "update users  ada", "false"],
  // S-301: a client may send the namespace it is configured with.
  [{ everywhere: rule("create", "users") }, "create users shop", "true by b"],
  [{ inShop: rule("*", "*") }, "create users shop", "false"],
  // S-317: seen by what may be read in it, not by a rule that lists.
  [{ inShop: rule("get", "handlers") }, "get namespaces  shop", "true"],
  [{ inShop: rule("get", "handlers") }, "get namespaces  default", "false"],
  [{ inShop: rule("get", "handlers") }, "list namespaces", "true"],
  [{ everywhere: rule("list", "namespaces") }, "list namespaces", "false"],
  [{ everywhere: rule("get", "namespaces") }, "list namespaces", "true by b"],
  [{ inShop: rule("*", "*") }, "delete namespaces  shop", "false"],
])("with %o: %s -> %s", (rules, question, expected) => {
  expect(ask(rules, question)).toBe(expected);
});
