export * from "./agent.ts";
export * from "./api.ts";
export * from "./backend.ts";
export * from "./certificates.ts";
export * from "./program.ts";
export * from "./request.ts";
export * from "./wait.ts";
