/**
 * Entities: one resource to callers, two halves in the store. People edit the
 * configuration; agents report the state.
 */
import {
  type Entity,
  type EntityConfig,
  type EntityState,
  type JsonObject,
  type ResourceType,
  SensuError,
  type Silenced,
} from "@sensu-ts/core";
import { type EventStore, joinEntity, type ResourceStore, splitEntity } from "@sensu-ts/store";
import type { Authorizer } from "../access/authorize.ts";
import type { Identity } from "../access/identity.ts";
import { type Conditions, checkConditions } from "./etag.ts";
import { found } from "./found.ts";
import { checkLocation, checkPatchLocation, mergeInto } from "./generic.ts";
import { allIn, listPage, selectorOf } from "./list.ts";
import type { Deadlines, EventNotices } from "./ports.ts";
import { keepRedacted } from "./redacted.ts";
import { type Found, type Id, type ListQuery, type Page, question, type ResourceActions } from "./resource-actions.ts";

export interface EntityDeps {
  readonly store: ResourceStore;
  readonly events: EventStore;
  readonly authorizer: Authorizer;
  readonly deadlines: Deadlines;
  readonly notices: EventNotices;
  readonly types: {
    readonly entity: ResourceType<Entity>;
    readonly config: ResourceType<EntityConfig>;
    readonly state: ResourceType<EntityState>;
    readonly silenced: ResourceType<Silenced>;
  };
}

const MANAGED_BY = "sensu.io/managed_by";
const AGENT = "sensu-agent";

export class EntityActions implements ResourceActions<Entity> {
  readonly type: ResourceType<Entity>;
  readonly #deps: EntityDeps;

  constructor(deps: EntityDeps) {
    this.type = deps.types.entity;
    this.#deps = deps;
  }

  async list(caller: Identity, query: ListQuery): Promise<Page<Entity>> {
    const { store, types } = this.#deps;
    this.#authorize(caller, "list", { namespace: query.namespace, name: "" });
    const selected = selectorOf(types.entity, query);
    const matches = selected && ((config: EntityConfig) => selected(joinEntity(config)));
    const page = await listPage(store, types.config, query, matches);
    const states = await this.#statesOf(page.items);
    return { ...page, items: page.items.map((config) => joinEntity(config, states.get(idOf(config)))) };
  }

  async get(caller: Identity, id: Id): Promise<Found> {
    this.#authorize(caller, "get", id);
    const { value: config } = await this.#config(id);
    const state = await this.#deps.store.get(this.#deps.types.state, id.namespace, id.name);
    const { message } = this.#deps.types.entity;
    // the tag is that of the half PATCH compares.
    return { ...found(message, joinEntity(config, state?.value)), etag: this.#answer(config).etag };
  }

  async create(caller: Identity, namespace: string, read: () => Entity): Promise<Entity> {
    this.#authorize(caller, "create", { namespace, name: "" });
    const entity = this.#accept(caller, read(), { namespace, name: "" });
    const { store, types } = this.#deps;
    const { config, state } = splitEntity(entity);
    await store.apply([
      { op: "create", type: types.config, value: config },
      { op: "put", type: types.state, value: state },
    ]);
    return entity;
  }

  async put(caller: Identity, id: Id, read: () => Entity): Promise<Entity> {
    this.#authorize(caller, "update", id);
    const { store, types } = this.#deps;
    const entity = this.#accept(caller, read(), id);
    const before = await store.get(types.config, id.namespace, id.name);
    refuseManaged(entity.metadata.labels);
    if (before && before.value.entity_class !== "proxy") refuseManaged(before.value.metadata?.labels);
    const { config: given, state } = splitEntity(entity);
    const config = before ? keepRedacted(before.value, given) : given;
    if (before && entity.entity_class !== "proxy") {
      await store.put(types.config, withOwnSubscription(config));
    } else {
      await store.apply([
        { op: "put", type: types.config, value: config },
        { op: "put", type: types.state, value: state },
      ]);
    }
    return entity;
  }

  /** Changes the configuration half and answers it. */
  async patch(caller: Identity, id: Id, read: () => JsonObject, conditions: Conditions): Promise<Found> {
    this.#authorize(caller, "update", id);
    const { store, types } = this.#deps;
    const patch = checkPatchLocation(id, read());
    const { value, revision } = await this.#config(id);
    if (value.entity_class !== "proxy") refuseManaged(value.metadata?.labels);
    checkConditions(conditions, this.#answer(value).etag, id.name);
    const merged = keepRedacted(value, mergeInto(types.config.message, value, patch));
    const next = withOwnSubscription(merged);
    types.entity.validate(joinEntity(next));
    await store.update(types.config, next, revision);
    return this.#answer(next);
  }

  /** Events and silences of the entity go with it; the events even when the entity is not there. */
  async remove(caller: Identity, id: Id): Promise<void> {
    this.#authorize(caller, "delete", id);
    const { store, events, deadlines, notices, types } = this.#deps;
    for (const key of await events.deleteEntity(id.namespace, id.name)) {
      await deadlines.forget(key);
      notices.deleted(key);
    }
    await deadlines.forget({ namespace: id.namespace, entity: id.name, check: "keepalive" });
    const existed = await store.delete(types.config, id.namespace, id.name);
    await store.delete(types.state, id.namespace, id.name);
    const subscription = `entity:${id.name}`;
    for (const silenced of await allIn(store, types.silenced, id.namespace)) {
      if (silenced.subscription !== subscription) continue;
      await store.delete(types.silenced, id.namespace, silenced.metadata.name);
    }
    if (!existed) throw new SensuError("notFound");
  }

  #authorize(caller: Identity, verb: "list" | "get" | "create" | "update" | "delete", id: Id): void {
    this.#deps.authorizer.authorize(caller, question(verb, "entities", id));
  }

  #accept(caller: Identity, given: Entity, url: Id): Entity {
    const { entity: type } = this.#deps.types;
    const { metadata } = given;
    const id = { namespace: metadata.namespace || url.namespace, name: metadata.name || url.name };
    checkLocation(id, url);
    return type.validate(type.withCreatedBy(type.withId(given, id), caller.username));
  }

  async #config(id: Id) {
    const stored = await this.#deps.store.get(this.#deps.types.config, id.namespace, id.name);
    if (!stored) throw new SensuError("notFound");
    return stored;
  }

  #answer(config: EntityConfig): Found {
    return found(this.#deps.types.config.message, config);
  }

  async #statesOf(configs: readonly EntityConfig[]): Promise<ReadonlyMap<string, EntityState>> {
    const states = new Map<string, EntityState>();
    const { store, types } = this.#deps;
    for (const namespace of new Set(configs.map((config) => config.metadata?.namespace ?? ""))) {
      for (const state of await allIn(store, types.state, namespace)) states.set(idOf(state), state);
    }
    return states;
  }
}

function withOwnSubscription(config: EntityConfig): EntityConfig {
  const own = `entity:${config.metadata?.name ?? ""}`;
  return config.subscriptions.includes(own) ? config : { ...config, subscriptions: [...config.subscriptions, own] };
}

/** */
function refuseManaged(labels: Readonly<Record<string, string>> | undefined): void {
  if (labels?.[MANAGED_BY] === AGENT) throw new SensuError("alreadyExists", "entity is managed by its agent");
}

function idOf(half: EntityConfig | EntityState): string {
  return `${half.metadata?.namespace}/${half.metadata?.name}`;
}
