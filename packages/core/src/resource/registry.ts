/** Every resource type, one row each, in the order of `describe-type all` and `dump all` (R-10, R-14, R-125). */
import type { MessageType } from "../codec/schema.ts";
import {
  APIKey,
  ClusterRole,
  ClusterRoleBinding,
  Namespace,
  Role,
  RoleBinding,
  TessenConfig,
  User,
} from "../types/access.ts";
import {
  validateAPIKey,
  validateClusterRole,
  validateClusterRoleBinding,
  validateNamespace,
  validateRole,
  validateRoleBinding,
  validateUser,
} from "../types/access-rules.ts";
import { Asset } from "../types/asset.ts";
import { validateAsset } from "../types/asset-rules.ts";
import { CheckConfig } from "../types/check.ts";
import { validateCheckConfig } from "../types/check-rules.ts";
import { Entity, EntityConfig, EntityState } from "../types/entity.ts";
import { validateEntity, validateEntityConfig, validateEntityState } from "../types/entity-rules.ts";
import { HookConfig } from "../types/hook.ts";
import { validateHookConfig } from "../types/hook-rules.ts";
import { EventFilter, FallbackPipeline, Handler, Mutator, Pipeline, Silenced } from "../types/pipeline.ts";
import {
  validateEventFilter,
  validateFallbackPipeline,
  validateHandler,
  validateMutator,
  validatePipeline,
  validateSilenced,
} from "../types/pipeline-rules.ts";
import type { ResourceReference } from "../types/shared.ts";
import { GlobalConfig } from "../types/web.ts";
import { validateGlobalConfig } from "../types/web-rules.ts";
import { EVENT_ROW } from "./event-row.ts";
import { withMetadata, withOptionalMetadata, withoutMetadata } from "./row.ts";
import type { ResourceType } from "./type.ts";

const list = (items: readonly string[]) => items.join(",");

/** Form of a reference in selectors and logs (R-72). */
export function referenceText(reference: ResourceReference): string {
  return `${reference.api_version}.${reference.type}(Name=${reference.name})`;
}

const entityFields = (value: Entity | EntityConfig) => ({
  deregister: String(value.deregister),
  entity_class: value.entity_class,
  subscriptions: list(value.subscriptions),
  user: value.user,
});

const roleRefFields = (value: RoleBinding | ClusterRoleBinding) => ({
  "role_ref.name": value.role_ref.name,
  "role_ref.type": value.role_ref.type,
});

// biome-ignore format: one type a paragraph reads as a table
const ROWS = [
  withMetadata<FallbackPipeline>({
    message: FallbackPipeline, apiVersion: "fallback_pipeline/v1", rbac: "fallback-pipelines",
    storePrefix: "fallback_pipeline/fallback-pipelines", command: "fallback-pipeline",
    fieldPrefix: "fallback_pipeline", validate: validateFallbackPipeline,
  }),
  withMetadata<GlobalConfig>({
    message: GlobalConfig, apiVersion: "web/v1", scope: "cluster", rbac: "config", storePrefix: "web/config",
    fieldPrefix: "config", methods: ["GET", "POST", "PUT", "DELETE"], validate: validateGlobalConfig,
  }),
  withoutMetadata<Namespace>({
    message: Namespace, scope: "cluster", rbac: "namespaces", command: "namespace", fieldPrefix: "namespace",
    generic: false, validate: validateNamespace,
  }, "name"),
  withMetadata<ClusterRole>({
    message: ClusterRole, scope: "cluster", rbac: "clusterroles", storePrefix: "rbac/clusterroles",
    command: "cluster-role", fieldPrefix: "clusterrole", validate: validateClusterRole,
  }),
  withMetadata<ClusterRoleBinding>({
    message: ClusterRoleBinding, scope: "cluster", rbac: "clusterrolebindings",
    storePrefix: "rbac/clusterrolebindings", command: "cluster-role-binding", fieldPrefix: "clusterrolebinding",
    fields: roleRefFields, validate: validateClusterRoleBinding,
  }),
  withoutMetadata<User>({
    message: User, scope: "cluster", rbac: "users", command: "user", fieldPrefix: "user",
    methods: ["GET", "POST", "PUT", "DELETE"], generic: false,
    fields: (user) => ({ username: user.username, disabled: String(user.disabled), groups: list(user.groups) }),
    validate: validateUser,
  }, "username"),
  withMetadata<APIKey>({
    message: APIKey, alias: "api_key", scope: "cluster", rbac: "apikeys", command: "api-key", fieldPrefix: "api_key",
    methods: ["GET", "POST", "PATCH", "DELETE"], generic: false,
    fields: (key) => ({ username: key.username }), validate: validateAPIKey,
  }),
  withoutMetadata<TessenConfig>({
    message: TessenConfig, scope: "cluster", rbac: "tessen", command: "tessen", fieldPrefix: "tessen_config",
    methods: ["GET", "PUT"], generic: false, validate: (config) => config,
  }),
  withMetadata<Asset>({
    message: Asset, rbac: "assets", command: "asset", fieldPrefix: "asset",
    fields: (asset) => ({ filters: list(asset.filters) }), validate: validateAsset,
  }),
  withMetadata<CheckConfig>({
    message: CheckConfig, rbac: "checks", command: "check", fieldPrefix: "check",
    fields: (check) => ({
      handlers: list(check.handlers), publish: String(check.publish), round_robin: String(check.round_robin),
      runtime_assets: list(check.runtime_assets), subscriptions: list(check.subscriptions),
      pipelines: list(check.pipelines.map(referenceText)),
    }),
    validate: validateCheckConfig,
  }),
  withMetadata<Entity>({
    message: Entity, rbac: "entities", storePrefix: "entity_configs", command: "entity", fieldPrefix: "entity",
    generic: false, fields: entityFields, validate: validateEntity,
  }),
  EVENT_ROW,
  withMetadata<EventFilter>({
    message: EventFilter, rbac: "filters", storePrefix: "event-filters", command: "filter", fieldPrefix: "filter",
    fields: (filter) => ({ action: filter.action, runtime_assets: list(filter.runtime_assets) }),
    validate: validateEventFilter,
  }),
  withMetadata<Handler>({
    message: Handler, rbac: "handlers", command: "handler", fieldPrefix: "handler",
    fields: (handler) => ({
      filters: list(handler.filters), handlers: list(handler.handlers), mutator: handler.mutator, type: handler.type,
    }),
    validate: validateHandler,
  }),
  withMetadata<HookConfig>({
    message: HookConfig, rbac: "hooks", command: "hook", fieldPrefix: "hook", validate: validateHookConfig,
  }),
  withMetadata<Mutator>({
    message: Mutator, rbac: "mutators", command: "mutator", fieldPrefix: "mutator",
    fields: (mutator) => ({ runtime_assets: list(mutator.runtime_assets) }), validate: validateMutator,
  }),
  withMetadata<Pipeline>({
    message: Pipeline, rbac: "pipelines", command: "pipeline", fieldPrefix: "pipeline", validate: validatePipeline,
  }),
  withMetadata<Role>({
    message: Role, rbac: "roles", storePrefix: "rbac/roles", command: "role", fieldPrefix: "role",
    validate: validateRole,
  }),
  withMetadata<RoleBinding>({
    message: RoleBinding, rbac: "rolebindings", storePrefix: "rbac/rolebindings", command: "role-binding",
    fieldPrefix: "rolebinding", fields: roleRefFields, validate: validateRoleBinding,
  }),
  withMetadata<Silenced>({
    message: Silenced, rbac: "silenced", command: "silenced", fieldPrefix: "silenced",
    methods: ["GET", "POST", "PUT", "DELETE"], generic: false,
    fields: (entry) => ({
      check: entry.check, creator: entry.creator, expire_on_resolve: String(entry.expire_on_resolve),
      subscription: entry.subscription, reason: entry.reason,
    }),
    validate: validateSilenced,
  }),
  withOptionalMetadata<EntityConfig>({
    message: EntityConfig, apiVersion: "core/v3", rbac: "entities", path: "entity-configs",
    storePrefix: "entity_configs", fieldPrefix: "entity_config", methods: [], generic: false, allNamespaces: false,
    fields: entityFields, validate: validateEntityConfig,
  }),
  withOptionalMetadata<EntityState>({
    message: EntityState, apiVersion: "core/v3", rbac: "entities", path: "entity-states",
    storePrefix: "entity_states", fieldPrefix: "entity_state", methods: [], generic: false, allNamespaces: false,
    validate: validateEntityState,
  }),
];

export const RESOURCE_TYPES: readonly ResourceType[] = ROWS as unknown as readonly ResourceType[];

const byMessage = new Map<unknown, ResourceType>(RESOURCE_TYPES.map((type) => [type.message, type]));

/** The row of a message type; throws `TypeError` for a message that is no resource. */
export function resourceOf<T>(message: MessageType<T>): ResourceType<T> {
  const type = byMessage.get(message);
  if (type === undefined) throw new TypeError(`${message.name} is not a resource type`);
  return type as unknown as ResourceType<T>;
}

/** `core/v2.3.1` selects the group `core/v2` (R-23); an empty api version is `core/v2`. */
export function apiGroup(apiVersion: string): string {
  if (apiVersion === "") return "core/v2";
  return /^([^/]+\/v\d+)(?:\.\d+)*$/.exec(apiVersion)?.[1] ?? apiVersion;
}

/** By type name or snake-case alias. */
export function resourceType(apiVersion: string, name: string): ResourceType | undefined {
  const group = apiGroup(apiVersion);
  return RESOURCE_TYPES.find((type) => type.apiVersion === group && (type.name === name || type.alias === name));
}

/**
 * What a user calls a type on the command line (R-16): `checks`, `check`, `check_config`, `CheckConfig`,
 * `core/v2.CheckConfig`, `cluster-role`, `role_binding`.
 */
export function resourceByShortName(word: string): ResourceType | undefined {
  const core = RESOURCE_TYPES.filter((type) => type.apiVersion === "core/v2");
  const short = core.find((type) => type.rbac === word || type.command === word);
  if (short !== undefined) return short;
  const dotted = /^(?:([\w-]+\/v\d+)\.)?([\w-]+)$/.exec(word);
  if (dotted === null) return undefined;
  const [, group = "core/v2", name = ""] = dotted;
  const snake = name.replaceAll("-", "_");
  return (
    resourceType(group, name) ??
    resourceType(group, snake) ??
    (group === "core/v2" ? core.find((type) => type.command?.replaceAll("-", "_") === snake) : undefined)
  );
}

const STORE_ROOT = "/sensu.io/";

/**
 * Key in the store (R-19). Without a name: the prefix of all values of the type, or of those in one namespace.
 * A singleton has the key without a trailing slash.
 */
export function storeKey(type: ResourceType<never> | ResourceType, namespace = "", name?: string): string {
  const folder = `${STORE_ROOT}${type.storePrefix}/${type.scope === "namespaced" && namespace !== "" ? `${namespace}/` : ""}`;
  if (name === undefined) return folder;
  return name === "" ? folder.slice(0, -1) : folder + name;
}
