export { accessPort, entitiesPort } from "./adapters.ts";
export type { UiAccess, UiEntities, UiPorts, UiTraces } from "./ports.ts";
export { Ui, type UiOptions } from "./ui.ts";
export type { Tokens, Trace, TraceRun, TraceStep } from "./wire.ts";
