/** RBAC resource names that have a meaning in rules (S-294, S-295). */
export const NAMESPACED_RESOURCES: ReadonlySet<string> = new Set([
  "assets",
  "checks",
  "entities",
  "events",
  "extensions",
  "fallback-pipelines",
  "filters",
  "handlers",
  "hooks",
  "mutators",
  "pipelines",
  "rolebindings",
  "roles",
  "rule-templates",
  "searches",
  "secrets",
  "service-components",
  "silenced",
  "sumo-logic-metrics-handlers",
  "tcp-stream-handlers",
]);

export const CLUSTER_RESOURCES: ReadonlySet<string> = new Set([
  "apikeys",
  "authproviders",
  "cluster-members",
  "clusterrolebindings",
  "clusterroles",
  "clusters",
  "config",
  "etcd-replicators",
  "license",
  "localselfuser",
  "namespaces",
  "provider",
  "providers",
  "tessen",
  "users",
]);

/** The nine types that the seeded roles cover, and that make a namespace visible (S-324, S-317). */
export const COMMON_RESOURCES: readonly string[] = [
  "assets",
  "checks",
  "entities",
  "events",
  "filters",
  "handlers",
  "hooks",
  "mutators",
  "silenced",
];
