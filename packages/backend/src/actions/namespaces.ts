/** Namespaces (A-197 to A-201, S-316 to S-322): who sees which, and what comes and goes with one. */
import {
  invalid,
  type JsonObject,
  Namespace,
  pipelineRole,
  pipelineRoleBinding,
  type ResourceType,
  type Role,
  type RoleBinding,
  SensuError,
} from "@sensu-ts/core";
import {
  compareKeys,
  deleteNamespace,
  type EventStore,
  type Kv,
  type ResourceStore,
  type ResourceWrite,
} from "@sensu-ts/store";
import type { Identity } from "../access/identity.ts";
import type { Conditions } from "./etag.ts";
import { checkLocation, GenericActions, type GenericDeps } from "./generic.ts";
import { listPage, selectorOf } from "./list.ts";
import type { Deadlines } from "./ports.ts";
import { type Found, type Id, type ListQuery, type Page, question } from "./resource-actions.ts";

export interface NamespaceTypes {
  readonly namespace: ResourceType<Namespace>;
  readonly role: ResourceType<Role>;
  readonly roleBinding: ResourceType<RoleBinding>;
}

export interface NamespaceDeps extends GenericDeps {
  readonly kv: Kv;
  readonly events: EventStore;
  readonly deadlines: Deadlines;
  readonly types: NamespaceTypes;
}

/** Where the backends' own events and entities are; made again at each start. */
export const SYSTEM_NAMESPACE = "sensu-system";

export class NamespaceActions extends GenericActions<Namespace> {
  readonly #kv: Kv;
  readonly #events: EventStore;
  readonly #deadlines: Deadlines;
  readonly #types: NamespaceTypes;

  constructor(deps: NamespaceDeps) {
    super(deps.types.namespace, deps);
    this.#kv = deps.kv;
    this.#events = deps.events;
    this.#deadlines = deps.deadlines;
    this.#types = deps.types;
  }

  /** Those the caller sees; `denied` when there is none (S-318). Paged after that, by name. */
  override async list(caller: Identity, query: ListQuery): Promise<Page<Namespace>> {
    const visible = await this.visible(caller);
    if (visible.length === 0) throw new SensuError("denied");
    const seen = new Set(visible);
    const selected = selectorOf(this.type, query);
    return listPage(this.store, this.type, query, (one) => seen.has(one.name) && (selected?.(one) ?? true));
  }

  /** Names, in byte order. For any authenticated caller, also when there is none. */
  async visible(caller: Identity): Promise<readonly string[]> {
    const { items } = await listPage(this.store, this.type, { namespace: "" }, undefined);
    const names = items.map((one) => one.name).sort(compareKeys);
    return this.authorizer.visibleNamespaces(caller, names);
  }

  override async get(caller: Identity, id: Id): Promise<Found> {
    if (this.authorizer.visibleNamespaces(caller, [id.name]).length === 0) throw new SensuError("notFound");
    return this.answer((await this.stored(id)).value);
  }

  override async create(caller: Identity, _namespace: string, read: () => Namespace): Promise<Namespace> {
    this.authorizer.authorize(caller, question("create", this.type.rbac, { namespace: "", name: "" }));
    const value = this.type.validate(read());
    await this.store.apply(namespaceWrites(this.#types, value, "create", caller.username));
    return value;
  }

  override async put(caller: Identity, id: Id, read: () => Namespace): Promise<Namespace> {
    this.authorizer.authorize(caller, question("update", this.type.rbac, id));
    const given = read();
    checkLocation({ namespace: "", name: given.name }, id);
    const value = this.type.validate(given);
    await this.store.apply(namespaceWrites(this.#types, value, "put", caller.username));
    return value;
  }

  /** Nothing but the name is in it, and that cannot change. */
  override async patch(caller: Identity, id: Id, read: () => JsonObject, conditions: Conditions): Promise<Found> {
    this.authorizer.authorize(caller, question("update", this.type.rbac, id));
    const { name } = read();
    if (name !== undefined && name !== id.name) throw invalid("the name of a namespace cannot be changed");
    const found = await super.patch(caller, id, () => ({}), conditions);
    await this.store.apply(namespaceWrites(this.#types, Namespace.create({ name: id.name }), "put", caller.username));
    return found;
  }

  override async remove(caller: Identity, id: Id): Promise<void> {
    this.authorizer.authorize(caller, question("delete", this.type.rbac, id));
    if (id.name === SYSTEM_NAMESPACE) {
      throw new SensuError("conflict", `resource is invalid: namespace ${SYSTEM_NAMESPACE} cannot be deleted`);
    }
    if (!(await deleteNamespace(this.#kv, id.name))) throw new SensuError("notFound");
    await this.#removeEvents(id.name);
  }

  /** Events keep no namespace alive; they go with it. */
  async #removeEvents(namespace: string): Promise<void> {
    for (;;) {
      const { events } = await this.#events.list({ namespace, order: "name", limit: 500 });
      if (events.length === 0) return;
      for (const entity of new Set(events.map((event) => event.entity))) {
        for (const key of await this.#events.deleteEntity(namespace, entity)) await this.#deadlines.forget(key);
      }
    }
  }
}

/** A namespace and the pair every namespace has (S-334), at one revision. */
export function namespaceWrites(
  types: NamespaceTypes,
  namespace: Namespace,
  op: "create" | "put",
  createdBy = "",
): readonly ResourceWrite[] {
  const { role, roleBinding } = types;
  return [
    { op, type: types.namespace, value: namespace },
    { op: "put", type: role, value: role.withCreatedBy(pipelineRole(namespace.name), createdBy) },
    { op: "put", type: roleBinding, value: roleBinding.withCreatedBy(pipelineRoleBinding(namespace.name), createdBy) },
  ];
}

/** Makes the namespace with its pair unless it is there. */
export async function ensureNamespace(store: ResourceStore, types: NamespaceTypes, name: string): Promise<void> {
  if (await store.get(types.namespace, "", name)) return;
  try {
    await store.apply(namespaceWrites(types, Namespace.create({ name }), "create"));
  } catch (error) {
    // Another backend was quicker.
    if (!(error instanceof SensuError) || error.code !== "alreadyExists") throw error;
  }
}
