/** Namespace, users, API keys and the RBAC types. */
import { bool, bytes, embedded, type Infer, i64, message, messages, str, strings } from "../codec/schema.ts";
import { ObjectMeta } from "./meta.ts";

export const Namespace = message("Namespace", { name: str(1, "O") });
export interface Namespace extends Infer<typeof Namespace> {}

export const User = message("User", {
  username: str(1, "O"),
  password: str(2, "O"),
  groups: strings(3, "O"),
  disabled: bool(4, "A"),
  password_hash: str(5, "O"),
});
export interface User extends Infer<typeof User> {}

export const APIKey = message("APIKey", {
  metadata: embedded(1, "A", () => ObjectMeta),
  username: str(2, "O"),
  created_at: i64(3, "O"),
  hash: bytes(4, "O"),
});
export interface APIKey extends Infer<typeof APIKey> {}

export const TessenConfig = message("TessenConfig", { opt_out: bool(1, "A") });
export interface TessenConfig extends Infer<typeof TessenConfig> {}

export const Rule = message("Rule", {
  verbs: strings(1, "N"),
  resources: strings(2, "N"),
  resource_names: strings(3, "N"),
});
export interface Rule extends Infer<typeof Rule> {}

export const RoleRef = message("RoleRef", { type: str(1, "A"), name: str(2, "A") });
export interface RoleRef extends Infer<typeof RoleRef> {}

export const Subject = message("Subject", { type: str(1, "A"), name: str(2, "A") });
export interface Subject extends Infer<typeof Subject> {}

export const Role = message("Role", {
  rules: messages(1, "N", () => Rule),
  metadata: embedded(4, "A", () => ObjectMeta),
});
export interface Role extends Infer<typeof Role> {}

export const ClusterRole = message("ClusterRole", {
  rules: messages(1, "N", () => Rule),
  metadata: embedded(3, "A", () => ObjectMeta),
});
export interface ClusterRole extends Infer<typeof ClusterRole> {}

export const RoleBinding = message("RoleBinding", {
  subjects: messages(1, "N", () => Subject),
  role_ref: embedded(2, "A", () => RoleRef),
  metadata: embedded(5, "A", () => ObjectMeta),
});
export interface RoleBinding extends Infer<typeof RoleBinding> {}

export const ClusterRoleBinding = message("ClusterRoleBinding", {
  subjects: messages(1, "N", () => Subject),
  role_ref: embedded(2, "A", () => RoleRef),
  metadata: embedded(4, "A", () => ObjectMeta),
});
export interface ClusterRoleBinding extends Infer<typeof ClusterRoleBinding> {}
