/** Who may do what: a pure function of the caller, the question and the stored roles (S-307 to S-313). */
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, RoleRef, Rule, Subject, Verb } from "../types/mod.ts";
import { CLUSTER_RESOURCES } from "./resources.ts";

/** Names as subjects of bindings are compared with: byte for byte. */
export interface Caller {
  readonly username: string;
  readonly groups: readonly string[];
}

export interface Question {
  readonly verb: Verb;
  /** RBAC name such as `checks`. */
  readonly resource: string;
  /** Empty for cluster-wide types and lists over all namespaces. */
  readonly namespace: string;
  /** Empty for lists and for creation in a collection. */
  readonly name: string;
}

/** The question as it may be written down: the name of an API key is the key (S-405). */
export function loggable(question: Question): Question {
  return question.resource === "apikeys" && question.name !== "" ? { ...question, name: "***" } : question;
}

/** Bindings come in key order (S-307). */
export interface Roles {
  clusterRoleBindings(): readonly ClusterRoleBinding[];
  roleBindings(namespace: string): readonly RoleBinding[];
  clusterRole(name: string): ClusterRole | undefined;
  role(namespace: string, name: string): Role | undefined;
  /** Those of all namespaces. */
  rolesNamed(name: string): readonly Role[];
}

export interface Dangling {
  /** Empty for a cluster role binding. */
  readonly namespace: string;
  readonly binding: string;
  /** Public text, e.g. `cluster role not found: ghost`. */
  readonly message: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** What allowed it. */
  readonly by?: { readonly namespace: string; readonly binding: string; readonly rule: Rule };
  /** Bindings of the caller that were skipped because their role is missing (S-313). */
  readonly dangling: readonly Dangling[];
}

export function subjectsMatch(subjects: readonly Subject[], caller: Caller): boolean {
  return subjects.some(
    (subject) =>
      (subject.type === "User" && subject.name === caller.username) ||
      (subject.type === "Group" && caller.groups.includes(subject.name)),
  );
}

/** S-308: a rule with names never allows a question without one. */
export function ruleAllows(rule: Rule, question: Question): boolean {
  return (
    includesOrAll(rule.verbs, question.verb) &&
    includesOrAll(rule.resources, question.resource) &&
    (rule.resource_names.length === 0 || rule.resource_names.includes(question.name))
  );
}

export function includesOrAll(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}

/** Rules of the role a binding refers to; a text when the role is missing. `namespace` is that of the question. */
export function rulesOf(roles: Roles, ref: RoleRef, namespace: string): readonly Rule[] | string {
  if (ref.type === "Role") return roles.role(namespace, ref.name)?.rules ?? `role not found: ${ref.name}`;
  return roles.clusterRole(ref.name)?.rules ?? `cluster role not found: ${ref.name}`;
}

/** Additive: the first rule that allows decides; cluster role bindings are asked first (S-307). */
export function decide(caller: Caller, question: Question, roles: Roles): Decision {
  const dangling: Dangling[] = [];
  const ask = (binding: RoleBinding | ClusterRoleBinding, home: string): Decision | undefined => {
    if (!subjectsMatch(binding.subjects, caller)) return undefined;
    const rules = rulesOf(roles, binding.role_ref, question.namespace);
    const id = { namespace: home, binding: binding.metadata.name };
    if (typeof rules === "string") {
      // S-291: a cluster role binding to a Role says nothing where that namespace lacks it.
      if (home !== "" || binding.role_ref.type === "ClusterRole") dangling.push({ ...id, message: rules });
      return undefined;
    }
    const rule = rules.find((candidate) => ruleAllows(candidate, question));
    return rule && { allowed: true, by: { ...id, rule }, dangling };
  };
  for (const binding of roles.clusterRoleBindings()) {
    const decision = ask(binding, "");
    if (decision) return decision;
  }
  // S-311: what lives outside namespaces is never granted from inside one.
  if (question.namespace !== "" && !CLUSTER_RESOURCES.has(question.resource)) {
    for (const binding of roles.roleBindings(question.namespace)) {
      const decision = ask(binding, question.namespace);
      if (decision) return decision;
    }
  }
  return { allowed: false, dangling };
}
