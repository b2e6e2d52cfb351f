/**
 * Every option of `sensu-backend start` (B 4): one row each. Flags, environment, file, help and the warning about an
 * option without effect derive from these tables.
 */
import { defineOptions, type ResolvedOptions } from "@sensu-ts/core";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const general = defineOptions([
  {
    name: "config-file",
    type: "string",
    default: "/etc/sensu/backend.yml",
    short: "c",
    help: "path to sensu-backend config file",
    sources: ["flag", "env"],
  },
  {
    name: "state-dir",
    type: "string",
    default: "/var/lib/sensu/sensu-backend",
    short: "d",
    help: "path to sensu state storage",
  },
  {
    name: "log-level",
    type: "string",
    default: "warn",
    help: "logging level [panic, fatal, error, warn, info, debug, trace]",
  },
  {
    name: "log-millisecond-timestamps",
    type: "bool",
    default: false,
    help: "use millisecond precision in log timestamps",
  },
  { name: "labels", type: "map", default: {}, help: "labels of the backend's own entity" },
  { name: "annotations", type: "map", default: {}, help: "annotations of the backend's own entity" },
  {
    name: "deregistration-handler",
    type: "string",
    default: "",
    help: "handler of deregistration events of agents that name none",
  },
  {
    name: "default-silenced-expiry-time",
    type: "duration",
    default: 0,
    help: "expiry of silences that set none (0 = none)",
  },
  {
    name: "max-silenced-expiry-time-allowed",
    type: "duration",
    default: 0,
    help: "longest expiry a silence may have (0 = any)",
  },
  { name: "access-token-expiry", type: "duration", default: 5 * MINUTE, help: "lifetime of access tokens" },
  { name: "refresh-token-expiry", type: "duration", default: 720 * MINUTE, help: "lifetime of refresh tokens" },

  { name: "api-listen-address", type: "string", default: "[::]:8080", help: "address the API listens on" },
  {
    name: "api-url",
    type: "string",
    default: "http://localhost:8080",
    help: "URL under which others reach this backend's API",
  },
  {
    name: "api-auth-trusted-ca-file",
    type: "string",
    default: "",
    help: "CAs of the certificates that everybody must show to the API, besides the login (empty = none is asked for)",
    since: "0.1.0",
  },
  { name: "api-request-limit", type: "uint", default: 512_000, help: "largest request body the API takes, in bytes" },
  { name: "api-write-timeout", type: "duration", default: 15 * SECOND, help: "time the API has to write an answer" },
  {
    name: "api-serve-wait-time",
    type: "duration",
    default: 0,
    help: "time after the start during which the API answers 503",
  },

  { name: "agent-host", type: "string", default: "[::]", help: "host the agent listener binds to" },
  { name: "agent-port", type: "uint", default: 8081, help: "port the agent listener binds to" },
  {
    name: "agent-write-timeout",
    type: "uint",
    default: 15,
    help: "seconds the agent listener has to write an answer or to process one message",
  },
  {
    name: "agent-serve-wait-time",
    type: "duration",
    default: 0,
    help: "time after the start during which agents are answered 503",
    env: ["SENSU_BACKEND_AGENT_LISTEN_WAIT_TIME"],
  },

  { name: "agent-rate-limit", type: "uint", default: 0, help: "new agent sessions per second (0 = any number)" },
  {
    name: "agent-burst-limit",
    type: "uint",
    default: 0,
    help: "new agent sessions at once under agent-rate-limit (0 = one second's)",
  },
  {
    name: "agent-websocket-accept-hash",
    type: "string",
    default: "sha1",
    help: "proof of the WebSocket handshake [sha1, sha256]; sha256 for agents of 6.14.0 and FIPS builds",
  },
  {
    name: "agent-auth-cert-file",
    type: "string",
    default: "",
    help: "TLS certificate (chain, leaf first) of the agent listener; with its key, agents must show certificates",
  },
  { name: "agent-auth-key-file", type: "string", default: "", help: "key of the agent listener's certificate" },
  {
    name: "agent-auth-trusted-ca-file",
    type: "string",
    default: "",
    help: "CAs of the agents' certificates (empty = those of the system)",
  },
  {
    name: "agent-auth-crl-urls",
    type: "strings",
    default: [],
    help: "revocation lists for agents' certificates: http, https and file URLs, paths",
  },
  {
    name: "agent-auth-crl-refresh-interval",
    type: "duration",
    default: 10 * MINUTE,
    help: "time after which a revocation list is fetched again at the latest",
  },
  {
    name: "agent-auth-crl-hard-fail",
    type: "bool",
    default: false,
    help: "refuse all agents while a revocation list cannot be had",
  },
  {
    name: "agent-auth-strict-handshake",
    type: "bool",
    default: false,
    help: "refuse bad certificates with a TLS alert in the handshake, without the answer that says why",
  },
  {
    name: "enable-cert-revocation-check",
    type: "bool",
    default: true,
    help: "ask the revocation lists and OCSP responders that agents' certificates name",
  },
  {
    name: "agent-cert-expiry-warning",
    type: "duration",
    default: 30 * DAY,
    help: "rest of an agent certificate's validity from which its event warns (0 = never)",
  },
  {
    name: "agent-cert-expiry-critical",
    type: "duration",
    default: 7 * DAY,
    help: "rest of an agent certificate's validity from which its event is critical (0 = never)",
  },

  {
    name: "cert-file",
    type: "string",
    default: "",
    help: "TLS certificate (chain, leaf first) of API, agent listener and web UI",
  },
  { name: "key-file", type: "string", default: "", help: "key of the TLS certificate" },
  {
    name: "strict-permissions",
    type: "bool",
    default: false,
    help: "refuse a private key that everybody on the host can read, instead of warning",
  },
  { name: "insecure-ok", type: "bool", default: false, help: "no warning about plaintext listeners beyond loopback" },
  { name: "jwt-private-key-file", type: "string", default: "", help: "PEM EC private key that signs tokens" },
  { name: "jwt-public-key-file", type: "string", default: "", help: "PEM EC public key that verifies tokens" },

  { name: "dashboard-host", type: "string", default: "[::]", help: "host the web UI binds to" },
  {
    name: "dashboard-base-path",
    type: "string",
    default: "/",
    help: "path below which browsers see the web UI, for a proxy that serves other things too",
    since: "0.1.0",
  },
  { name: "dashboard-port", type: "uint", default: 3000, help: "port the web UI binds to" },
  {
    name: "dashboard-cert-file",
    type: "string",
    default: "",
    help: "TLS certificate of the web UI, instead of cert-file",
  },
  {
    name: "dashboard-auth-trusted-ca-file",
    type: "string",
    default: "",
    help: "CAs of the certificates that browsers must show to the web UI, besides the login (empty = none is asked for)",
    since: "0.1.0",
  },
  { name: "dashboard-key-file", type: "string", default: "", help: "key of the web UI's certificate" },
  {
    name: "dashboard-write-timeout",
    type: "duration",
    default: 15 * SECOND,
    help: "time the web UI has to write an answer",
  },

  { name: "pipelined-workers", type: "uint", default: 100, help: "events whose pipelines run at the same time" },
  { name: "pipelined-buffer-size", type: "uint", default: 1000, help: "events waiting for their pipelines" },
  {
    name: "handler-env-passthrough",
    type: "string",
    default: "filtered",
    help: "what handlers and mutators inherit of this process's environment [filtered, all]: without or with passwords",
  },

  {
    name: "rbac-escalation-check",
    type: "bool",
    default: false,
    help: "let nobody grant by roles and bindings what they may not do themselves",
  },
  {
    name: "audit-log-file",
    type: "string",
    default: "",
    help: "file that gets every change by a person or program, and every refusal, as a line of JSON (empty: none)",
  },
  {
    name: "event-log-file",
    type: "string",
    default: "",
    help: "file that gets every processed event as a line of JSON (empty: none)",
  },
  { name: "event-log-buffer-size", type: "uint", default: 100_000, help: "events the event log keeps in memory" },
  {
    name: "event-log-buffer-wait",
    type: "duration",
    default: 10,
    help: "wait when that is full, before the oldest event is dropped",
  },
  {
    name: "event-log-parallel-encoders",
    type: "bool",
    default: false,
    help: "more than one encoder for the event log; the order of its lines is then not that of the events",
  },
  { name: "disable-platform-metrics", type: "bool", default: false, help: "write no platform metrics log" },
  {
    name: "platform-metrics-logging-interval",
    type: "duration",
    default: MINUTE,
    countsSeconds: true,
    help: "time between two samples of the platform metrics log",
  },
  {
    name: "platform-metrics-log-file",
    type: "string",
    default: "/var/log/sensu/backend-stats.log",
    help: "file of the platform metrics log (InfluxDB line protocol)",
  },

  { name: "debug", type: "bool", default: false, help: "profiling listener on 127.0.0.1:6060" },

  { name: "etcd-name", type: "string", default: "default", group: "Store", help: "name of this cluster member" },
  {
    name: "embedded-store",
    type: "string",
    default: "auto",
    group: "Store",
    help: "store engine [auto, builtin]; this version has the builtin one",
  },
]);

const ETCD = { group: "Store", help: "etcd setting; the builtin store does not need it" } as const;

/** Accepted so that existing files keep working; each one given is named in one warning (B-105, B-1110). */
const withoutEffect = defineOptions([
  // Assets on the backend (P 7) are not in this version.
  { name: "cache-dir", type: "string", default: "/var/cache/sensu/sensu-backend", help: "path of the asset cache" },
  {
    name: "trusted-ca-file",
    type: "string",
    default: "",
    help: "CA bundle added to the system's for asset downloads; read only with cert-file. The listeners ask no client certificate by it, nor is it a fallback for etcd-trusted-ca-file",
  },
  {
    name: "insecure-skip-tls-verify",
    type: "bool",
    default: false,
    help: "without effect: it only ever concerned the web UI's own connection to the API, which there is none of here; it weakens nothing else",
  },
  { name: "assets-rate-limit", type: "float", default: 1.39, help: "asset downloads per second" },
  { name: "assets-burst-limit", type: "uint", default: 100, help: "asset downloads at once" },
  // B-331: it spares the original's store; ours are plain counts in memory.
  { name: "metrics-refresh-interval", type: "duration", default: MINUTE, help: "gauges are counted when asked here" },
  // B-375 to B-378: there are no workers to count, and what waits is bounded in bytes for all of them together.
  { name: "eventd-buffer-size", type: "uint", default: 1000, help: "events are bounded in bytes here" },
  { name: "eventd-workers", type: "uint", default: 100, help: "events are processed in batches here" },
  { name: "keepalived-workers", type: "uint", default: 100, help: "keepalives are processed in batches here" },
  { name: "keepalived-buffer-size", type: "uint", default: 1000, help: "keepalives share the events' bound here" },
  // B-368: removed in 6.11.
  { name: "require-openssl", type: "bool", default: false, help: "of the past" },
  ...(
    [
      "etcd-advertise-client-urls",
      "etcd-client-urls",
      "etcd-listen-client-urls",
      "etcd-listen-peer-urls",
      "etcd-initial-advertise-peer-urls",
      "etcd-cipher-suites",
    ] as const
  ).map((name) => ({ name, type: "strings" as const, default: [] as readonly string[], ...ETCD })),
  ...(
    [
      "etcd-initial-cluster",
      "etcd-initial-cluster-state",
      "etcd-initial-cluster-token",
      "etcd-discovery",
      "etcd-discovery-srv",
      "etcd-cert-file",
      "etcd-key-file",
      "etcd-trusted-ca-file",
      "etcd-peer-cert-file",
      "etcd-peer-key-file",
      "etcd-peer-trusted-ca-file",
      "etcd-log-level",
      "etcd-client-log-level",
    ] as const
  ).map((name) => ({ name, type: "string" as const, default: "", ...ETCD })),
  ...(["etcd-client-cert-auth", "etcd-peer-client-cert-auth", "etcd-unsafe-no-fsync"] as const).map((name) => ({
    ...{ name, type: "bool" as const, default: false as boolean, ...ETCD },
  })),
  ...(
    ["etcd-heartbeat-interval", "etcd-election-timeout", "etcd-max-request-bytes", "etcd-quota-backend-bytes"] as const
  ).map((name) => ({ name, type: "uint" as const, default: 0, ...ETCD })),
]);

/** What they ask for would be missing, so that a start that ignored them would mislead: refused by name. */
const refused = defineOptions([
  {
    name: "no-embed-etcd",
    type: "bool",
    default: false,
    group: "Store",
    help: "use an external etcd (not in this version)",
  },
  { name: "require-fips", type: "bool", default: false, help: "FIPS mode (not in this version)" },
]);

export const START_OPTIONS = defineOptions([...general, ...withoutEffect, ...refused]);
export type BackendOptions = ResolvedOptions<typeof START_OPTIONS>;

export const OPTIONS_WITHOUT_EFFECT: ReadonlySet<string> = new Set(withoutEffect.map((row) => row.name));
export const REFUSED_OPTIONS: ReadonlySet<string> = new Set(refused.map((row) => row.name));

/** How the original reaches its store (B-227): scripts name it; the built-in store is in the state folder. */
const STORE_CLIENT = new Set([
  "etcd-advertise-client-urls",
  "etcd-client-urls",
  "etcd-cipher-suites",
  "etcd-cert-file",
  "etcd-key-file",
  "etcd-trusted-ca-file",
  "etcd-client-log-level",
  "etcd-client-cert-auth",
  "etcd-max-request-bytes",
]);
/** The original takes these with `init` and `upgrade` too, where they mean nothing. */
export const START_ONLY_OPTIONS: ReadonlySet<string> = new Set([
  "access-token-expiry",
  "refresh-token-expiry",
  "default-silenced-expiry-time",
  "max-silenced-expiry-time-allowed",
]);
const PLACE = new Set(["config-file", "state-dir", "embedded-store"]);
const storePlace = [
  ...general.filter((row) => PLACE.has(row.name) || START_ONLY_OPTIONS.has(row.name)),
  ...withoutEffect.filter((row) => STORE_CLIENT.has(row.name)),
];

/** `sensu-backend init` (B-220 to B-227). */
export const INIT_OPTIONS = defineOptions([
  ...storePlace,
  { name: "cluster-admin-username", type: "string", default: "", help: "cluster admin username" },
  { name: "cluster-admin-password", type: "string", default: "", help: "cluster admin password" },
  {
    name: "cluster-admin-password-file",
    type: "string",
    default: "",
    help: "file with the cluster admin password, in place of cluster-admin-password",
  },
  { name: "agent-password", type: "string", default: "", help: "password of user agent instead of the one all know" },
  { name: "no-agent-user", type: "bool", default: false, help: "make no user agent: agents show certificates" },
  { name: "cluster-admin-api-key", type: "string", default: "", help: "cluster admin API key" },
  { name: "interactive", type: "bool", default: false, help: "ask for the credentials" },
  {
    name: "timeout",
    type: "duration",
    default: 5 * SECOND,
    countsSeconds: true,
    help: "time to wait for another process that holds the store",
  },
  { name: "wait", type: "bool", default: false, help: "keep trying until the store can be used" },
  {
    name: "ignore-already-initialized",
    type: "bool",
    default: false,
    help: "exit 0 if the store is initialised already",
  },
]);
export type InitOptions = ResolvedOptions<typeof INIT_OPTIONS>;

/** `sensu-backend upgrade` (B-240). */
export const UPGRADE_OPTIONS = defineOptions([
  ...storePlace,
  {
    name: "timeout",
    type: "duration",
    default: 5 * SECOND,
    countsSeconds: true,
    help: "time to wait for another process that holds the store",
  },
  { name: "skip-confirm", type: "bool", default: false, help: "skip interactive confirmation" },
]);
export type UpgradeOptions = ResolvedOptions<typeof UPGRADE_OPTIONS>;

/** `sensu-backend backup` and `restore` (B-1301): where the store is. */
export const COPY_OPTIONS = defineOptions(
  storePlace.filter((row) => row.name === "config-file" || row.name === "state-dir"),
);
