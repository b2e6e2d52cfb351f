/** Events: writes take the whole way through ingest; reads come from the event store. */
import { randomBytes } from "node:crypto";
import { decodeProto, Event, invalid, type ResourceType, SensuError, shownLabels } from "@sensu-ts/core";
import { type EventKey, type EventStore, encodePosition, joinEventKey, type StoredEvent } from "@sensu-ts/store";
import type { Authorizer } from "../access/authorize.ts";
import type { Identity } from "../access/identity.ts";
import { found } from "./found.ts";
import { checkLocation } from "./generic.ts";
import { selectorOf } from "./list.ts";
import type { Deadlines, EventIntake, EventNotices } from "./ports.ts";
import { type Found, type ListQuery, type Page, question } from "./resource-actions.ts";

export interface EventDeps {
  readonly type: ResourceType<Event>;
  readonly events: EventStore;
  readonly authorizer: Authorizer;
  readonly intake: EventIntake;
  readonly deadlines: Deadlines;
  readonly notices: EventNotices;
}

/** Pages read from the store when a selector filters. */
const CHUNK = 1000;

export class EventActions {
  readonly #deps: EventDeps;

  constructor(deps: EventDeps) {
    this.#deps = deps;
  }

  /** `entity` absent: those of all entities. */
  async list(caller: Identity, query: ListQuery, entity?: string): Promise<Page<Event>> {
    this.#authorize(caller, "list", query.namespace, "");
    const { events, type } = this.#deps;
    const matches = selectorOf(type, query, labelSetsOf);
    const limit = query.limit !== undefined && query.limit > 0 ? query.limit : undefined;
    const filter = {
      ...(query.namespace === "" ? {} : { namespace: query.namespace }),
      ...(entity === undefined ? {} : { entity }),
    };
    const items: Event[] = [];
    let after = query.continue;
    for (;;) {
      const wanted = limit === undefined ? CHUNK : limit - items.length;
      const page = await events.list({
        ...filter,
        order: "name",
        // One at a time would be slow when the selector matches little.
        limit: matches ? Math.max(wanted, 100) : wanted,
        ...(after === undefined ? {} : { after }),
      });
      for (const [at, stored] of page.events.entries()) {
        const event = decodeProto(Event, stored.bytes);
        if (matches && !matches(event)) continue;
        items.push(event);
        if (items.length !== limit) continue;
        const last = at === page.events.length - 1;
        if (last && page.next === undefined) return { items };
        return { items, continue: last && page.next !== undefined ? page.next : positionOf(stored) };
      }
      if (page.next === undefined) return { items };
      after = page.next;
    }
  }

  async get(caller: Identity, key: EventKey): Promise<Found> {
    this.#authorize(caller, "get", key.namespace, nameOf(key));
    const stored = await this.#deps.events.get(key);
    if (!stored) throw new SensuError("notFound");
    return found(Event as never, decodeProto(Event, stored.bytes));
  }

  /** POST in the collection: names come from the body. */
  async create(caller: Identity, namespace: string, read: () => Event): Promise<void> {
    this.#authorize(caller, "create", namespace, "");
    await this.#submit(caller, read(), { namespace });
  }

  /** POST or PUT of one event: names that the body leaves out come from the URL. */
  async put(caller: Identity, verb: "create" | "update", key: EventKey, read: () => Event): Promise<void> {
    this.#authorize(caller, verb, key.namespace, nameOf(key));
    await this.#submit(caller, read(), key);
  }

  async remove(caller: Identity, key: EventKey): Promise<void> {
    this.#authorize(caller, "delete", key.namespace, nameOf(key));
    const { events, deadlines, notices } = this.#deps;
    if (!(await events.delete(key))) throw new SensuError("notFound");
    await deadlines.forget(key);
    notices.deleted(key);
  }

  async #submit(caller: Identity, given: Event, url: Partial<EventKey> & { namespace: string }): Promise<void> {
    const event = complete(given, url, caller.username);
    await this.#deps.intake.submit(this.#deps.type.validate(event), { createdBy: caller.username });
  }

  #authorize(caller: Identity, verb: "list" | "get" | "create" | "update" | "delete", namespace: string, name: string) {
    this.#deps.authorizer.authorize(caller, question(verb, "events", { namespace, name }));
  }
}

/** the event's own labels, or those of entity and check together. */
function labelSetsOf(event: Event) {
  const { entity, check, metadata } = event;
  return [metadata.labels, { ...(entity && shownLabels(entity)), ...check?.metadata.labels }];
}

/** what the URL, the caller and we add to a posted event. Throws `invalid`. */
export function complete(
  given: Event,
  url: { readonly namespace: string; readonly entity?: string; readonly check?: string },
  createdBy: string,
): Event {
  if (!given.entity) throw invalid("event must contain an entity");
  const entityMeta = locate(given.entity.metadata, url.namespace, url.entity);
  const event: Event = {
    ...given,
    entity: {
      ...given.entity,
      entity_class: given.entity.entity_class || "proxy",
      metadata: { ...entityMeta, created_by: createdBy },
    },
    metadata: { ...given.metadata, created_by: createdBy },
    id: given.id.length > 0 ? given.id : randomUuidBytes(),
  };
  if (!given.check) return event;
  const checkMeta = locate(given.check.metadata, url.namespace, url.check);
  return { ...event, check: { ...given.check, metadata: { ...checkMeta, created_by: createdBy } } };
}

function locate(metadata: Event["metadata"], namespace: string, name: string | undefined): Event["metadata"] {
  const located = { ...metadata, namespace: metadata.namespace || namespace, name: metadata.name || (name ?? "") };
  checkLocation(located, { namespace, name: name ?? "" });
  return located;
}

function randomUuidBytes(): Uint8Array {
  const bytes = new Uint8Array(randomBytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

function nameOf(key: EventKey): string {
  return `${key.entity}/${key.check}`;
}

/** Where the next page begins: after this event. */
function positionOf(stored: StoredEvent): string {
  return encodePosition(joinEventKey(stored));
}
