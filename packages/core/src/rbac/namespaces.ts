/** Which namespaces a caller sees (S-317). */
import type { Rule } from "../types/mod.ts";
import { type Caller, includesOrAll, type Roles, rulesOf, subjectsMatch } from "./evaluate.ts";
import { COMMON_RESOURCES } from "./resources.ts";

/** Those of `namespaces` (in the given order) that the caller sees. Rules that only list do not count. */
export function visibleNamespaces(caller: Caller, namespaces: readonly string[], roles: Roles): readonly string[] {
  const named = new Set<string>();
  for (const binding of roles.clusterRoleBindings()) {
    if (!subjectsMatch(binding.subjects, caller)) continue;
    if (binding.role_ref.type === "Role") {
      for (const namespace of namespaces) {
        const rules = rulesOf(roles, binding.role_ref, namespace);
        if (typeof rules !== "string" && rules.some(reads)) named.add(namespace);
      }
      continue;
    }
    const rules = rulesOf(roles, binding.role_ref, "");
    if (typeof rules === "string") continue;
    for (const rule of rules.filter(reads)) {
      // A rule about namespaces says itself which, even when it is about other things too.
      if (!includesOrAll(rule.resources, "namespaces")) {
        if (COMMON_RESOURCES.some((resource) => rule.resources.includes(resource))) return namespaces;
      } else if (rule.resource_names.length === 0) {
        return namespaces;
      } else {
        for (const name of rule.resource_names) named.add(name);
      }
    }
  }
  return namespaces.filter((namespace) => named.has(namespace) || readsInside(caller, namespace, roles));
}

function readsInside(caller: Caller, namespace: string, roles: Roles): boolean {
  return roles.roleBindings(namespace).some((binding) => {
    if (!subjectsMatch(binding.subjects, caller)) return false;
    const rules = rulesOf(roles, binding.role_ref, namespace);
    return typeof rules !== "string" && rules.some(reads);
  });
}

function reads(rule: Rule): boolean {
  return includesOrAll(rule.verbs, "get");
}
