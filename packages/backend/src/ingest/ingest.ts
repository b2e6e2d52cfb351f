/**
 * Takes events in, merges them with their previous results in order per (namespace, entity, check), and commits them in
 * batches. What one event goes through is in steps.ts. Longer than most files because order, bounds and retries of one
 * event share the same few fields: parked, ready, committing.
 */
import { Check, type Entity, type Event, type EventPartRules, int, KEEPALIVE, SensuError } from "@sensu-ts/core";
import type { Clock, Logger } from "@sensu-ts/runtime";
import { type CommitResult, type EventKey, type EventStore, joinEventKey, type StoredEvent } from "@sensu-ts/store";
import type { Bus } from "../bus/bus.ts";
import type { CommittedEvent } from "../bus/topics.ts";
import { type Entities, proxyEntity, withOwnSubscription } from "../state/entities.ts";
import { type RememberedResult, ResultMemory, rememberedEvent, rememberedResult } from "../state/result-memory.ts";
import type { Silences } from "../state/silences.ts";
import { decodeStored } from "../state/stored-event.ts";
import { attributed, seen, targetName } from "./attribute.ts";
import type { Draft, SettledEvents } from "./draft.ts";
import type { DecodedFrame, ReceivedParts } from "./frame-decoder.ts";
import type { IngestMetrics } from "./ingest-metrics.ts";
import { type Item, Lane } from "./lane.ts";
import { admit, merge } from "./steps.ts";

export interface IngestOptions {
  readonly events: EventStore;
  readonly entities: Entities;
  readonly silences: Silences;
  readonly bus: Bus;
  readonly rules: EventPartRules;
  readonly namespaceExists: (namespace: string) => boolean;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  /** Results kept in memory, about 1 KiB each. */
  readonly rememberedResults?: number;
  /** Bytes received and not yet committed above which senders are paused. */
  readonly maxPendingBytes?: number;
}

/** Told of every event with a check after its commit and before the bus; must be quick. */
export type CommitListener = (key: EventKey, event: Event, previousTtl: number) => void;

/** Commits under way at once: some are written while the next is collected. */
export const COMMITS = 4;
const KEEPALIVE_COMMITS = 1;
const KEEPALIVE_BYTES = 128 << 10;
/** Small: an event is an object of some sixty others until its commit, and should die young. The writer joins batches. */
const BATCH_EVENTS = 128;
/** Previous results read at once. */
const FETCH_EVENTS = 2000;
const BATCH_BYTES = 4 << 20;
const MAX_CONFLICTS = 20;
/** Between the beginnings of two commits under load. */
const GATHER_MS = 4;
const RETRY_MS = 500;
/** Entities made at the same time. */
const ENTITY_LANES = 16;

export class Ingest {
  readonly #options: IngestOptions;
  readonly #memory: ResultMemory;
  readonly #maxPending: number;
  readonly #events = new Lane(COMMITS);
  /** Overtakes events that wait, so that no agent is taken for dead because handlers are slow (P-52). */
  readonly #keepalives = new Lane(KEEPALIVE_COMMITS, KEEPALIVE_BYTES);
  /** Drafts whose previous result or entity must be fetched, in order of arrival, by key. */
  #parked = new Map<string, Draft[]>();
  #fetching = false;
  #pendingBytes = 0;
  #pendingEvents = 0;
  #paused = false;
  #stopped = true;
  #idle: PromiseWithResolvers<void> | undefined;
  readonly #drain = new Set<() => void>();
  readonly #saturation = new Set<() => void>();
  readonly #listeners = new Set<CommitListener>();

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#memory = new ResultMemory(options.rememberedResults ?? 20_000);
    this.#maxPending = options.maxPendingBytes ?? 1 << 20;
  }

  async start(): Promise<void> {
    this.#stopped = false;
  }

  /** Refuses new events and resolves when those taken are committed or failed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.settled();
  }

  /** Resolves when nothing waits for a commit. */
  settled(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  /** True: stop reading; the callback of `onDrain` tells when to go on. */
  get saturated(): boolean {
    return this.#paused;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get pendingEvents(): number {
    return this.#pendingEvents;
  }

  /** Senders must stop now. */
  onSaturated(callback: () => void): () => void {
    this.#saturation.add(callback);
    return () => this.#saturation.delete(callback);
  }

  /** Senders may go on. */
  onDrain(callback: () => void): () => void {
    this.#drain.add(callback);
    return () => this.#drain.delete(callback);
  }

  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The stored event was deleted or changed by someone else. */
  forget(key: EventKey): void {
    this.#memory.delete(joinEventKey(key));
  }

  /** Throws `invalid`, or `namespaceMissing`, unless the event may come from a session of the namespace (P-67). */
  admit(event: Event, namespace: string): Event {
    this.#expectNamespace(namespace);
    return admit(event, this.#options.rules, namespace);
  }

  /**
   * One event of an agent's session. Throws as {@link admit}; what fails later is logged. `size` is the number
   * of bytes received, `arrived` is `performance.now()` then; the bytes may be used again once this returns. `settled`
   * is told when the event is safe, or refused for good.
   */
  offer(
    frame: DecodedFrame,
    namespace: string,
    size: number,
    arrived = performance.now(),
    settled?: SettledEvents,
  ): void {
    if (this.#stopped) throw new SensuError("unavailable");
    this.#take(this.admit(frame.event, namespace), frame.parts, size, arrived, undefined, settled);
  }

  /** An event of the API or of this backend. Throws `invalid`; resolves after the durable commit. */
  async submit(event: Event, given: { readonly createdBy?: string } = {}): Promise<void> {
    const admitted = admit(given.createdBy === undefined ? event : madeBy(event, given.createdBy), this.#options.rules);
    this.#expectNamespace(admitted.entity?.metadata.namespace ?? "");
    if (this.#stopped) throw new SensuError("unavailable");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const done = (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error as Error);
    };
    const size = 1024 + (admitted.check?.output.length ?? 0);
    this.#take(seen(admitted, this.#now()), undefined, size, performance.now(), done, undefined);
    await promise;
  }

  #expectNamespace(namespace: string): void {
    if (this.#options.namespaceExists(namespace)) return;
    throw new SensuError("namespaceMissing", `the namespace ${namespace} does not exist`);
  }

  #take(
    event: Event,
    parts: DecodedFrame["parts"],
    size: number,
    arrived: number,
    done: Draft["done"],
    settled: SettledEvents | undefined,
  ): void {
    const entity = event.entity as Entity;
    const target = targetName(event);
    const key = {
      namespace: entity.metadata.namespace,
      entity: target || entity.metadata.name,
      check: event.check?.metadata.name ?? "",
    };
    const draft: Draft = {
      key,
      id: joinEventKey(key),
      event,
      entity: undefined,
      added: "",
      parts,
      bytes: size,
      arrived,
      conflicts: 0,
      done,
      settled,
    };
    if (target === "" || !event.check) this.#ownEntity(draft, entity);
    this.#pendingBytes += size;
    this.#pendingEvents++;
    if (!this.#paused && this.#pendingBytes > this.#maxPending) {
      this.#paused = true;
      for (const callback of this.#saturation) callback();
    }
    const waiting = this.#parked.get(draft.id);
    if (!waiting && this.#advance(draft)) return;
    draft.parts &&= ownCopy(draft.parts);
    if (waiting) waiting.push(draft);
    else this.#park(draft);
  }

  #ownEntity(draft: Draft, entity: Entity): void {
    const own = withOwnSubscription(entity);
    draft.entity = own;
    if (own === entity) return;
    draft.event = { ...draft.event, entity: own };
    draft.added = `entity:${entity.metadata.name}`;
  }

  /** Goes as far as memory allows; false when something must be fetched first. */
  #advance(draft: Draft): boolean {
    if (!draft.event.check) {
      this.#push(draft, 0, {
        ...draft.key,
        event: int(draft.event.timestamp) === 0 ? { ...draft.event, timestamp: this.#now() } : draft.event,
        revision: 0,
      });
      return true;
    }
    if (!draft.entity) {
      const stored = this.#options.entities.get(draft.key.namespace, draft.key.entity);
      if (!stored) return false;
      this.#attribute(draft, stored);
    }
    const previous = this.#memory.get(draft.id);
    if (!previous) return false;
    this.#merge(draft, previous);
    return true;
  }

  #attribute(draft: Draft, stored: Entity): void {
    draft.event = attributed(draft.event, stored, this.#now());
    draft.entity = draft.event.entity;
    draft.parts = undefined;
  }

  #merge(draft: Draft, previous: RememberedResult | undefined): void {
    const known = previous && previous.revision > 0 ? previous : undefined;
    const revision = known?.revision ?? 0;
    const lane = this.#laneOf(draft);
    const merged = merge(draft, known, this.#options.silences, lane.bytes, this.#now());
    draft.parts = undefined;
    this.#memory.set(draft.id, rememberedResult(merged.check, revision + 1));
    const { columns, bytes } = merged;
    this.#options.metrics.encoded(bytes.length, merged.event.metrics !== undefined);
    lane.writes.push({ ...draft.key, expected: revision, columns, bytes });
    lane.readyBytes += bytes.length;
    this.#push(draft, known?.ttl ?? 0, { ...draft.key, event: merged.event, revision: revision + 1 });
  }

  #push(draft: Draft, previousTtl: number, committed: CommittedEvent): void {
    const lane = this.#laneOf(draft);
    lane.ready.push({ draft, previousTtl, committed });
    if (lane.ready.length >= BATCH_EVENTS || lane.readyBytes >= BATCH_BYTES) this.#flush(lane);
    else this.#flushSoon(lane);
  }

  #laneOf(draft: Draft): Lane {
    return draft.key.check === KEEPALIVE ? this.#keepalives : this.#events;
  }

  /** At once when little happens; under load a moment later, so that one sync serves more events. */
  #flushSoon(lane: Lane): void {
    if (lane.flushAsked || lane.commits >= lane.width) return;
    lane.flushAsked = true;
    const flush = () => {
      lane.flushAsked = false;
      this.#flush(lane);
    };
    const wait = GATHER_MS - (performance.now() - lane.lastFlush);
    if (wait < 1) setImmediate(flush);
    else setTimeout(flush, wait);
  }

  #park(draft: Draft): void {
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
    this.#settle();
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
    let next = 0;
    const lane = async () => {
      for (let group = groups[next++]; group; group = groups[next++]) {
        const first = group[0] as Draft;
        const proxyName = first.event.check?.proxy_entity_name ?? "";
        const sender = first.event.entity as Entity;
        const createdBy = first.event.metadata.created_by;
        const known = this.#options.entities.get(first.key.namespace, first.key.entity);
        try {
          const stored = known ?? (await this.#makeProxy(proxyEntity({ entity: sender, proxyName, createdBy })));
          for (const draft of group) this.#attribute(draft, stored);
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
    const drafts = this.#parked.get(id) ?? [];
    this.#parked.delete(id);
    const entity = drafts[0]?.entity;
    let before = this.#memory.get(id) ?? previous;
    for (const draft of drafts) {
      if (!draft.entity && entity) this.#attribute(draft, entity);
      this.#merge(draft, before);
      before = this.#memory.get(id);
    }
  }

  #drop(id: string, error: unknown): void {
    const drafts = this.#parked.get(id) ?? [];
    this.#parked.delete(id);
    for (const draft of drafts) this.#failed(draft, error);
  }

  /** Callers who wait are told now; agents' events wait for the store. */
  #failWaiting(ids: readonly string[], error: unknown): void {
    for (const id of ids) {
      const drafts = this.#parked.get(id) ?? [];
      const kept = drafts.filter((draft) => !draft.done);
      for (const draft of drafts) if (draft.done) this.#failed(draft, error);
      if (kept.length > 0) this.#parked.set(id, kept);
      else this.#parked.delete(id);
    }
  }

  #flush(lane: Lane): void {
    if (lane.commits >= lane.width || lane.ready.length === 0) return;
    const items = lane.ready;
    const { writes } = lane;
    lane.ready = [];
    lane.writes = [];
    lane.readyBytes = 0;
    lane.commits++;
    lane.lastFlush = performance.now();
    const committing = writes.length === 0 ? Promise.resolve([]) : this.#options.events.commit(writes);
    // The store has copied the bytes.
    lane.bytes.reset();
    void this.#finish(lane, items, committing);
  }

  async #finish(lane: Lane, items: readonly Item[], committing: Promise<readonly CommitResult[]>): Promise<void> {
    const began = lane.lastFlush;
    const { metrics } = this.#options;
    try {
      let results: readonly CommitResult[];
      try {
        results = await committing;
      } catch (error) {
        metrics.commitFailed(items.length, began);
        this.#commitFailed(items, error);
        return;
      }
      const done = this.#sortOut(items, results);
      metrics.committed(done, began);
      for (const { draft, previousTtl, committed } of done) {
        draft.done?.();
        draft.settled?.add(draft.event.id);
        if (draft.event.check) this.#announce(draft.key, committed.event, previousTtl);
      }
      const handedOver = this.#handOver(lane, done);
      // Keepalives are heard however full the bus is; what they are in bytes stays counted, so that it is bounded.
      if (lane !== this.#keepalives) await handedOver;
    } catch (error) {
      this.#options.log.error({ error }, "error after a commit");
    } finally {
      lane.commits--;
      this.#resume();
      if (lane.ready.length > 0) this.#flushSoon(lane);
      this.#settle();
    }
  }

  /** To the bus, in order; never rejects. */
  async #handOver(lane: Lane, items: readonly Item[]): Promise<void> {
    lane.handingOver++;
    const began = performance.now();
    let ok = false;
    try {
      await this.#options.bus.publishAll(
        "event",
        items.map((item) => item.committed),
      );
      ok = true;
    } catch (error) {
      this.#options.log.error({ error }, "error handing events over to the bus");
    }
    this.#options.metrics.published(ok, items, began);
    this.#pendingEvents -= items.length;
    for (const { draft } of items) this.#pendingBytes -= draft.bytes;
    lane.handingOver--;
    this.#resume();
    this.#settle();
  }

  /** The items that are in the store; the others start again. */
  #sortOut(items: readonly Item[], results: readonly CommitResult[]): readonly Item[] {
    if (results.every((result) => result.ok)) return items;
    let next = 0;
    const done: Item[] = [];
    for (const item of items) {
      const result = item.committed.revision === 0 ? { ok: true } : results[next++];
      if (result?.ok) done.push(item);
      else this.#again(item.draft);
    }
    return done;
  }

  #again(draft: Draft): void {
    this.#memory.delete(draft.id);
    draft.conflicts++;
    if (draft.conflicts > MAX_CONFLICTS) {
      this.#failed(draft, new SensuError("conflict", "the event was changed by others again and again"));
      return;
    }
    const waiting = this.#parked.get(draft.id);
    if (waiting) waiting.push(draft);
    else this.#park(draft);
  }

  #commitFailed(items: readonly Item[], error: unknown): void {
    this.#options.log.error({ error, events: items.length }, "error storing events");
    for (const { draft, committed } of items) {
      this.#memory.delete(draft.id);
      if (draft.done || committed.revision === 0) this.#failed(draft, error);
      else this.#again({ ...draft, conflicts: draft.conflicts - 1 });
    }
  }

  #failed(draft: Draft, error: unknown): void {
    this.#pendingBytes -= draft.bytes;
    this.#pendingEvents--;
    this.#options.metrics.failed(draft.event.check !== undefined, draft.arrived);
    if (!(error instanceof SensuError && error.code === "unavailable")) draft.settled?.add(draft.event.id);
    if (draft.done) draft.done(error);
    else this.#options.log.error({ error, ...draft.key }, "error handling event");
    this.#resume();
  }

  #announce(key: EventKey, event: Event, previousTtl: number): void {
    for (const listener of this.#listeners) {
      try {
        listener(key, event, previousTtl);
      } catch (error) {
        this.#options.log.error({ error, ...key }, "error in a commit listener");
      }
    }
  }

  #resume(): void {
    if (!this.#paused || this.#pendingBytes > this.#maxPending / 2) return;
    this.#paused = false;
    for (const callback of this.#drain) callback();
  }

  #isIdle(): boolean {
    return this.#events.idle && this.#keepalives.idle && this.#parked.size === 0 && !this.#fetching;
  }

  #settle(): void {
    if (!this.#idle || !this.#isIdle()) return;
    this.#idle.resolve();
    this.#idle = undefined;
  }

  #now(): number {
    return Math.floor(this.#options.clock.now() / 1000);
  }
}

/** P-47: who made it through the API is noted on the event, its check and its entity. */
function madeBy(event: Event, user: string): Event {
  const mark = <T extends { readonly metadata: { readonly created_by: string } }>(value: T): T => ({
    ...value,
    metadata: { ...value.metadata, created_by: user },
  });
  return mark({ ...event, entity: event.entity && mark(event.entity), check: event.check && mark(event.check) });
}

/** What waits must not lie in bytes that others use meanwhile. */
function ownCopy({ bytes, entity, kept }: ReceivedParts): ReceivedParts {
  const copy = new Uint8Array(bytes);
  const from = entity.byteOffset - bytes.byteOffset;
  return { bytes: copy, entity: copy.subarray(from, from + entity.length), kept };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
