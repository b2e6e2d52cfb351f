/**
 * Who is late: agents that send no keepalive and checks whose results stop (P-70 to P-73, P-85 to P-99). A deadline is
 * part of the stored event (its time plus its timeout), so it is as durable as the event, costs no write of its own,
 * and is found again at start by reading the events.
 */
import { randomUUID } from "node:crypto";
import {
  aliveEvent,
  type Entity,
  type Event,
  int,
  KEEPALIVE,
  keepaliveTimeout,
  parseUuid,
  SensuError,
  silentEvent,
  ttlFailureEvent,
} from "@sensu-ts/core";
import type { Clock, Logger } from "@sensu-ts/runtime";
import { type EventKey, type EventStore, joinEventKey } from "@sensu-ts/store";
import type { CommittedEvent } from "../bus/committed-event.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { Entities } from "../state/entities.ts";
import { decodeStored } from "../state/stored-event.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";
import type { Deregistration } from "./deregistration.ts";
import type { LivenessMetrics } from "./liveness-metrics.ts";
import type { Registration } from "./registration.ts";
import { storedDeadline } from "./stored-deadline.ts";

export interface LivenessOptions {
  readonly events: EventStore;
  readonly entities: Entities;
  readonly ingest: Ingest;
  readonly registration: Registration;
  readonly deregistration: Deregistration;
  readonly clock: Clock;
  /** 0 to 1; spreads what was overdue at start. */
  readonly random: () => number;
  readonly metrics: LivenessMetrics;
  readonly log: Logger;
}

interface Watched {
  readonly key: EventKey;
  /** Seconds. */
  readonly timeout: number;
  /** Of a keepalive: the agent is known to be silent. */
  readonly silent: boolean;
}

/** What the original's clocks take as shortest (P-87, P-91). Seconds. */
const SHORTEST = 5;
/** Grace after our own downtime, at most (P-95). Seconds. */
const LONGEST_GRACE = 120;
const SWEEP_MS = 250;
const STATES_MS = 500;
/** States written in one transaction. */
const STATES_AT_ONCE = 500;
/** Deadlines acted on at the same time. */
const LANES = 32;
const RETRY_MS = 1000;
/** Shorter times without reading from agents are ordinary back-pressure. */
const STALLED_MS = 1000;
const PAGE = 500;
/** In the place of the entity: the deadline of a whole ring, which is only logged (P-71). No entity has no name. */
const RING = "";

export class Liveness {
  readonly #options: LivenessOptions;
  readonly #deadlines = new Deadlines<Watched>();
  /** States to write, the newest of each entity. */
  #states = new Map<string, Entity>();
  #writing: Promise<void> | undefined;
  #sweeping: Promise<void> | undefined;
  #loading: Promise<void> | undefined;
  #timers: NodeJS.Timeout[] = [];
  #unsubscribe: (() => void)[] = [];
  #started = false;
  /**
   * Milliseconds by which deadlines are behind the clock: agents could not be heard because too much waited here or the
   * machine slept, or somebody set the clock.
   */
  #lost = 0;
  /** Clock and steady time of the last sweep. */
  #swept: { readonly now: number; readonly steady: number } | undefined;
  /** Since when they cannot be heard now. */
  #deafSince: number | undefined;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  /** Reads the stored deadlines in the background. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const { ingest } = this.#options;
    this.#unsubscribe = [
      ingest.onCommit((committed, ttl) => this.#committed(committed, ttl)),
      ingest.onSaturated(() => {
        this.#deafSince = this.#options.clock.now();
      }),
      ingest.onDrain(() => this.#heardAgain()),
    ];
    this.#loading = this.#load();
    this.#timers = [
      setInterval(() => void this.sweep(), SWEEP_MS),
      setInterval(() => void this.#writeStates(), STATES_MS),
    ];
  }

  async stop(): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    for (const timer of this.#timers) clearInterval(timer);
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
    await Promise.all([this.#loading, this.#sweeping]);
    await this.#writeStates();
  }

  /** Resolves when the stored deadlines are known. */
  async loaded(): Promise<void> {
    await this.#loading;
  }

  /** Agents whose last keepalive is in time; for rings (P-35). */
  isAlive(namespace: string, entity: string): boolean {
    const watched = this.#deadlines.get(joinEventKey({ namespace, entity, check: KEEPALIVE }))?.value;
    return watched !== undefined && !watched.silent;
  }

  /** Nothing of this event is due any more (P-75). */
  forget(key: EventKey): void {
    this.#deadlines.delete(joinEventKey(key));
    this.#options.ingest.forget(key);
  }

  /** Entity and events go, handlers are told (P-98). */
  async deregister(namespace: string, name: string): Promise<void> {
    const entity = await this.#options.entities.read(namespace, name);
    if (!entity) throw new SensuError("notFound");
    await this.#options.deregistration.deregister(entity, this.#now());
    this.forget({ namespace, entity: name, check: KEEPALIVE });
  }

  /**
   * A keepalive message (P-86). Throws `invalid`. Returns the event to store at once when the entity is known, else a
   * promise of it.
   */
  keepalive(event: Event): Event | Promise<Event> {
    const entity = event.entity;
    if (!entity) throw new SensuError("invalid", "event must contain an entity");
    if (int(event.timestamp) === 0) throw new SensuError("invalid", "keepalive contains invalid timestamp");
    if (keepaliveTimeout(event.check) < SHORTEST) {
      throw new SensuError("invalid", `keepalive timeout of less than ${SHORTEST} seconds`);
    }
    const seen: Entity = { ...entity, last_seen: event.timestamp };
    this.#states.set(`${entity.metadata.namespace}/${entity.metadata.name}`, seen);
    const alive = aliveEvent(event, seen, { now: this.#now(), id: parseUuid(randomUUID()) });
    const { registration, metrics } = this.#options;
    metrics.alive++;
    if (registration.known(event, entity)) return alive;
    return registration.register(event, seen, this.#now()).then(() => alive);
  }

  /**
   * An event of the API. A keepalive is stored as it came and then heard as if its entity had sent it, whatever its
   * status says (P-47, P-96).
   */
  async submit(event: Event, given: { readonly createdBy?: string } = {}): Promise<void> {
    const { ingest, log } = this.#options;
    await ingest.submit(event, given);
    const { check, entity } = event;
    if (check?.metadata.name !== KEEPALIVE || !entity) return;
    const timestamp = int(event.timestamp) === 0 ? this.#now() : event.timestamp;
    try {
      await ingest.submit(await this.keepalive({ ...event, entity: { ...entity, last_seen: timestamp }, timestamp }));
    } catch (error) {
      const { namespace, name } = entity.metadata;
      log.error({ error, namespace, entity: name }, "error handling a keepalive of the API");
    }
  }

  /** Acts on what is due. One sweep at a time; called by a timer. */
  sweep(): Promise<void> {
    this.#noteClock();
    if (this.#deafFor() >= STALLED_MS) return Promise.resolve();
    this.#sweeping ??= this.#act(this.#deadlines.take(this.#deadlineClock())).finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  /** A clock that was set, or a machine that slept, makes nobody silent. */
  #noteClock(): void {
    const { clock, log } = this.#options;
    const steady = clock.steady?.();
    if (steady === undefined) return;
    const now = clock.now();
    const before = this.#swept;
    this.#swept = { now, steady };
    if (before === undefined) return;
    const jump = now - before.now - (steady - before.steady);
    if (Math.abs(jump) < STALLED_MS) return;
    this.#lost += jump;
    // What could not be heard meanwhile is counted from now on.
    if (this.#deafSince !== undefined) this.#deafSince += jump;
    log.warn(
      { seconds: Math.round(jump / 1000) },
      "the clock was set or the machine slept; deadlines go on from there",
    );
  }

  /** Our failure is never the agents': time in which their messages were not read is no silence of theirs. */
  #deadlineClock(): number {
    return this.#options.clock.now() - this.#lost;
  }

  #deafFor(): number {
    return this.#deafSince === undefined ? 0 : this.#options.clock.now() - this.#deafSince;
  }

  #heardAgain(): void {
    const deaf = this.#deafFor();
    this.#deafSince = undefined;
    if (deaf < STALLED_MS) return;
    this.#lost += deaf;
    this.#options.log.warn({ seconds: Math.round(deaf / 1000) }, "agents could not be heard; deadlines stood still");
  }

  #now(): number {
    return Math.floor(this.#options.clock.now() / 1000);
  }

  #committed(committed: CommittedEvent, previousTtl: number): void {
    const { namespace, entity: name, check, definition, status } = committed;
    if (!definition) return;
    const key = { namespace, entity: name, check };
    if (check === KEEPALIVE) {
      this.#watch(key, keepaliveTimeout(definition), status !== 0);
      // Those of agents are noted when they come in; these came through the API (P-96).
      const { entity } = committed.event;
      if (entity && entity.entity_class !== "agent" && status === 0) this.#states.set(`${namespace}/${name}`, entity);
      return;
    }
    const ttl = int(definition.ttl);
    if (ttl === 0 && previousTtl === 0) return;
    // P-71: a round-robin result speaks for no single agent.
    const ring = definition.round_robin && committed.event.entity?.entity_class !== "proxy";
    const { metrics } = this.#options;
    const began = performance.now();
    const of = ring ? { ...key, entity: RING } : key;
    if (ttl > 0) {
      this.#watch(of, ttl, false);
      metrics.armed(began);
    } else {
      this.#deadlines.delete(joinEventKey(of));
      metrics.buried(began);
    }
  }

  #watch(key: EventKey, timeout: number, silent: boolean): void {
    const seconds = Math.max(timeout, SHORTEST);
    this.#deadlines.set(joinEventKey(key), { key, timeout: seconds, silent }, this.#deadlineClock() + seconds * 1000);
  }

  async #act(due: readonly Deadline<Watched>[]): Promise<void> {
    let next = 0;
    const lane = async () => {
      for (let deadline = due[next++]; deadline; deadline = due[next++]) await this.#overdue(deadline);
    };
    await Promise.all(Array.from({ length: Math.min(LANES, due.length) }, lane));
  }

  /** Never rejects: what failed is tried again soon. */
  async #overdue(deadline: Deadline<Watched>): Promise<void> {
    const { key, timeout } = deadline.value;
    const { generation } = deadline;
    if (key.entity === RING) {
      this.#options.log.warn({ namespace: key.namespace, check: key.check }, "round robin check ttl not supported");
      this.#deadlines.delete(deadline.id);
      return;
    }
    const untouched = () => this.#deadlines.get(deadline.id)?.generation === generation;
    try {
      const failure = key.check === KEEPALIVE ? await this.#silence(key, untouched) : await this.#staleness(key);
      if (!untouched()) return;
      if (failure === "forget") this.#deadlines.delete(deadline.id);
      else if (failure === "later")
        this.#deadlines.set(deadline.id, deadline.value, this.#deadlineClock() + timeout * 1000);
      else await this.#options.ingest.submit(failure);
    } catch (error) {
      this.#options.log.error({ error, ...key }, "error acting on a deadline; trying again");
      if (untouched()) this.#deadlines.set(deadline.id, deadline.value, this.#deadlineClock() + RETRY_MS);
    }
  }

  /** P-92. */
  async #silence(key: EventKey, untouched: () => boolean): Promise<Event | "forget" | "later"> {
    const { entities, events, deregistration, metrics } = this.#options;
    metrics.dead++;
    const stored = await events.get(key);
    if (!stored) return "forget";
    const last = decodeStored(stored);
    const begun = last.entity?.deregister ? last.entity : undefined;
    const entity = (await entities.read(key.namespace, key.entity)) ?? begun;
    if (!entity) return "forget";
    const seen = Math.max(int(entity.last_seen), int(last.entity?.last_seen ?? 0));
    if (entity.deregister) {
      if (!untouched()) return "later";
      await deregistration.deregister(entity, this.#now());
      return "forget";
    }
    const moment = { now: this.#now(), id: parseUuid(randomUUID()) };
    return silentEvent(last, { ...(last.entity ?? entity), last_seen: seen }, moment) ?? "later";
  }

  /** P-72. */
  async #staleness(key: EventKey): Promise<Event | "forget" | "later"> {
    const { entities, events } = this.#options;
    const known = entities.config(key.namespace, key.entity) ?? (await entities.read(key.namespace, key.entity));
    if (!known) return "forget";
    const [stored, keepalive] = await events.getMany([key, { ...key, check: KEEPALIVE }]);
    if (!stored || (keepalive && keepalive.columns.status > 0)) return "forget";
    return ttlFailureEvent(decodeStored(stored), this.#now());
  }

  /** P-95: our own downtime raises no alarm, so everything gets a grace in which it can be heard of. */
  async #load(): Promise<void> {
    const began = this.#deadlineClock();
    try {
      for await (const page of this.#options.events.scan(PAGE)) {
        for (const stored of page) this.#restore(stored, began);
        if (!this.#started) return;
      }
    } catch (error) {
      this.#options.log.error({ error }, "error reading stored deadlines; trying again");
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      if (this.#started) await this.#load();
    }
  }

  #restore(stored: Parameters<typeof storedDeadline>[0], began: number): void {
    const { namespace, entity, check } = stored;
    const key = { namespace, entity, check };
    const id = joinEventKey(key);
    if (this.#deadlines.get(id)) return;
    try {
      const found = storedDeadline(stored);
      if (!found) return;
      const grace = Math.min(found.timeout, LONGEST_GRACE) * 1000;
      const written = Math.min(stored.columns.timestamp * 1000, began);
      const due = Math.max(written + found.timeout * 1000, began + grace + grace * 0.1 * this.#options.random());
      const silent = check === KEEPALIVE && stored.columns.status > 0;
      this.#deadlines.set(id, { key, timeout: Math.max(found.timeout, SHORTEST), silent }, due);
    } catch (error) {
      this.#options.log.error({ error, ...key }, "stored event is damaged; its deadline is lost");
    }
  }

  /** The agents' halves of their entities, a batch at a time; those that cannot be written come again. */
  #writeStates(): Promise<void> {
    this.#writing ??= this.#writeAllStates().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAllStates(): Promise<void> {
    const states = this.#states;
    this.#states = new Map();
    const byNamespace = Map.groupBy(states.values(), (entity) => entity.metadata.namespace);
    for (const [namespace, entities] of byNamespace) {
      for (let i = 0; i < entities.length; i += STATES_AT_ONCE) {
        const some = entities.slice(i, i + STATES_AT_ONCE);
        try {
          await this.#options.entities.saveStates(some);
        } catch (error) {
          this.#options.log.error({ error, namespace }, "error storing entity states");
          if (!(error instanceof SensuError) || error.code !== "unavailable") continue;
          for (const entity of some) {
            const id = `${namespace}/${entity.metadata.name}`;
            if (!this.#states.has(id)) this.#states.set(id, entity);
          }
        }
      }
    }
  }
}
