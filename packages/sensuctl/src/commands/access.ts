/** What roles and bindings share when they are created. */
import { CLUSTER_RESOURCES, NAMESPACED_RESOURCES, Rule, Subject } from "@sensu-ts/core";
import { Failure } from "../frame/failure.ts";
import { many } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";

export const RULE_FLAGS = [
  many("resource", "resource the rule is about; may be repeated", "r"),
  many("resource-name", "name the rule is limited to; may be repeated", "n"),
  many("verb", "verb the rule allows; may be repeated", "v"),
] as const;

export const SUBJECT_FLAGS = [
  many("group", "group to bind; may be repeated", "g"),
  many("user", "user to bind; may be repeated", "u"),
] as const;

/** Exactly one name (C-63). */
export function nameError(args: readonly string[]): string {
  return args.length === 0 ? "a name is required" : `too many arguments supplied: ${args.join(", ")}`;
}

export function ruleFrom(verbs: readonly string[], resources: readonly string[], names: readonly string[]): Rule {
  if (verbs.length === 0) throw new Failure("at least one verb must be provided");
  if (resources.length === 0) throw new Failure("at least one resource must be provided");
  return Rule.create({ verbs, resources, resource_names: names });
}

/** S-290: a rule about a resource that is none grants nothing, and nobody else says so. */
export function warnOfUnknown(session: Session, resources: readonly string[]): void {
  for (const resource of resources.flatMap((list) => list.split(","))) {
    if (resource === "*" || NAMESPACED_RESOURCES.has(resource) || CLUSTER_RESOURCES.has(resource)) continue;
    session.warn(`warning: there is no resource ${JSON.stringify(resource)}: a rule about it grants nothing`);
  }
}

/** Groups before users, as the original stores them. */
export function subjectsFrom(groups: readonly string[], users: readonly string[]): readonly Subject[] {
  if (groups.length === 0 && users.length === 0) throw new Failure("at least one group or user must be provided");
  return [
    ...groups.map((name) => Subject.create({ type: "Group", name })),
    ...users.map((name) => Subject.create({ type: "User", name })),
  ];
}
