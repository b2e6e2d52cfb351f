/** The two stored halves of an entity: what people edit and what agents report. */
import { Entity, EntityConfig, EntityState, ObjectMeta } from "@sensu-ts/core";

/** The entity as clients see it; a configuration without state gets an empty one. */
export function joinEntity(config: EntityConfig, state?: EntityState): Entity {
  return Entity.create({
    metadata: config.metadata ?? ObjectMeta.create(),
    entity_class: config.entity_class,
    user: config.user,
    subscriptions: config.subscriptions,
    deregister: config.deregister,
    deregistration: config.deregistration,
    keepalive_handlers: config.keepalive_handlers,
    redact: config.redact,
    ...(state && {
      system: state.system,
      last_seen: state.last_seen,
      sensu_agent_version: state.sensu_agent_version,
    }),
  });
}

export function splitEntity(entity: Entity): { readonly config: EntityConfig; readonly state: EntityState } {
  return {
    config: EntityConfig.create({
      metadata: entity.metadata,
      entity_class: entity.entity_class,
      user: entity.user,
      subscriptions: entity.subscriptions,
      deregister: entity.deregister,
      deregistration: entity.deregistration,
      keepalive_handlers: entity.keepalive_handlers,
      redact: entity.redact,
    }),
    state: EntityState.create({
      metadata: entity.metadata,
      system: entity.system,
      last_seen: entity.last_seen,
      sensu_agent_version: entity.sensu_agent_version,
    }),
  };
}
