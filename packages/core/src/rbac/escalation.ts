/** What a writer of roles and bindings would grant beyond what they hold (S-292). */
import {
  type ClusterRole,
  type ClusterRoleBinding,
  type Role,
  type RoleBinding,
  type Rule,
  VERBS,
} from "../types/mod.ts";
import { type Caller, includesOrAll, type Roles, rulesOf, subjectsMatch } from "./evaluate.ts";

/** Comparisons for one rule: beyond that the rule is refused unread. */
const MAX_COMPARED = 200_000;
/** Rights that are told; more follow from the same cause. */
const MAX_TOLD = 10;

/** Rules and the namespace they are given in; empty: everywhere. */
interface Grant {
  readonly namespace: string;
  readonly rules: readonly Rule[];
}

/** What the caller may not do and this role or binding would let somebody do; empty when there is nothing. */
export function missingRights(
  caller: Caller,
  written: Role | ClusterRole | RoleBinding | ClusterRoleBinding,
  roles: Roles,
): readonly string[] {
  const grants = grantsOf(written, roles);
  if (typeof grants === "string") return [grants];
  return grants.flatMap(({ namespace, rules }) => {
    const place = namespace === "" ? "" : ` in namespace ${namespace}`;
    return uncovered(rules, rulesHeld(caller, namespace, roles)).map((right) => right + place);
  });
}

/** A text when the role of a binding is missing: what it will say one day is not known. */
function grantsOf(
  written: Role | ClusterRole | RoleBinding | ClusterRoleBinding,
  roles: Roles,
): readonly Grant[] | string {
  const { namespace } = written.metadata;
  if ("rules" in written) return [{ namespace, rules: written.rules }];
  const { role_ref: ref } = written;
  // S-291: such a binding gives what the Role of each namespace says.
  if (namespace === "" && ref.type === "Role") {
    const named = roles.rolesNamed(ref.name);
    if (named.length === 0) return `role not found: ${ref.name}`;
    return named.map(({ metadata, rules }) => ({ namespace: metadata.namespace, rules }));
  }
  const rules = rulesOf(roles, ref, namespace);
  return typeof rules === "string" ? rules : [{ namespace, rules }];
}

/** Rules that hold for the caller in a namespace; with none, cluster-wide. */
function rulesHeld(caller: Caller, namespace: string, roles: Roles): readonly Rule[] {
  const bindings = namespace === "" ? [] : roles.roleBindings(namespace);
  return [...roles.clusterRoleBindings(), ...bindings]
    .filter((binding) => subjectsMatch(binding.subjects, caller))
    .flatMap((binding) => {
      const rules = rulesOf(roles, binding.role_ref, namespace);
      return typeof rules === "string" ? [] : rules;
    });
}

/** Rights of `granted` that `held` does not give, as texts such as `delete checks` and `get checks web`. */
function uncovered(granted: readonly Rule[], held: readonly Rule[]): readonly string[] {
  const missing = new Set<string>();
  if (lackOf("*", "*", [], held) === undefined) return [];
  for (const rule of granted) {
    for (const right of missingOf(rule, held)) {
      if (missing.size === MAX_TOLD) return [...missing, "more"];
      missing.add(right);
    }
  }
  return [...missing];
}

function* missingOf(rule: Rule, held: readonly Rule[]): Generator<string> {
  const verbs = rule.verbs.includes("*") ? VERBS : [...new Set(rule.verbs)];
  // What `*` covers may grow: only a rule that says so gives it.
  const resources = rule.resources.includes("*") ? ["*"] : [...new Set(rule.resources)];
  const names = [...new Set(rule.resource_names)];
  if (verbs.length * resources.length * (names.length + held.length) > MAX_COMPARED) {
    yield "a rule of too many rights to compare";
    return;
  }
  for (const resource of resources) {
    const lacking = verbs.flatMap((verb) => {
      const lack = lackOf(verb, resource, names, held);
      return lack === undefined ? [] : [{ verb, what: [resource, ...lack.slice(0, MAX_TOLD)].join(" ") }];
    });
    const all = lacking.length === VERBS.length && lacking.every(({ what }) => what === lacking[0]?.what);
    for (const { verb, what } of all ? lacking.slice(0, 1) : lacking) yield `${all ? "*" : verb} ${what}`;
  }
}

/** The names that are missing, none of them where all are; undefined when nothing is. */
function lackOf(
  verb: string,
  resource: string,
  names: readonly string[],
  held: readonly Rule[],
): readonly string[] | undefined {
  const fitting = held.filter((rule) => includesOrAll(rule.verbs, verb) && includesOrAll(rule.resources, resource));
  if (fitting.some((rule) => rule.resource_names.length === 0)) return undefined;
  if (names.length === 0) return [];
  const known = new Set(fitting.flatMap((rule) => rule.resource_names));
  const lack = names.filter((name) => !known.has(name));
  return lack.length === 0 ? undefined : lack;
}
