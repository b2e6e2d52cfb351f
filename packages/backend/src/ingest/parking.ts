/** Drafts that lack their previous result or their entity wait here, in order, while it is fetched a batch at a time. */
import { Check, type Entity, KEEPALIVE, SensuError } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { EventStore, StoredEvent } from "@sensu-ts/store";
import { type Entities, proxyEntity } from "../state/entities.ts";
import { type RememberedResult, type ResultMemory, rememberedEvent, rememberedResult } from "../state/result-memory.ts";
import { decodeStored } from "../state/stored-event.ts";
import type { Draft } from "./draft.ts";
import type { IngestMetrics } from "./ingest-metrics.ts";

export interface ParkingOptions {
  readonly events: EventStore;
  readonly entities: Entities;
  readonly memory: ResultMemory;
  readonly metrics: IngestMetrics;
  readonly log: Logger;
  /** Its entity is there. */
  readonly attribute: (draft: Draft, stored: Entity) => void;
  /** Its turn has come; `previous` is absent when there was no result. */
  readonly merge: (draft: Draft, previous: RememberedResult | undefined) => void;
  readonly failed: (draft: Draft, error: unknown) => void;
  readonly emptied: () => void;
}

/** Previous results read at once. */
const FETCH_EVENTS = 2000;
const RETRY_MS = 500;
/** Entities made at the same time. */
const ENTITY_LANES = 16;

export class Parking {
  readonly #options: ParkingOptions;
  /** In order of arrival, by key. */
  readonly #parked = new Map<string, Draft[]>();
  #fetching = false;

  constructor(options: ParkingOptions) {
    this.#options = options;
  }

  get idle(): boolean {
    return this.#parked.size === 0 && !this.#fetching;
  }

  /** What comes for this key must wait behind others. */
  has(id: string): boolean {
    return this.#parked.has(id);
  }

  add(draft: Draft): void {
    const waiting = this.#parked.get(draft.id);
    if (waiting) {
      waiting.push(draft);
      return;
    }
    this.#parked.set(draft.id, [draft]);
    if (this.#fetching) return;
    this.#fetching = true;
    setImmediate(() => void this.#fetch());
  }

  /** Fetches what the parked drafts lack until none is parked. Never rejects. */
  async #fetch(): Promise<void> {
    while (this.#parked.size > 0) {
      const wanted = this.#nextParked();
      try {
        await this.#fetchEntities(wanted);
        const ids = wanted.filter((id) => this.#parked.has(id));
        const keys = ids.flatMap((id) => this.#parked.get(id)?.[0]?.key ?? []);
        const stored = await this.#options.events.getMany(keys);
        for (const [i, id] of ids.entries()) this.#unpark(id, this.#previous(stored[i]));
      } catch (error) {
        this.#options.log.error({ error }, "error reading what events need; trying again");
        this.#failWaiting(wanted, error);
        await pause(RETRY_MS);
      }
    }
    this.#fetching = false;
    this.#options.emptied();
  }

  /** The oldest, keepalives before others when there are more than one batch takes. */
  #nextParked(): readonly string[] {
    const ids = [...this.#parked.keys()];
    if (ids.length <= FETCH_EVENTS) return ids;
    const [keepalives = [], others = []] = [true, false].map((wanted) =>
      ids.filter((id) => (this.#parked.get(id)?.[0]?.key.check === KEEPALIVE) === wanted),
    );
    return [...keepalives, ...others].slice(0, FETCH_EVENTS);
  }

  #previous(stored: StoredEvent | undefined): RememberedResult | undefined {
    if (!stored) return undefined;
    try {
      return rememberedEvent(decodeStored(stored), stored.revision);
    } catch (error) {
      const { namespace, entity, check } = stored;
      this.#options.log.error({ error, namespace, entity, check }, "stored event is damaged; its history is lost");
      return rememberedResult(Check.create(), stored.revision);
    }
  }

  async #fetchEntities(ids: readonly string[]): Promise<void> {
    const drafts = ids.flatMap((id) => this.#parked.get(id)?.[0] ?? []).filter((draft) => !draft.entity);
    const wanted = new Map<string, Draft[]>();
    for (const draft of drafts) {
      const name = `${draft.key.namespace}/${draft.key.entity}`;
      const same = wanted.get(name);
      if (same) same.push(draft);
      else wanted.set(name, [draft]);
    }
    const groups = [...wanted.values()];
    const { entities, attribute } = this.#options;
    let next = 0;
    const lane = async () => {
      for (let group = groups[next++]; group; group = groups[next++]) {
        const first = group[0] as Draft;
        const proxyName = first.event.check?.proxy_entity_name ?? "";
        const sender = first.event.entity as Entity;
        const createdBy = first.event.metadata.created_by;
        const known = entities.get(first.key.namespace, first.key.entity);
        try {
          const stored = known ?? (await this.#makeProxy(proxyEntity({ entity: sender, proxyName, createdBy })));
          for (const draft of group) attribute(draft, stored);
        } catch (error) {
          if (!(error instanceof SensuError) || error.code === "unavailable") throw error;
          for (const { id } of group) this.#drop(id, error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(ENTITY_LANES, groups.length) }, lane));
  }

  async #makeProxy(blank: Entity): Promise<Entity> {
    const began = performance.now();
    let ok = false;
    try {
      const stored = await this.#options.entities.ensure(blank);
      ok = true;
      return stored;
    } finally {
      this.#options.metrics.madeProxy(ok, performance.now() - began);
    }
  }

  /** All drafts of a key go on, in order, from what was read. */
  #unpark(id: string, previous: RememberedResult | undefined): void {
    const { memory, attribute, merge } = this.#options;
    const drafts = this.#parked.get(id) ?? [];
    this.#parked.delete(id);
    const entity = drafts[0]?.entity;
    let before = memory.get(id) ?? previous;
    for (const draft of drafts) {
      if (!draft.entity && entity) attribute(draft, entity);
      merge(draft, before);
      before = memory.get(id);
    }
  }

  #drop(id: string, error: unknown): void {
    const { failed } = this.#options;
    const drafts = this.#parked.get(id) ?? [];
    this.#parked.delete(id);
    for (const draft of drafts) failed(draft, error);
  }

  /** Callers who wait are told now; agents' events wait for the store. */
  #failWaiting(ids: readonly string[], error: unknown): void {
    const { failed } = this.#options;
    for (const id of ids) {
      const drafts = this.#parked.get(id) ?? [];
      const kept = drafts.filter((draft) => !draft.done);
      for (const draft of drafts) if (draft.done) failed(draft, error);
      if (kept.length > 0) this.#parked.set(id, kept);
      else this.#parked.delete(id);
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
