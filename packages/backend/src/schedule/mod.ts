export { registerSchedulerMetrics } from "./metrics.ts";
export type { DefinitionKind, Definitions, EntityMatcher, Publisher, RingMembers } from "./ports.ts";
export { Scheduler, type SchedulerKind, type SchedulerOptions } from "./scheduler.ts";
