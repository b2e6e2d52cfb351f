export { registerSchedulerMetrics } from "./metrics.ts";
export type { AdhocRun, DefinitionKind, Definitions, EntityMatcher, Publisher, RingMembers } from "./ports.ts";
export { sandboxMatcher } from "./sandbox-matcher.ts";
export { Scheduler, type SchedulerKind, type SchedulerOptions } from "./scheduler.ts";
