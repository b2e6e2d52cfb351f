export * from "./codec/schema.ts";
export * from "./errors.ts";
export * from "./options/mod.ts";
export * from "./rbac/mod.ts";
export * from "./schedule/mod.ts";
export * from "./transport/mod.ts";
export * from "./types/mod.ts";
