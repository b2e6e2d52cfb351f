export * from "./envelope.ts";
export { eventName } from "./event-row.ts";
export * from "./parse.ts";
export * from "./registry.ts";
export type { ResourceType } from "./type.ts";
