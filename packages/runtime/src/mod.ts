export * from "./clock.ts";
export * from "./command.ts";
export * from "./environment.ts";
export * from "./log.ts";
export { Sandbox, type ScriptLimits } from "./sandbox/sandbox.ts";
export * from "./tls.ts";
