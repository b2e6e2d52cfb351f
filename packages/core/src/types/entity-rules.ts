/** Rules of an entity and of its stored halves. */
import { invalid } from "../errors.ts";
import type { Entity, EntityConfig, EntityState } from "./entity.ts";
import type { ObjectMeta } from "./meta.ts";
import { requireNamespace, validateName, within } from "./name-rules.ts";

export function validateEntity(entity: Entity): Entity {
  validateName("entity name", entity.metadata.name);
  validateName("entity class", entity.entity_class);
  requireNamespace(entity.metadata.namespace);
  return entity;
}

export function validateEntityConfig(config: EntityConfig): EntityConfig {
  within("invalid EntityConfig: ", () => {
    validateMetadata(config.metadata);
    validateName("entity class", config.entity_class);
    requireNamespace(config.metadata?.namespace ?? "");
  });
  return config;
}

export function validateEntityState(state: EntityState): EntityState {
  within("invalid EntityState: ", () => {
    validateMetadata(state.metadata);
    requireNamespace(state.metadata?.namespace ?? "");
  });
  return state;
}

function validateMetadata(metadata: ObjectMeta | undefined): void {
  if (metadata === undefined) throw invalid("nil metadata");
  validateName("name", metadata.name);
}
