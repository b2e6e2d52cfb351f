export { cachedDefinitions } from "./definitions.ts";
export { handlerEnvironment } from "./handler-environment.ts";
export { createPipelineMetrics } from "./metrics.ts";
export { Pipelines, type PipelinesOptions } from "./pipelines.ts";
export type { EventReader, Scripts } from "./ports.ts";
export { sandboxScripts } from "./scripts.ts";
export { PipelineTrace } from "./trace.ts";
