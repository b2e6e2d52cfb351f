export * from "./codec/schema.ts";
export * from "./errors.ts";
export * from "./types/mod.ts";
