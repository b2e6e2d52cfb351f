export { type ApiDeps, buildApi } from "./api.ts";
export { StartupGate } from "./startup-gate.ts";
