export { type ActionDeps, type Actions, createActions, NAMESPACE_TYPES } from "./actions.ts";
export { type ClusterChanges, readClusterId } from "./cluster.ts";
export { ensureNamespace, SYSTEM_NAMESPACE } from "./namespaces.ts";
export type { CheckRunner, Deadlines, EventIntake, EventNotices } from "./ports.ts";
