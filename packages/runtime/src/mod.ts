export * from "./clock.ts";
export * from "./command.ts";
export * from "./control.ts";
export * from "./environment.ts";
export { SystemFacts } from "./facts/system.ts";
export * from "./log.ts";
export { newerThanEs5 } from "./sandbox/es5.ts";
export { Sandbox, type ScriptLimits } from "./sandbox/sandbox.ts";
export type { Alert } from "./tls/alert.ts";
export { type CertificateInUse, certificateInUse, instant } from "./tls/certificate.ts";
export { type PeerObjection, refusalAsClient } from "./tls/chain.ts";
export { type ClientTls, clientTls, rememberPeer } from "./tls/client.ts";
export { describeTlsError } from "./tls/errors.ts";
export { loadCa, loadClientPair, loadServerPair, openError, type Pair } from "./tls/files.ts";
export { exposureWarning, keyWarnings, refuseExposed } from "./tls/keys.ts";
export { takesStrictTransport, uncoveredName } from "./tls/names.ts";
export {
  type PeerCertificate,
  type PeerVerdict,
  PeerVerifier,
  type PeerVerifierOptions,
} from "./tls/peer.ts";
export { connectThrough, proxyFor } from "./tls/proxy.ts";
export { close, createServer, isLoopback, type ListenAddress, listen, parseListenAddress } from "./tls/server.ts";
export {
  type ClientAuth,
  type ServerTls,
  ServerTlsSource,
} from "./tls/source.ts";
export { listenOnSocket } from "./tls/unix-socket.ts";
export { FileWatch } from "./tls/watch.ts";
