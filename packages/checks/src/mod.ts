export { check } from "./main.ts";
export { format, type Result, STATUS } from "./result.ts";
