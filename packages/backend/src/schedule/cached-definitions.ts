import { Asset, CheckConfig, EntityConfig, HookConfig, resourceOf } from "@sensu-ts/core";
import type { ResourceCache } from "@sensu-ts/store";
import type { DefinitionKind, Definitions } from "./ports.ts";

const TYPES = {
  check: resourceOf(CheckConfig),
  asset: resourceOf(Asset),
  hook: resourceOf(HookConfig),
  entity: resourceOf(EntityConfig),
};
const KINDS = new Map(Object.entries(TYPES).map(([kind, type]) => [type.storePrefix, kind as DefinitionKind]));

/** Types the cache must hold for this room. */
export const SCHEDULE_TYPES = Object.values(TYPES);

export function cachedDefinitions(cache: ResourceCache): Definitions {
  return {
    checks: () => cache.list(TYPES.check),
    check: (namespace, name) => cache.get(TYPES.check, namespace, name),
    asset: (namespace, name) => cache.get(TYPES.asset, namespace, name),
    assets: (namespace) => cache.list(TYPES.asset, namespace),
    hook: (namespace, name) => cache.get(TYPES.hook, namespace, name),
    entities: (namespace) => cache.list(TYPES.entity, namespace),
    onChange: (listener) =>
      cache.onChange(({ type, id }) => {
        const kind = KINDS.get(type.storePrefix);
        if (kind) listener(kind, id.namespace, id.name);
      }),
  };
}
