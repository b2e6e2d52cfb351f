/**
 * The only place that makes parts: one straight function from options to a backend that can start and stop. Long because
 * the order of all parts is to be read in one piece; the files `compose-*` make what is one part's own affair.
 */
import { mkdirSync } from "node:fs";
import {
  type Check,
  Entity,
  EntityConfig,
  EntityState,
  Namespace,
  RESOURCE_TYPES,
  resourceOf,
  Silenced,
  User,
  validateCheck,
} from "@sensu-ts/core";
import { type Logger, Sandbox, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import { openSqlite, ResourceCache, ResourceStore } from "@sensu-ts/store";
import { createAccess, isInitialized } from "../access/mod.ts";
import { createActions, NAMESPACE_TYPES } from "../actions/actions.ts";
import { ensureNamespace } from "../actions/namespaces.ts";
import { Bus } from "../bus/bus.ts";
import { certificateStatesJson } from "../gateway/certificate-states.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { createGatewayMetrics } from "../gateway/gateway-metrics.ts";
import { Ingest } from "../ingest/ingest.ts";
import { IngestMetrics } from "../ingest/ingest-metrics.ts";
import { Deregistration } from "../liveness/deregistration.ts";
import { Liveness } from "../liveness/liveness.ts";
import { LivenessMetrics } from "../liveness/liveness-metrics.ts";
import { Registration } from "../liveness/registration.ts";
import { createBusMetrics, registerQueueMetrics } from "../observe/bus-metrics.ts";
import { Certificates } from "../observe/certificates.ts";
import { healthBody } from "../observe/health.ts";
import { createRegistry } from "../observe/metrics.ts";
import {
  cachedDefinitions as cachedPipelineDefinitions,
  createPipelineMetrics,
  handlerEnvironment,
  Pipelines,
  PipelineTrace,
  sandboxScripts,
} from "../pipeline/mod.ts";
import { cachedDefinitions } from "../schedule/cached-definitions.ts";
import { registerSchedulerMetrics, Scheduler, sandboxMatcher } from "../schedule/mod.ts";
import { Entities } from "../state/entities.ts";
import { Silences } from "../state/silences.ts";
import type { Ui } from "../ui/mod.ts";
import { builtinCluster } from "./builtin-cluster.ts";
import { certificatesInUse, filesBesideListeners } from "./certificates/certificates-in-use.ts";
import { JwtKeys } from "./certificates/jwt-keys.ts";
import { warnOfOwnNames } from "./certificates/own-names.ts";
import { tlsSources } from "./certificates/tls-sources.ts";
import { composeApi, startApi } from "./compose-api.ts";
import { composeGateway } from "./compose-gateway.ts";
import { startAuditLog, startEventLog, startPlatformMetrics, startProfiler } from "./compose-observe.ts";
import { composePage, startPage } from "./compose-page.ts";
import type { Configuration } from "./configuration.ts";
import { ControlSocket } from "./control.ts";
import { initRoute } from "./control-init.ts";
import { filterEvents } from "./filter-events.ts";
import { Lifecycle } from "./lifecycle.ts";
import { announce, warnOfDefaultPassword } from "./listeners.ts";
import type { BackendOptions } from "./options.ts";
import { ownEntity, SYSTEM_NAMESPACE, saveOwnEntity } from "./own-entity.ts";
import { refuseEtcdData, storeFolder } from "./store-folder.ts";
import { VERSION } from "./version.ts";
import { webSettings } from "./web-settings.ts";

export interface Backend {
  /** Rejects with what forbids the start; nothing is left running then. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Reads certificates and keys anew (S-163), opens logs anew (B-541, B-550). */
  reload(): Promise<void>;
}

const TYPES = {
  namespace: resourceOf(Namespace),
  entity: resourceOf(Entity),
  config: resourceOf(EntityConfig),
  state: resourceOf(EntityState),
  silenced: resourceOf(Silenced),
  user: resourceOf(User),
};

/** What events name must hold before they are taken (P-49). */
const EVENT_RULES = {
  entity: (value: Entity) => void TYPES.entity.validate(value),
  check: (value: Check) => void validateCheck(value),
};

export function composeBackend({ options }: Configuration, log: Logger): Backend {
  const lifecycle = new Lifecycle(log);
  return {
    async start() {
      try {
        await startParts(options, log, lifecycle);
      } catch (error) {
        // What failed between two parts leaves those before it running, and the process with them.
        await lifecycle.stop();
        throw error;
      }
    },
    stop: () => lifecycle.stop(),
    reload: () => lifecycle.reload(),
  };
}

async function startParts(options: BackendOptions, log: Logger, lifecycle: Lifecycle): Promise<void> {
  const clock = SYSTEM_CLOCK;
  // First: a wrong pair ends the start before anything else is touched.
  const tlsLog = log.component("tls");
  const tls = tlsSources(options, tlsLog);
  await lifecycle.start("tls", tls.start, tls.stop, tls.reload);
  refuseEtcdData(options);
  mkdirSync(options["state-dir"], { recursive: true, mode: 0o700 });

  // Store and what is read from it.
  const storeLog = log.component("store");
  const sqlite = openSqlite({
    folder: storeFolder(options["state-dir"]),
    log: (level, message, fields = {}) => storeLog[level](fields, message),
  });
  const { kv, events } = sqlite;
  await lifecycle.start(
    "store",
    () => sqlite.start(),
    () => sqlite.stop(),
  );
  const store = new ResourceStore(kv);
  await ensureNamespace(store, NAMESPACE_TYPES, SYSTEM_NAMESPACE);
  const backendEntity = await ownEntity(options);
  await saveOwnEntity(store, backendEntity);
  const cached = RESOURCE_TYPES.filter((type) => !["Entity", "Event", "TessenConfig"].includes(type.name));
  const cache = new ResourceCache(store, cached, (level, message, fields = {}) => storeLog[level](fields, message));
  await lifecycle.start(
    "cache",
    () => cache.start(),
    () => cache.stop(),
  );
  const namespaceExists = (namespace: string) => cache.get(TYPES.namespace, "", namespace) !== undefined;
  const cluster = await builtinCluster(kv, options["etcd-name"], () => sqlite.trouble());

  const registry = createRegistry({ version: VERSION, commit: "" });
  const jwtKeys = new JwtKeys({
    privateFile: options["jwt-private-key-file"],
    publicFile: options["jwt-public-key-file"],
    strictPermissions: options["strict-permissions"],
    log: log.component("authentication"),
  });
  const access = createAccess({
    kv,
    cache,
    log: log.component("authentication"),
    keyPair: jwtKeys.read(),
    accessSeconds: options["access-token-expiry"] / 1000,
    refreshSeconds: options["refresh-token-expiry"] / 1000,
    audit: await startAuditLog(options, lifecycle, log),
  });
  await lifecycle.start(
    "access",
    () => access.start(),
    () => access.stop(),
  );
  await lifecycle.start(
    "token keys",
    () => jwtKeys.start((pair) => access.tokens.useKeyPair(pair)),
    () => jwtKeys.stop(),
    () => jwtKeys.reload(),
  );

  // The way of an event: ingest, state, bus, pipelines.
  const bus = new Bus(log.component("bus"), createBusMetrics(registry).published);
  const entities = new Entities(cache, store, TYPES);
  const silences = new Silences(cache, store, TYPES.silenced, log.component("eventd"));
  const ingestMetrics = new IngestMetrics(registry);
  const ingest = new Ingest({
    ...{ events, entities, silences, bus, namespaceExists, clock },
    rules: EVENT_RULES,
    metrics: ingestMetrics,
    log: log.component("eventd"),
  });
  ingestMetrics.register(registry, {
    pendingEvents: () => ingest.pendingEvents,
    pendingBytes: () => ingest.pendingBytes + gateway.waitingBytes,
  });
  registerQueueMetrics(registry, { depths: () => bus.depths(), waitingFrames: () => gateway.waitingFrames });
  const keepaliveLog = log.component("keepalived");
  const deregistration: Deregistration = new Deregistration({
    ...{ entities, events, bus, log: keepaliveLog },
    defaultHandler: options["deregistration-handler"],
    forget: (key) => liveness.forget(key),
  });
  const liveness: Liveness = new Liveness({
    ...{ events, entities, ingest, deregistration, clock, log: keepaliveLog },
    registration: new Registration(entities, bus, keepaliveLog),
    metrics: new LivenessMetrics(registry),
    random: Math.random,
  });
  const sandbox = new Sandbox();
  await lifecycle.start(
    "sandbox",
    () => sandbox.start(),
    () => sandbox.stop(),
  );
  const trace = new PipelineTrace();
  const pipelines = new Pipelines({
    ...{ bus, trace, clock },
    definitions: cachedPipelineDefinitions(cache),
    scripts: sandboxScripts(sandbox, filterEvents(events, access)),
    metrics: createPipelineMetrics(registry),
    workers: options["pipelined-workers"],
    bufferSize: options["pipelined-buffer-size"],
    environment: handlerEnvironment(process.env, options["handler-env-passthrough"]),
    log: log.component("pipelined"),
  });
  await startEventLog(options, lifecycle, bus, log.component("eventd"));
  await lifecycle.start(
    "pipelined",
    () => pipelines.start(),
    () => pipelines.stop(),
  );
  await lifecycle.start(
    "eventd",
    () => ingest.start(),
    () => ingest.stop(),
  );
  await lifecycle.start(
    "keepalived",
    () => liveness.start(),
    () => liveness.stop(),
  );

  const settings = webSettings(cache, namespaceExists, log);
  const certificates = new Certificates({
    current: certificatesInUse(options, tls, tlsLog),
    files: () => filesBesideListeners(options),
    submit: (event) => ingest.submit(event),
    entity: backendEntity,
    namespace: () => settings.certificates().eventsNamespace,
    ...{ registry, clock, log: tlsLog },
  });
  await lifecycle.start(
    "certificates",
    () => certificates.start(),
    () => certificates.stop(),
    async () => certificates.look(),
  );
  for (const source of [...tls.all, settings]) source.onChange(() => certificates.look());
  warnOfOwnNames(options, tls, log);
  const health = (timeoutMs: number) =>
    healthBody(cluster, timeoutMs, {
      Certificates: certificates.health(),
      ...(tls.peers ? { AgentCertificates: certificateStatesJson(gateway.certificateStates()) } : {}),
    });

  // Requests out to agents.
  const gateway: Gateway = composeGateway(options, tls, {
    ...{ access, namespaceExists, kv, events, entities, ingest, clock, keepalives: liveness },
    metrics: createGatewayMetrics(registry, () => gateway),
    health,
    log: log.component("agentd"),
  });
  const scheduler = new Scheduler({
    definitions: cachedDefinitions(cache),
    publisher: gateway,
    members: {
      members: (namespace, subscription) =>
        gateway.members(namespace, subscription).filter((name) => liveness.isAlive(namespace, name)),
    },
    matcher: sandboxMatcher(sandbox, log.component("schedulerd")),
    clock,
    hostZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    log: log.component("schedulerd"),
  });
  registerSchedulerMetrics(registry, scheduler);
  await lifecycle.start(
    "schedulerd",
    () => scheduler.start(),
    () => scheduler.stop(),
  );

  await startPlatformMetrics(options, lifecycle, registry, log);
  await startProfiler(options, lifecycle, log);

  // What people and programs ask.
  const actions = createActions({
    ...{ kv, store, events, access },
    intake: liveness,
    deadlines: liveness,
    notices: { deleted: (key) => void bus.publish("eventDeleted", key) },
    runner: scheduler,
    scripts: sandbox,
    cluster: { view: cluster },
    escalationCheck: options["rbac-escalation-check"],
    silences: {
      defaultExpiry: options["default-silenced-expiry-time"] / 1000,
      maxExpiry: options["max-silenced-expiry-time-allowed"] / 1000,
    },
  });
  const apiLog = log.component("apid");
  const api = composeApi(options, tls, {
    ...{ access, actions, registry, health, clock, log: apiLog },
    countEntities: () => cache.count(TYPES.config),
    pageApi: (request, response) => ui.uiApi(request, response),
  });
  const ui: Ui = composePage(options, tls, {
    ...{ access, cache, types: TYPES, events, bus, traces: trace, schedule: scheduler, gateway, settings, clock },
    apiHandler: (request, response) => api.routing(request, response),
    onError: (error) => apiLog.error({ error }, "request of the page failed"),
  });
  const control = new ControlSocket(options["state-dir"], {
    "/init": initRoute({ kv, bcrypt: access.bcrypt, log: log.component("backend.seeds"), follower: cache }),
    "/sign-in-link": async (body) => ({ status: 200, body: ui.signinLink(String(body["username"])) }),
  });
  await lifecycle.start(
    "control socket",
    () => control.start(),
    () => control.stop(),
  );
  await startApi(options, tls, { api, lifecycle, log: apiLog });
  await startPage(options, tls, { ui, lifecycle, clock, log: log.component("dashboardd") });
  // Agents last: they meet a complete backend (B-706).
  await lifecycle.start(
    "agentd",
    async () => {
      const bound = await gateway.start();
      const agentLog = log.component("agentd");
      announce(agentLog, {
        name: "agentd",
        bound,
        tls: tls.agents,
        schemes: ["ws", "wss"],
        insecureOk: options["insecure-ok"],
      });
      const agent = options["agent-auth-cert-file"] === "" ? cache.get(TYPES.user, "", "agent") : undefined;
      await warnOfDefaultPassword(agentLog, {
        hash: agent && !agent.disabled ? agent.password_hash || agent.password : "",
        matches: (password, hash) => access.bcrypt.matches(password, hash),
        bound,
      });
    },
    () => gateway.stop(),
  );
  if (!(await isInitialized(kv))) {
    log.warn(
      {},
      "the store is not initialized, nobody can sign in: run sensu-backend init with SENSU_BACKEND_CLUSTER_ADMIN_USERNAME and SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD",
    );
  }
}
