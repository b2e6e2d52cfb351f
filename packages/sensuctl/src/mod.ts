export { run } from "./frame/run.ts";
export type { Streams } from "./frame/session.ts";
