/** Users, keys and roles out of the resource cache, so that no request reads the store. */
import {
  APIKey,
  ClusterRole,
  ClusterRoleBinding,
  Namespace,
  Role,
  RoleBinding,
  type Roles,
  resourceOf,
  User,
} from "@sensu-ts/core";
import type { ResourceCache } from "@sensu-ts/store";
import type { ApiKeys } from "./authenticate/api-keys.ts";
import type { Users } from "./authenticate/basic.ts";

const TYPES = {
  user: resourceOf(User),
  apiKey: resourceOf(APIKey),
  namespace: resourceOf(Namespace),
  clusterRole: resourceOf(ClusterRole),
  clusterRoleBinding: resourceOf(ClusterRoleBinding),
  role: resourceOf(Role),
  roleBinding: resourceOf(RoleBinding),
};

/** Types the cache must hold for this room. */
export const ACCESS_TYPES = Object.values(TYPES);

export function cachedUsers(cache: ResourceCache): Users {
  return {
    get: (username) => cache.get(TYPES.user, "", username),
    onChange: (listener) =>
      cache.onChange((change) => {
        if (change.type.name === TYPES.user.name) listener(change.id.name);
      }),
  };
}

export function cachedApiKeys(cache: ResourceCache): ApiKeys {
  return {
    list: () => cache.list(TYPES.apiKey),
    onChange: (listener) =>
      cache.onChange((change) => {
        if (change.type.name === TYPES.apiKey.name) listener();
      }),
  };
}

/** Tells of every change that may give or take a right: users, keys, roles and bindings. Returns what ends it. */
export function onRightsChange(cache: ResourceCache, listener: () => void): () => void {
  return cache.onChange(({ type }) => {
    if (type.name !== TYPES.namespace.name && ACCESS_TYPES.some(({ name }) => name === type.name)) listener();
  });
}

export function cachedRoles(cache: ResourceCache): Roles {
  return {
    clusterRoleBindings: () => cache.list(TYPES.clusterRoleBinding),
    roleBindings: (namespace) => cache.list(TYPES.roleBinding, namespace),
    clusterRole: (name) => cache.get(TYPES.clusterRole, "", name),
    role: (namespace, name) => cache.get(TYPES.role, namespace, name),
    rolesNamed: (name) => cache.list(TYPES.role).filter((role) => role.metadata.name === name),
  };
}
