/** Entities as events see them: from memory, made when an event names an unknown one (P-54, P-63, P-97). */
import { Entity, type EntityConfig, type EntityState, SensuError } from "@sensu-ts/core";
import { joinEntity, type ResourceCache, type ResourceStore, type StoredType, splitEntity } from "@sensu-ts/store";

export interface EntityTypes {
  readonly config: StoredType<EntityConfig>;
  readonly state: StoredType<EntityState>;
}

export type ConfigListener = (namespace: string, name: string, config: EntityConfig | undefined) => void;

export function withOwnSubscription(entity: Entity): Entity {
  const own = `entity:${entity.metadata.name}`;
  return entity.subscriptions.includes(own) ? entity : { ...entity, subscriptions: [...entity.subscriptions, own] };
}

export class Entities {
  readonly #cache: ResourceCache;
  readonly #store: ResourceStore;
  readonly #types: EntityTypes;

  /** `cache` holds both types. */
  constructor(cache: ResourceCache, store: ResourceStore, types: EntityTypes) {
    this.#cache = cache;
    this.#store = store;
    this.#types = types;
  }

  config(namespace: string, name: string): EntityConfig | undefined {
    return this.#cache.get(this.#types.config, namespace, name);
  }

  get(namespace: string, name: string): Entity | undefined {
    const config = this.config(namespace, name);
    return config && joinEntity(config, this.#cache.get(this.#types.state, namespace, name));
  }

  /** As stored, not as remembered. */
  async read(namespace: string, name: string): Promise<Entity | undefined> {
    const config = await this.#store.get(this.#types.config, namespace, name);
    if (!config) return undefined;
    return joinEntity(config.value, (await this.#store.get(this.#types.state, namespace, name))?.value);
  }

  /** Calls back for every change of a configuration. Returns what ends it. */
  onConfig(listener: ConfigListener): () => void {
    return this.#cache.onChange(({ type, id, value }) => {
      if (type.storePrefix !== this.#types.config.storePrefix) return;
      listener(id.namespace, id.name, value as EntityConfig | undefined);
    });
  }

  /** True when it was not there before. What was there stays as it is. */
  async create(entity: Entity): Promise<boolean> {
    const { config, state } = splitEntity(withOwnSubscription(entity));
    try {
      await this.#store.apply([
        { op: "create", type: this.#types.config, value: config },
        { op: "put", type: this.#types.state, value: state },
      ]);
      return true;
    } catch (error) {
      if (error instanceof SensuError && error.code === "alreadyExists") return false;
      throw error;
    }
  }

  /** The stored entity of that name; `blank` is stored when there is none (P-54, P-55). */
  async ensure(blank: Entity): Promise<Entity> {
    const { namespace, name } = blank.metadata;
    if (await this.create(blank)) return withOwnSubscription(blank);
    const stored = await this.read(namespace, name);
    if (!stored) throw new SensuError("conflict", "the entity was deleted while it was used");
    return stored;
  }

  async putConfig(entity: Entity): Promise<void> {
    await this.#store.put(this.#types.config, splitEntity(withOwnSubscription(entity)).config);
  }

  /** An agent's configuration that someone gave another class (W-52). */
  async setAgentClass(namespace: string, name: string): Promise<void> {
    const id = { namespace, name };
    await this.#store.change(this.#types.config, id, (config) =>
      config.entity_class === "agent" ? config : { ...config, entity_class: "agent" },
    );
  }

  /** The halves agents report, at one revision. */
  async saveStates(entities: readonly Entity[]): Promise<void> {
    if (entities.length === 0) return;
    await this.#store.apply(
      entities.map((entity) => ({ op: "put", type: this.#types.state, value: splitEntity(entity).state })),
    );
  }

  async remove(namespace: string, name: string): Promise<void> {
    await this.#store.apply([
      { op: "delete", type: this.#types.config, id: { namespace, name } },
      { op: "delete", type: this.#types.state, id: { namespace, name } },
    ]);
  }
}

/** The entity an event makes by naming it (P-54). */
export function proxyEntity(event: {
  readonly entity: Entity;
  readonly proxyName: string;
  readonly createdBy: string;
}): Entity {
  const { entity, proxyName, createdBy } = event;
  const metadata = { ...entity.metadata, name: proxyName || entity.metadata.name };
  if (proxyName === "") return { ...entity, entity_class: "proxy", metadata: { ...metadata, created_by: createdBy } };
  return Entity.create({
    entity_class: "proxy",
    metadata: { ...metadata, labels: {}, annotations: {}, created_by: createdBy },
  });
}
