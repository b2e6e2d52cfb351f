/** What the API would answer the caller, with the rules of its own that some resources have (S-306). */
import { CLUSTER_RESOURCES, type Decision, type Question } from "@sensu-ts/core";
import type { Authorizer } from "./authorize.ts";
import type { Identity } from "./identity.ts";

/** What a caller's own record is called in rules (A-91, S-305). */
export const SELF = "localselfuser";

export interface ReviewParts {
  readonly authorizer: Authorizer;
  readonly namespaces: () => readonly string[];
}

export function review({ authorizer, namespaces }: ReviewParts, caller: Identity, asked: Question): Decision {
  // What is outside namespaces is asked about without one (S-301).
  const question = CLUSTER_RESOURCES.has(asked.resource) ? { ...asked, namespace: "" } : asked;
  const { verb, resource, name } = question;
  if (resource === "users" && verb === "get" && name === caller.username) {
    return authorizer.decide(caller, { ...question, resource: SELF });
  }
  if (resource !== "namespaces" || (verb !== "get" && verb !== "list")) return authorizer.decide(caller, question);
  // S-316, S-317: a namespace is seen by what may be read in it; a list holds those that are.
  const seen = authorizer.visibleNamespaces(caller, name === "" ? namespaces() : [name]);
  const { by, dangling } = authorizer.decide(caller, { ...question, verb: "get" });
  return { allowed: seen.length > 0, dangling, ...(by && seen.length > 0 ? { by } : {}) };
}
