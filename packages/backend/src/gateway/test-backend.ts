/** The event path of a backend on a real store in a temporary folder, for tests of the rooms it goes through. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Caller,
  Check,
  type CheckHistory,
  Entity,
  EntityConfig,
  EntityState,
  Event,
  Namespace,
  resourceOf,
  SensuError,
  Silenced,
} from "@sensu-ts/core";
import type { LogFields, Logger } from "@sensu-ts/runtime";
import { type Kv, openSqlite, ResourceCache, ResourceStore } from "@sensu-ts/store";
import { Registry } from "prom-client";
import { Bus } from "../bus/bus.ts";
import type { CommittedEvent } from "../bus/committed-event.ts";
import { Ingest, type IngestOptions } from "../ingest/ingest.ts";
import { IngestMetrics } from "../ingest/ingest-metrics.ts";
import { Deregistration } from "../liveness/deregistration.ts";
import { Liveness } from "../liveness/liveness.ts";
import { LivenessMetrics } from "../liveness/liveness-metrics.ts";
import { Registration } from "../liveness/registration.ts";
import { Entities } from "../state/entities.ts";
import { Silences } from "../state/silences.ts";
import { Gateway, type GatewayOptions } from "./gateway.ts";
import { uncounted } from "./gateway-metrics.ts";
import type { AgentAccess } from "./ports.ts";

export const TYPES = {
  namespace: resourceOf(Namespace),
  config: resourceOf(EntityConfig),
  state: resourceOf(EntityState),
  silenced: resourceOf(Silenced),
};

export const RULES = {
  entity: (value: Entity) => void resourceOf(Entity).validate(value),
  check: () => {},
};

/** User `agent`, password `secret`; user `guest` with the same password has no rights. */
export class TestAccess implements AgentAccess {
  readonly disabled = new Set<string>();
  readonly #listeners = new Set<(username: string) => void>();

  async authenticateBasic(user: string, password: string): Promise<Caller> {
    if (password !== "secret" || !this.currentIdentity(user)) throw new SensuError("unauthenticated");
    return { username: user, groups: [] };
  }

  authorize(caller: Caller): void {
    if (caller.username === "guest") throw new SensuError("denied");
  }

  certificateIdentity(commonName: string): Caller | undefined {
    return this.currentIdentity(commonName);
  }
  currentIdentity(username: string): Caller | undefined {
    return this.disabled.has(username) ? undefined : { username, groups: [] };
  }

  onUserChange(listener: (username: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  disable(username: string): void {
    this.disabled.add(username);
    for (const listener of this.#listeners) listener(username);
  }
}

/** Lines read `level: message`; fields of one go by its number. */
export function linesLog() {
  const lines: string[] = [];
  const fields: LogFields[] = [];
  const at = (level: string) => (given: LogFields, message: string) => {
    lines.push(`${level}: ${message}`);
    fields.push(given);
  };
  const log = {
    ...{ lines, fields, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    component: () => log as Logger,
  };
  return log;
}

const NAMESPACES = ["default", "sensu-system"];

export interface TestClock {
  milliseconds: number;
  now(): number;
  steady?(): number;
}

type GatewayParts = Pick<GatewayOptions, "entities" | "ingest" | "clock" | "log"> & { readonly kv: Kv };

export interface TestBackendOptions {
  readonly folder?: string;
  readonly clock?: TestClock;
  readonly ingest?: Partial<IngestOptions>;
  readonly defaultHandler?: string;
  /** False: events that were `seen` are gone after their publish, as in a real backend. */
  readonly keep?: boolean;
  readonly gateway?: (parts: GatewayParts) => Partial<GatewayOptions>;
}

export async function startTestBackend(options: TestBackendOptions = {}) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "sensu-path-")));
  const sqlite = openSqlite({ folder });
  await sqlite.start();
  const store = new ResourceStore(sqlite.kv);
  for (const name of NAMESPACES) {
    if (!(await store.get(TYPES.namespace, "", name))) await store.put(TYPES.namespace, { name });
  }
  const cache = new ResourceCache(store, [TYPES.config, TYPES.state, TYPES.silenced]);
  await cache.start();
  const clock = options.clock ?? { milliseconds: 0, now: () => Date.now() };
  const log = linesLog();
  const { events } = sqlite;
  const bus = new Bus(log);
  const registry = new Registry();
  const seen: CommittedEvent[] = [];
  bus.listen("event", (event) => {
    if (options.keep !== false) event.keep();
    seen.push(event);
  });
  const entities = new Entities(cache, store, TYPES);
  const silences = new Silences(cache, store, TYPES.silenced, log);
  const namespaces = new Set(NAMESPACES);
  const namespaceExists = (namespace: string) => namespaces.has(namespace);
  const metrics = new IngestMetrics(registry);
  const ingest = new Ingest({
    ...{ events, entities, silences, bus, rules: RULES, namespaceExists, metrics, clock, log },
    ...options.ingest,
  });
  const registration = new Registration(entities, bus, log);
  const deregistration = new Deregistration({
    ...{ entities, events, bus, log, defaultHandler: options.defaultHandler ?? "" },
    forget: (key) => liveness.forget(key),
  });
  const liveness: Liveness = new Liveness({
    ...{ events, entities, ingest, registration, deregistration, clock, log },
    metrics: new LivenessMetrics(registry),
    random: () => 0,
  });
  const access = new TestAccess();
  const gateway = new Gateway({
    ...{
      listen: { host: "127.0.0.1", port: 0 },
      tls: undefined,
      backendId: "b1",
      serveWaitMs: 0,
      writeTimeoutMs: 15_000,
    },
    ...{ access, namespaceExists, entities, ingest, keepalives: liveness, metrics: uncounted, clock, log },
    health: async () => "{}",
    ...options.gateway?.({ kv: sqlite.kv, entities, ingest, clock, log }),
  });
  await ingest.start();
  await liveness.start();
  await liveness.loaded();
  const address = await gateway.start();
  return {
    ...{
      log,
      folder,
      kv: sqlite.kv,
      store,
      cache,
      events,
      bus,
      seen,
      entities,
      ingest,
      liveness,
      gateway,
      access,
      metrics,
      clock,
      namespaces,
    },
    url: `ws://127.0.0.1:${address.port}`,
    /** Keeps the folder. */
    async stop() {
      await gateway.stop();
      await ingest.stop();
      await liveness.stop();
      await cache.stop();
      await sqlite.stop();
    },
    async [Symbol.asyncDispose]() {
      await this.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function agentEntity(name: string, more: Partial<Entity> = {}): Entity {
  const metadata = { ...Entity.create().metadata, name, namespace: "default" };
  return Entity.create({ metadata, entity_class: "agent", subscriptions: ["linux"], ...more });
}

export function checkEvent(
  entity: Entity,
  check: string,
  more: Partial<Check> = {},
  event: Partial<Event> = {},
): Event {
  const metadata = { ...Check.create().metadata, name: check, namespace: "default" };
  return Event.create({ timestamp: 1_700_000_000, entity, check: Check.create({ metadata, ...more }), ...event });
}

export function statuses(history: readonly CheckHistory[] | undefined): readonly number[] {
  return (history ?? []).map((entry) => entry.status);
}

/** Resolves when `probe` gives something; the condition is asked again after each turn of the event loop. */
export async function eventually<T>(probe: () => T | undefined | Promise<T | undefined>, timeoutMs = 5000): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > end) throw new Error("it did not happen in time");
    await new Promise(setImmediate);
  }
}
