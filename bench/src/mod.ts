/** Simulated agents and what the kernel knows of a process, for tests under load. */
export { AgentSocket, type Target } from "./ingest/agent-socket.ts";
export {
  type AgentIdentity,
  eventTemplate,
  FIRST_SEQUENCE,
  keepaliveTemplate,
  patch,
  type Template,
} from "./ingest/wire.ts";
export { cpuSeconds, residentMiB } from "./proc.ts";
