export * from "./log.ts";
export * from "./tls.ts";
