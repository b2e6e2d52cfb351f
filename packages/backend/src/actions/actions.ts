/** All nouns, wired. */
import {
  APIKey,
  Asset,
  CheckConfig,
  Entity,
  EntityConfig,
  EntityState,
  Event,
  EventFilter,
  Namespace,
  RESOURCE_TYPES,
  type ResourceType,
  Role,
  RoleBinding,
  resourceOf,
  Silenced,
  TessenConfig,
  User,
} from "@sensu-ts/core";
import type { Clock } from "@sensu-ts/runtime";
import type { EventStore, Kv, ResourceStore } from "@sensu-ts/store";
import type { Access } from "../access/access.ts";
import type { ClusterView } from "../observe/health.ts";
import { ApiKeyActions } from "./api-keys.ts";
import { AssetActions } from "./assets.ts";
import { CheckActions } from "./checks.ts";
import { ClusterActions, type ClusterChanges } from "./cluster.ts";
import { EntityActions } from "./entities.ts";
import { EventActions } from "./events.ts";
import { FilterActions } from "./filters.ts";
import { GenericActions } from "./generic.ts";
import { GRANT_TYPES, type Grant, GrantActions } from "./grants.ts";
import { NamespaceActions, type NamespaceTypes } from "./namespaces.ts";
import type { CheckRunner, Deadlines, EventIntake, EventNotices, ScriptChecker } from "./ports.ts";
import type { ResourceActions } from "./resource-actions.ts";
import { SilencedActions } from "./silenced.ts";
import { TessenActions } from "./tessen.ts";
import { UserActions } from "./users.ts";

export interface ActionDeps {
  readonly kv: Kv;
  readonly store: ResourceStore;
  readonly events: EventStore;
  readonly access: Access;
  readonly intake: EventIntake;
  readonly deadlines: Deadlines;
  readonly notices: EventNotices;
  readonly runner: CheckRunner;
  readonly scripts: ScriptChecker;
  readonly cluster: { readonly view: ClusterView; readonly changes?: ClusterChanges };
  /** Seconds; see {@link SilencedActions}. */
  readonly silences?: { readonly defaultExpiry?: number; readonly maxExpiry?: number };
  /** Default true, as 6.14 does. */
  readonly requireAssets?: boolean;
  /** `rbac-escalation-check`, default false (S-292). */
  readonly escalationCheck?: boolean;
  readonly clock?: Clock;
}

export interface Actions {
  readonly assets: AssetActions;
  readonly namespaces: NamespaceActions;
  readonly users: UserActions;
  readonly apiKeys: ApiKeyActions;
  readonly checks: CheckActions;
  readonly entities: EntityActions;
  readonly events: EventActions;
  readonly filters: FilterActions;
  readonly silenced: SilencedActions;
  readonly tessen: TessenActions;
  readonly cluster: ClusterActions;
  /** Those of a type that is served like all others; undefined for events and tessen. */
  of(type: ResourceType): ResourceActions<unknown> | undefined;
}

export const NAMESPACE_TYPES: NamespaceTypes = {
  namespace: resourceOf(Namespace),
  role: resourceOf(Role),
  roleBinding: resourceOf(RoleBinding),
};

export function createActions(deps: ActionDeps): Actions {
  const { access, events, deadlines, notices, store } = deps;
  const authorizer = access.authorizer;
  const clock = deps.clock ? { clock: deps.clock } : {};
  const generic = { store, authorizer };
  const named = {
    namespaces: new NamespaceActions({ ...generic, kv: deps.kv, events, deadlines, types: NAMESPACE_TYPES }),
    users: new UserActions(resourceOf(User), { ...generic, access, bcrypt: access.bcrypt }),
    apiKeys: new ApiKeyActions(resourceOf(APIKey), { ...generic, ...clock, userType: resourceOf(User) }),
    checks: new CheckActions(resourceOf(CheckConfig), {
      ...generic,
      runner: deps.runner,
      scripts: deps.scripts,
      assetType: resourceOf(Asset),
      requireAssets: deps.requireAssets ?? true,
    }),
    assets: new AssetActions(resourceOf(Asset), { ...generic, scripts: deps.scripts }),
    entities: new EntityActions({
      ...generic,
      events,
      deadlines,
      notices,
      types: {
        entity: resourceOf(Entity),
        config: resourceOf(EntityConfig),
        state: resourceOf(EntityState),
        silenced: resourceOf(Silenced),
      },
    }),
    filters: new FilterActions(resourceOf(EventFilter), { ...generic, scripts: deps.scripts }),
    silenced: new SilencedActions(resourceOf(Silenced), { ...generic, ...clock, ...deps.silences }),
  };
  const byType = new Map<string, ResourceActions<unknown>>(
    RESOURCE_TYPES.filter((type) => type.generic).map((type) => {
      const checked = deps.escalationCheck && GRANT_TYPES.has(type.name);
      return [
        key(type),
        checked ? new GrantActions(type as ResourceType<Grant>, generic) : new GenericActions(type, generic),
      ];
    }),
  );
  for (const actions of Object.values(named)) byType.set(key(actions.type), actions as ResourceActions<unknown>);
  return {
    ...named,
    events: new EventActions({ type: resourceOf(Event), events, authorizer, intake: deps.intake, deadlines, notices }),
    tessen: new TessenActions(resourceOf(TessenConfig), store, authorizer),
    cluster: new ClusterActions({ ...deps.cluster, kv: deps.kv, authorizer }),
    of: (type) => byType.get(key(type)),
  };
}

function key(type: Pick<ResourceType, "apiVersion" | "name">): string {
  return `${type.apiVersion}.${type.name}`;
}
