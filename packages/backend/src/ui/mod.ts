export type { UiAccess, UiBus, UiEntities, UiPorts, UiTraces } from "./ports.ts";
export { Ui, type UiOptions } from "./ui.ts";
export type { Tokens, Trace, TraceRun, TraceStep } from "./wire.ts";
