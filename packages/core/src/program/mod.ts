export type { Command, Program } from "./command.ts";
export { type Reading, readProgram } from "./program.ts";
