export { cachedDefinitions } from "./definitions.ts";
export { createPipelineMetrics } from "./metrics.ts";
export { Pipelines, type PipelinesOptions } from "./pipelines.ts";
export type { Scripts } from "./ports.ts";
export { sandboxMatcher, sandboxScripts } from "./scripts.ts";
export { PipelineTrace } from "./trace.ts";
