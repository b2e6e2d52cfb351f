/** Roles and bindings where `rbac-escalation-check` is on (S-292): nobody grants what they may not do themselves. */
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@sensu-ts/core";
import type { Identity } from "../access/identity.ts";
import { GenericActions } from "./generic.ts";
import { question } from "./resource-actions.ts";

export type Grant = Role | ClusterRole | RoleBinding | ClusterRoleBinding;

/** Types that say who may do what. */
export const GRANT_TYPES: ReadonlySet<string> = new Set(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]);

export class GrantActions extends GenericActions<Grant> {
  protected override async check(value: Grant, caller: Identity, verb: "create" | "update"): Promise<Grant> {
    const valid = this.validated(value);
    this.authorizer.authorizeGrant(caller, valid, question(verb, this.type.rbac, this.type.id(valid)));
    return valid;
  }
}
