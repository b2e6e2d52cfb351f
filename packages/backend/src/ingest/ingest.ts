/**
 * Takes events in and merges them with their previous results, in order per (namespace, entity, check); what is merged
 * goes to {@link Commits}. What one event goes through is in steps.ts.
 */
import { type Entity, type Event, type EventPartRules, int, KEEPALIVE, SensuError } from "@sensu-ts/core";
import type { Clock, Logger } from "@sensu-ts/runtime";
import { type EventKey, type EventStore, joinEventKey } from "@sensu-ts/store";
import type { Bus } from "../bus/bus.ts";
import type { CommittedEvent } from "../bus/committed-event.ts";
import { type Entities, withOwnSubscription } from "../state/entities.ts";
import { type RememberedResult, ResultMemory, rememberedResult } from "../state/result-memory.ts";
import type { Silences } from "../state/silences.ts";
import { attributed, seen, targetName } from "./attribute.ts";
import { Commits } from "./commits.ts";
import { type Draft, type Item, MergedDraft, type SettledEvents, type Taken } from "./draft.ts";
import { type DecodedFrame, type ReceivedParts, RoutineFrame } from "./frame-decoder.ts";
import type { IngestMetrics } from "./ingest-metrics.ts";
import { Parking } from "./parking.ts";
import { Pressure } from "./pressure.ts";
import { RoutineResult } from "./routine-result.ts";
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
export type CommitListener = (committed: CommittedEvent, previousTtl: number) => void;

const MAX_CONFLICTS = 20;

export class Ingest {
  readonly #options: IngestOptions;
  readonly #memory: ResultMemory;
  readonly #pressure: Pressure;
  readonly #commits: Commits;
  readonly #parking: Parking;
  #stopped = true;
  #idle: PromiseWithResolvers<void> | undefined;
  readonly #listeners = new Set<CommitListener>();

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#memory = new ResultMemory(options.rememberedResults ?? 20_000);
    this.#pressure = new Pressure(options.maxPendingBytes ?? 1 << 20);
    const { events, entities, bus, metrics, log } = options;
    this.#parking = new Parking({
      ...{ events, entities, metrics, log, memory: this.#memory },
      attribute: (draft, stored) => this.#attribute(draft, stored),
      merge: (draft, previous) => this.#merge(draft, previous),
      failed: (draft, error) => this.#failed(draft, error),
      emptied: () => this.#settle(),
    });
    this.#commits = new Commits({
      ...{ events, bus, metrics, log, pressure: this.#pressure },
      committed: (item) => this.#announce(item),
      again: (item, reason) => this.#again(item, reason),
      failed: (item, error) => {
        this.#memory.delete(item.id);
        this.#failed(item, error);
      },
      progressed: () => this.#settle(),
    });
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
    return this.#pressure.saturated;
  }

  get pendingBytes(): number {
    return this.#pressure.bytes;
  }

  get pendingEvents(): number {
    return this.#pressure.events;
  }

  /** Senders must stop now. */
  onSaturated(callback: () => void): () => void {
    return this.#pressure.onSaturated(callback);
  }

  /** Senders may go on. */
  onDrain(callback: () => void): () => void {
    return this.#pressure.onDrain(callback);
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
    this.#expectNamespace(namespace);
    const routine = frame instanceof RoutineFrame;
    if (routine && this.#takeRoutine(frame, size, arrived, settled)) return;
    const { event, parts } = frame;
    const admitted = admit(event, this.#options.rules, namespace);
    if (!routine && admitted === event && isRoutine(event)) frame.learn?.();
    this.#take(admitted, parts, size, arrived, undefined, settled);
  }

  /** False when it cannot go the short way: nothing is remembered or something waits, or it is silenced or too long. */
  #takeRoutine(frame: RoutineFrame, size: number, arrived: number, settled: SettledEvents | undefined): boolean {
    const { entity, status, executed, parts, outputBytes } = frame;
    const { id, key, definition: check } = frame.routine;
    if (this.#parking.has(id)) return false;
    const most = int(check.max_output_size);
    if (most > 0 && outputBytes > most) return false;
    const now = this.#now();
    if (this.#options.silences.names(entity, check, now).length > 0) return false;
    const merged = this.#memory.advance(id, status, executed, check);
    if (!merged) return false;
    const timestamp = frame.timestamp || now;
    const lane = this.#commits.laneOf(key.check);
    const bytes = lane.bytes.assembleRoutine(parts, timestamp, merged);
    const result = new RoutineResult(frame, merged, timestamp, bytes, size, arrived, settled);
    this.#options.metrics.encoded(bytes.length, false);
    this.#pressure.add(size);
    this.#commits.push(lane, result, result);
    return true;
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
    parts: ReceivedParts | undefined,
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
      eventId: event.id,
      size,
      arrived,
      conflicts: 0,
      done,
      settled,
    };
    if (target === "" || !event.check) this.#ownEntity(draft, entity);
    this.#pressure.add(size);
    if (!this.#parking.has(draft.id) && this.#advance(draft)) return;
    draft.parts &&= ownCopy(draft.parts);
    this.#parking.add(draft);
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
      const event = int(draft.event.timestamp) === 0 ? { ...draft.event, timestamp: this.#now() } : draft.event;
      this.#commits.push(this.#commits.laneOf(""), new MergedDraft(draft, event, 0, 0), undefined);
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

  /** One that cannot be merged or written fails alone, whoever waits beside it. */
  #merge(draft: Draft, previous: RememberedResult | undefined): void {
    try {
      this.#mergeWhole(draft, previous);
    } catch (error) {
      this.#memory.delete(draft.id);
      this.#failed(draft, error);
    }
  }

  #mergeWhole(draft: Draft, previous: RememberedResult | undefined): void {
    const known = previous && previous.revision > 0 ? previous : undefined;
    const revision = known?.revision ?? 0;
    const lane = this.#commits.laneOf(draft.key.check);
    const merged = merge(draft, known, this.#options.silences, lane.bytes, this.#now());
    draft.parts = undefined;
    this.#memory.set(draft.id, rememberedResult(merged.check, revision + 1));
    const { columns, bytes, event } = merged;
    this.#options.metrics.encoded(bytes.length, event.metrics !== undefined);
    const item = new MergedDraft(draft, event, revision + 1, known?.ttl ?? 0);
    this.#commits.push(lane, item, { ...draft.key, expected: revision, columns, bytes });
  }

  #again(item: Item, reason: "conflict" | "failure"): void {
    this.#memory.delete(item.id);
    const draft = item.again();
    if (reason === "conflict") draft.conflicts++;
    if (draft.conflicts > MAX_CONFLICTS) {
      this.#failed(draft, new SensuError("conflict", "the event was changed by others again and again"));
      return;
    }
    this.#parking.add(draft);
  }

  #failed({ key, size, eventId, arrived, done, settled }: Taken, error: unknown): void {
    this.#options.metrics.failed(key.check !== "", arrived);
    if (!(error instanceof SensuError && error.code === "unavailable")) settled?.add(eventId);
    if (done) done(error);
    else this.#options.log.error({ error, ...key }, "error handling event");
    this.#pressure.remove(size);
  }

  #announce({ key, committed, previousTtl }: Item): void {
    for (const listener of this.#listeners) {
      try {
        listener(committed, previousTtl);
      } catch (error) {
        this.#options.log.error({ error, ...key }, "error in a commit listener");
      }
    }
  }

  #isIdle(): boolean {
    return this.#commits.idle && this.#parking.idle;
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

/** An agent's own result that goes to the store as it came; a keepalive is none. */
function isRoutine({ entity, check }: Event): boolean {
  if (!entity || !check || entity.entity_class !== "agent" || check.proxy_entity_name !== "") return false;
  return check.metadata.name !== KEEPALIVE && withOwnSubscription(entity) === entity;
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
function ownCopy(parts: ReceivedParts): ReceivedParts {
  return { ...parts, bytes: Buffer.from(parts.bytes) };
}
