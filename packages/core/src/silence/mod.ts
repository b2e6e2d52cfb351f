export * from "./silence.ts";
