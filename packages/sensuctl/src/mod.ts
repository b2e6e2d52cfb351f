export type { Streams } from "./frame/session.ts";
export { run } from "./frame/run.ts";
