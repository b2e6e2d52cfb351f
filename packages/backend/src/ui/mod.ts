export { accessPort, entitiesPort, type LiveSession, sessionsPort } from "./adapters.ts";
export { readBasePath } from "./base-path.ts";
export {
  type CertificateSources,
  certificatesPort,
  type ListenerCertificate,
  type ShownCertificate,
} from "./certificates/adapter.ts";
export type {
  KnownCertificate,
  KnownCrl,
  UiAccess,
  UiCertificates,
  UiEntities,
  UiPorts,
  UiSchedule,
  UiSessions,
  UiTraces,
} from "./ports.ts";
export { Ui, type UiOptions } from "./ui.ts";
export type { Tokens, Trace, TraceRun, TraceStep } from "./wire.ts";
