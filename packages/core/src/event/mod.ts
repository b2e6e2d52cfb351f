export * from "./flapping.ts";
export * from "./keepalive.ts";
export * from "./merge.ts";
export * from "./output.ts";
export * from "./state.ts";
export * from "./ttl.ts";
export * from "./validate.ts";
