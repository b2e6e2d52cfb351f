export { accessPort, entitiesPort } from "./adapters.ts";
export {
  type CertificateSources,
  certificatesPort,
  type ListenerCertificate,
  type ShownCertificate,
} from "./certificates/adapter.ts";
export type { KnownCertificate, KnownCrl, UiAccess, UiCertificates, UiEntities, UiPorts, UiTraces } from "./ports.ts";
export { Ui, type UiOptions } from "./ui.ts";
export type { Tokens, Trace, TraceRun, TraceStep } from "./wire.ts";
