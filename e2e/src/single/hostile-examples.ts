/** One full example of each resource, and what is posted to the routes that take something else. */
const metadata = (name: string) => ({
  ...{ name, namespace: "default", labels: { team: "ops" }, annotations: { note: "x" }, created_by: "admin" },
});
const rules = [{ verbs: ["get", "list"], resources: ["events"], resource_names: ["a"] }];
const subjects = [{ type: "User", name: "ada" }];
const reference = (type: string, name: string) => ({ type, name, api_version: "core/v2" });

export const ENTITY = {
  metadata: metadata("hostile"),
  ...{ entity_class: "agent", user: "agent", subscriptions: ["hostile", "entity:hostile"], last_seen: 1_700_000_000 },
  system: {
    ...{ hostname: "h", os: "linux", platform: "debian", platform_version: "12", arch: "amd64", libc_type: "glibc" },
    network: { interfaces: [{ name: "lo", mac: "00:00:00:00:00:00", addresses: ["127.0.0.1/8", "::1/128"] }] },
    processes: [{ name: "init", memory_percent: 0.5, cpu_percent: 1.5 }],
  },
  ...{ deregister: false, deregistration: { handler: "h" }, keepalive_handlers: ["k"], redact: ["password"] },
};

export const CHECK = {
  metadata: metadata("hostile"),
  ...{
    command: "true {{ .name }}",
    interval: 60,
    timeout: 10,
    ttl: 300,
    publish: true,
    round_robin: false,
    stdin: true,
  },
  ...{ subscriptions: ["none"], handlers: ["pipe"], runtime_assets: ["tools"], env_vars: ["A=b"], scheduler: "memory" },
  ...{ low_flap_threshold: 10, high_flap_threshold: 20, max_output_size: 1000, proxy_entity_name: "" },
  check_hooks: [{ critical: ["hook"] }],
  subdue: { days: { all: [{ begin: "5:00 PM", end: "8:00 AM" }] } },
  subdues: [{ begin: "2026-11-01T00:00:00Z", end: "2026-11-02T00:00:00Z", repeat: ["daily"] }],
  proxy_requests: { entity_attributes: ["entity.name == 'x'"], splay: true, splay_coverage: 90 },
  output_metric_format: "nagios_perfdata",
  output_metric_handlers: ["pipe"],
  output_metric_tags: [{ name: "a", value: "b" }],
  output_metric_thresholds: [
    { name: "load", tags: [{ name: "a", value: "b" }], thresholds: [{ max: "1", status: 1 }] },
  ],
  secrets: [{ name: "A", secret: "s" }],
  pipelines: [reference("Pipeline", "p")],
};

export const EVENT = {
  metadata: { namespace: "default" },
  timestamp: 1_700_000_000,
  id: "9a4c1e6b-58e4-4a8c-9a0f-1d2c3b4a5968",
  sequence: 7,
  entity: ENTITY,
  check: {
    ...CHECK,
    ...{
      executed: 1_700_000_000,
      issued: 1_700_000_000,
      duration: 0.25,
      status: 1,
      output: "warn|load=1;2;3",
      state: "failing",
    },
    ...{
      occurrences: 1,
      occurrences_watermark: 1,
      total_state_change: 5,
      last_ok: 1,
      silenced: ["a:b"],
      is_silenced: true,
    },
    history: [{ status: 1, executed: 1_700_000_000 }],
    hooks: [
      { metadata: metadata("hook"), command: "true", timeout: 10, status: 0, output: "", duration: 1, executed: 1 },
    ],
    processed_by: "agent",
  },
  metrics: {
    handlers: ["pipe"],
    points: [{ name: "load", value: 1.5, timestamp: 1_700_000_000, tags: [{ name: "a", value: "b" }] }],
  },
  pipelines: [reference("Pipeline", "p")],
};

/** By the name in the URL of the collection. */
export const RESOURCES: Readonly<Record<string, object>> = {
  namespaces: { name: "hostile" },
  users: { username: "hostile", password: "test-P@ssw0rd!", groups: ["g"], disabled: false },
  roles: { metadata: metadata("hostile"), rules },
  clusterroles: { metadata: metadata("hostile"), rules },
  rolebindings: { metadata: metadata("hostile"), subjects, role_ref: { type: "Role", name: "r" } },
  clusterrolebindings: { metadata: metadata("hostile"), subjects, role_ref: { type: "ClusterRole", name: "r" } },
  entities: ENTITY,
  checks: CHECK,
  events: EVENT,
  handlers: {
    metadata: metadata("hostile"),
    ...{ type: "pipe", command: "cat", timeout: 5, env_vars: ["A=b"], filters: ["f"], mutator: "m", handlers: ["x"] },
    ...{ socket: { host: "127.0.0.1", port: 9 }, runtime_assets: ["tools"], secrets: [{ name: "A", secret: "s" }] },
  },
  filters: {
    metadata: metadata("hostile"),
    ...{ action: "allow", expressions: ["event.check.occurrences == 1"], runtime_assets: ["tools"] },
    when: { days: { monday: [{ begin: "5:00 PM", end: "8:00 AM" }] } },
  },
  mutators: { metadata: metadata("hostile"), type: "javascript", command: "cat", eval: "data = 1", env_vars: ["A=b"] },
  hooks: { metadata: metadata("hostile"), command: "true", timeout: 10, stdin: false },
  silenced: { metadata: metadata("*:hostile"), check: "hostile", subscription: "x", expire: 60, reason: "r", begin: 0 },
  assets: {
    metadata: metadata("hostile"),
    builds: [{ url: "https://localhost/a.tgz", sha512: "a".repeat(128), filters: ["entity.system.os == 'linux'"] }],
  },
  pipelines: {
    metadata: metadata("hostile"),
    workflows: [
      {
        name: "w",
        filters: [reference("EventFilter", "f")],
        mutator: reference("Mutator", "m"),
        handler: reference("Handler", "h"),
      },
    ],
  },
};
