/** Create, read, change and delete of every registered type without special behaviour. */
import {
  fromTree,
  invalid,
  type Json,
  type JsonObject,
  type MessageType,
  RAW,
  type ResourceType,
  SensuError,
  toTree,
  UNKNOWN,
} from "@sensu-ts/core";
import type { ResourceStore } from "@sensu-ts/store";
import type { Authorizer } from "../access/authorize.ts";
import type { Identity } from "../access/identity.ts";
import { type Conditions, checkConditions } from "./etag.ts";
import { found } from "./found.ts";
import { listPage, selectorOf } from "./list.ts";
import { isObject, mergePatch } from "./merge-patch.ts";
import { type Found, type Id, type ListQuery, type Page, question, type ResourceActions } from "./resource-actions.ts";

export interface GenericDeps {
  readonly store: ResourceStore;
  readonly authorizer: Authorizer;
}

export class GenericActions<T> implements ResourceActions<T> {
  protected readonly store: ResourceStore;
  protected readonly authorizer: Authorizer;
  readonly type: ResourceType<T>;

  constructor(type: ResourceType<T>, deps: GenericDeps) {
    this.type = type;
    this.store = deps.store;
    this.authorizer = deps.authorizer;
  }

  async list(caller: Identity, query: ListQuery): Promise<Page<T>> {
    this.authorizer.authorize(caller, question("list", this.type.rbac, { namespace: query.namespace, name: "" }));
    const page = await listPage(this.store, this.type, query, selectorOf(this.type, query));
    return { ...page, items: page.items.map((item) => this.shown(item)) };
  }

  async get(caller: Identity, id: Id): Promise<Found> {
    this.authorizer.authorize(caller, question("get", this.type.rbac, id));
    return this.answer((await this.stored(id)).value);
  }

  async create(caller: Identity, namespace: string, read: () => T): Promise<T> {
    this.authorizer.authorize(caller, question("create", this.type.rbac, { namespace, name: "" }));
    const value = await this.accept(caller, this.located(read(), { namespace, name: "" }), "create");
    await this.store.create(this.type, value);
    return value;
  }

  async put(caller: Identity, id: Id, read: () => T): Promise<T> {
    this.authorizer.authorize(caller, question("update", this.type.rbac, id));
    const value = await this.accept(caller, this.located(read(), id), "update");
    await this.store.put(this.type, value);
    return value;
  }

  async patch(caller: Identity, id: Id, read: () => JsonObject, conditions: Conditions): Promise<Found> {
    this.authorizer.authorize(caller, question("update", this.type.rbac, id));
    const patch = checkPatchLocation(id, read());
    const { value, revision } = await this.stored(id);
    checkConditions(conditions, this.answer(value).etag, id.name);
    const next = await this.check(this.merge(value, patch), caller, "update");
    await this.store.update(this.type, next, revision);
    return this.answer(next);
  }

  async remove(caller: Identity, id: Id): Promise<void> {
    this.authorizer.authorize(caller, question("delete", this.type.rbac, id));
    if (!(await this.store.delete(this.type, id.namespace, id.name))) throw new SensuError("notFound");
  }

  /** The value as callers see it. */
  protected shown(value: T): T {
    return value;
  }

  /** The last word on a value before it is stored; throws `invalid`. */
  protected async check(value: T, _caller: Identity, _verb: "create" | "update"): Promise<T> {
    return this.validated(value);
  }

  protected async accept(caller: Identity, value: T, verb: "create" | "update"): Promise<T> {
    return this.check(this.type.withCreatedBy(value, caller.username), caller, verb);
  }

  protected validated(value: T): T {
    try {
      return this.type.validate(value);
    } catch (error) {
      if (!(error instanceof SensuError) || error.code !== "invalid") throw error;
      throw invalid(`resource is invalid: ${error.message}`, error);
    }
  }

  /** what the body says must be what the URL says. Enterprise groups fill in what the body leaves out. */
  protected located(value: T, url: Id): T {
    const body = this.type.id(value);
    if (this.type.apiVersion !== "core/v2") {
      const id = { namespace: body.namespace || url.namespace, name: body.name || url.name };
      checkLocation(id, url);
      return this.type.withId(value, id);
    }
    // A namespace where none belongs is told by validation.
    checkLocation(this.type.scope === "cluster" ? { ...body, namespace: "" } : body, url);
    return value;
  }

  protected async stored(id: Id) {
    const stored = await this.store.get(this.type, id.namespace, id.name);
    if (!stored) throw new SensuError("notFound");
    return stored;
  }

  protected answer(value: T): Found {
    return found(this.type.message, this.shown(value), value);
  }

  protected merge(value: T, patch: JsonObject): T {
    return mergeInto(this.type.message, value, patch);
  }
}

/** The value with a patch applied to its JSON form; what JSON does not show stays as it was. */
export function mergeInto<T>(message: MessageType<T>, value: T, patch: JsonObject): T {
  const tree = mergePatch(toTree(message, value, { redact: false }), patch);
  const merged = fromTree(message, isObject(tree) ? tree : {});
  const hidden: Record<string | symbol, unknown> = {};
  const before = value as Record<string | symbol, unknown>;
  for (const [key, field] of Object.entries(message.fields)) if (field.presence === "-") hidden[key] = before[key];
  for (const symbol of [UNKNOWN, RAW]) if (before[symbol] !== undefined) hidden[symbol] = before[symbol];
  return { ...merged, ...hidden };
}

/** What a patch may say, but cannot change: the place, and who made it. */
const FIXED = new Set(["name", "namespace", "created_by"]);
/** The rest of metadata; a patch that removes all of it removes these. */
const NO_MORE_METADATA: JsonObject = { labels: null, annotations: null };

/** A-146; returns the patch without what it cannot change. */
export function checkPatchLocation(id: Id, patch: JsonObject): JsonObject {
  const checked: Record<string, Json> = {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.toLowerCase() !== "metadata") checked[key] = value;
    else if (value === null) checked["metadata"] = NO_MORE_METADATA;
    else if (isObject(value)) checked["metadata"] = checkPatchMetadata(id, value);
    else throw invalid("metadata: expected an object");
  }
  return checked;
}

function checkPatchMetadata(id: Id, metadata: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(metadata)) {
    const field = key.toLowerCase();
    if (!FIXED.has(field) || value === null) continue;
    if (typeof value !== "string") throw invalid(`metadata.${field}: expected a string`);
    if (field === "created_by" || value === "") continue;
    const [here, what] = field === "name" ? [id.name, "name"] : [id.namespace, "namespace"];
    if (value !== here) {
      throw invalid(`the ${what} of the resource (${value}) does not match the ${what} in the URI (${here})`);
    }
  }
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !FIXED.has(key.toLowerCase())));
}

export function checkLocation(body: Id, url: Id): void {
  if (body.namespace !== url.namespace) {
    throw invalid(
      `the namespace of the resource (${body.namespace}) does not match the namespace of the URI (${url.namespace})`,
    );
  }
  if (url.name !== "" && body.name !== url.name) {
    throw invalid(`the name of the resource (${body.name}) does not match the name of the URI (${url.name})`);
  }
}
