export { type ApiDeps, buildApi } from "./api.ts";
export { API_LIMITS } from "./app.ts";
export { StartupGate } from "./startup-gate.ts";
