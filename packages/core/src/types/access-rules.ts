/** The values given back are the stored forms: split verbs, upper-cased reference types. */
import { invalid } from "../errors.ts";
import type {
  APIKey,
  ClusterRole,
  ClusterRoleBinding,
  Namespace,
  Role,
  RoleBinding,
  RoleRef,
  Rule,
  Subject,
  User,
} from "./access.ts";
import { validateName } from "./name-rules.ts";

/** What may be done to a resource. */
export const VERBS = ["get", "list", "create", "update", "delete"] as const;
export type Verb = (typeof VERBS)[number];

const RULE_VERBS: ReadonlySet<string> = new Set(["*", ...VERBS]);
const MIN_PASSWORD_BYTES = 8;

export function validateNamespace(namespace: Namespace): Namespace {
  validateName("namespace name", namespace.name);
  return namespace;
}

export function validateUser(user: User): User {
  validateName("username", user.username, "strict");
  return user;
}

/** Of a password in clear, before it is hashed. */
export function validatePassword(password: string): void {
  if (password === "") throw invalid("password can't be empty");
  if (new TextEncoder().encode(password).length < MIN_PASSWORD_BYTES) {
    throw invalid("password length must be at least 8 characters");
  }
}

export function validateAPIKey(key: APIKey): APIKey {
  if (key.metadata.namespace !== "") throw invalid("api key cannot have a namespace");
  if (key.username === "") throw invalid("api key must have a username");
  return key;
}

export function validateRole(role: Role): Role {
  validateName("the Role name", role.metadata.name, "subscription");
  if (role.metadata.namespace === "") throw invalid("the Role namespace must be set");
  if (role.rules.length === 0) throw invalid("a Role must have at least one rule");
  return { ...role, rules: role.rules.map(splitRule) };
}

export function validateClusterRole(role: ClusterRole): ClusterRole {
  validateName("the ClusterRole name", role.metadata.name, "subscription");
  if (role.rules.length === 0) throw invalid("a ClusterRole must have at least one rule");
  if (role.metadata.namespace !== "") throw invalid("ClusterRole cannot have a namespace");
  return { ...role, rules: role.rules.map(splitRule) };
}

export function validateRoleBinding(binding: RoleBinding): RoleBinding {
  validateName("the RoleBinding name", binding.metadata.name, "subscription");
  if (binding.metadata.namespace === "") throw invalid("the RoleBinding namespace must be set");
  return { ...binding, role_ref: titledRef(binding.role_ref), subjects: titledSubjects(binding.subjects) };
}

export function validateClusterRoleBinding(binding: ClusterRoleBinding): ClusterRoleBinding {
  validateName("the ClusterRoleBinding name", binding.metadata.name, "subscription");
  if (binding.metadata.namespace !== "") throw invalid("ClusterRoleBinding cannot have a namespace");
  return { ...binding, role_ref: titledRef(binding.role_ref), subjects: titledSubjects(binding.subjects) };
}

function splitRule(rule: Rule): Rule {
  const verbs = rule.verbs.flatMap((entry) => entry.split(","));
  const wrong = verbs.find((verb) => !RULE_VERBS.has(verb));
  if (wrong !== undefined) throw invalid(`the verb ${JSON.stringify(wrong)} is not valid`);
  return { ...rule, verbs, resources: rule.resources.flatMap((entry) => entry.split(",")) };
}

/** First letters of words upper-case: `clusterRole` becomes `ClusterRole`. */
function titled(text: string): string {
  return text.replace(/(^|[^\w\u0080-\u{10ffff}]|\s)(\p{L})/gu, (_all, before: string, letter: string) => {
    return before + letter.toUpperCase();
  });
}

function titledRef(ref: RoleRef): RoleRef {
  const type = titled(ref.type);
  if (type !== "ClusterRole" && type !== "Role") {
    throw invalid(`roleRef type ${JSON.stringify(type)} is invalid, expected either "ClusterRole" or "Role"`);
  }
  if (ref.name === "") throw invalid(`roleRef name for ${type} is required`);
  return { ...ref, type };
}

function titledSubjects(subjects: readonly Subject[]): readonly Subject[] {
  if (subjects.length === 0) throw invalid("a RoleBinding must have at least one subject");
  return subjects.map((subject) => {
    const type = titled(subject.type);
    if (type !== "Group" && type !== "User") {
      throw invalid(`subject type ${JSON.stringify(subject.type)} is invalid, expected either "Group" or "User"`);
    }
    if (subject.name === "") throw invalid(`subject name for the ${JSON.stringify(type)} type is required`);
    return { ...subject, type };
  });
}
