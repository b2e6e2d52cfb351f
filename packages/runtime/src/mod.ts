export * from "./command.ts";
export * from "./environment.ts";
export * from "./log.ts";
export * from "./tls.ts";
