/** Failures of TLS in the words that users of the original search for, with what to do about them (S-409 to S-416). */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { type CertificateInUse, certificateInUse, instant, serverNames } from "./certificate.ts";
import { type ClientTls, peerOf } from "./client.ts";

export interface TlsErrorContext {
  /** Name or address that was dialled, without port. */
  readonly host: string;
  readonly tls?: ClientTls | undefined;
  /** The connection's socket, given to `rememberPeer` before its handshake: the text then names dates and subject. */
  readonly socket?: object | null | undefined;
  readonly now?: () => number;
}

const VERIFY = "tls: failed to verify certificate: x509: ";
const UNKNOWN_AUTHORITY = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);
const MAY_NOT_SIGN =
  'certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate")';
/** What OpenSSL says of other faults, and Node gives no code for: Go's text, and what to do about whose certificate. */
const FAULTS: readonly (readonly [RegExp, string, string])[] = [
  [/unhandled critical extension/, "unhandled critical extension", "issue it without that extension"],
  [
    /does not include certificate signing|invalid CA certificate/,
    MAY_NOT_SIGN,
    "an authority above it needs CA:TRUE and the key usage cert sign",
  ],
  [
    /path length/,
    "too many intermediates for path length constraint",
    "an authority above it may not have another below",
  ],
  [
    /subtree violation/,
    "a root or intermediate certificate is not authorized to sign for this name",
    "see the name constraints of the authorities above it",
  ],
  [
    /digest algorithm too weak/,
    'certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm")',
    "issue it with SHA-256",
  ],
  [/EE certificate key too weak/, "RSA key is too weak, it needs 2048 bits", "issue it with a larger key"],
  [/CA certificate key too weak/, "RSA key of an authority is too weak, it needs 2048 bits", "renew that authority"],
];
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const OUTSIDE_DATES = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

/** End of OpenSSL's name of the alert, Go's text, and what the server says with it. `OWN` is this side's certificate. */
const ALERTS: readonly (readonly [string, string, string])[] = [
  ["BAD_CERTIFICATE", "bad certificate", "refuses OWN, or misses one: its log says why"],
  [
    "UNSUPPORTED_CERTIFICATE",
    "unsupported certificate",
    "refuses OWN: it is not for clients, issue one with the extended key usage client auth",
  ],
  [
    "CERTIFICATE_REVOKED",
    "revoked certificate",
    "refuses OWN: it is revoked, issue a new one, for instance with sensu-pki issue agent",
  ],
  [
    "CERTIFICATE_EXPIRED",
    "expired certificate",
    "refuses OWN: it or its CA has expired or is not valid yet; renew it, for instance with sensu-pki renew, and compare the clocks of both hosts",
  ],
  [
    "CERTIFICATE_UNKNOWN",
    "unknown certificate",
    "refuses OWN: its log says why, for agents it must have a common name",
  ],
  [
    "UNKNOWN_CA",
    "unknown certificate authority",
    "does not trust who issued OWN: put that CA into its trust file, or an intermediate that is missing into this certificate's file",
  ],
  ["CERTIFICATE_REQUIRED", "certificate required", "wants a certificate of a CA it trusts: set cert-file and key-file"],
  [
    "ACCESS_DENIED",
    "access denied",
    "accepts OWN, but not its user: sensuctl user reinstate enables one that is disabled",
  ],
  ["PROTOCOL_VERSION", "protocol version not supported", "does not speak TLS 1.2 or 1.3"],
  ["HANDSHAKE_FAILURE", "handshake failure", "shares no cipher suite or curve with this side, or wants a certificate"],
  ["INTERNAL_ERROR", "internal error", "failed by itself: look into its log"],
];

/** The text for a TLS failure of a connection of ours, `undefined` for failures of other kinds. */
export function describeTlsError(error: unknown, given: TlsErrorContext): string | undefined {
  const context = { ...given, host: given.host.replace(/^\[(.*)\]$/, "$1") };
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  const peer = peerOf(context.socket);
  if (OUTSIDE_DATES.has(code)) return VERIFY + outsideDates(code, peer, context);
  if (UNKNOWN_AUTHORITY.has(code)) return VERIFY + unknownAuthority(peer, context);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return VERIFY + wrongName(error, context.host);
  if (code === "INVALID_PURPOSE") return VERIFY + wrongUsage(peer, context.host);
  const fault = FAULTS.find(([said]) => said.test(message));
  if (fault) return `${VERIFY}${fault[1]} [certificate of ${context.host}: ${fault[2]}]`;
  // A verdict of OpenSSL on the certificate that has neither a code of Node's nor words of ours.
  if (code === "UNSPECIFIED") return `${VERIFY}${message} [certificate of ${context.host}]`;
  const alert = alertOf(code, message);
  if (alert) {
    const certFile = context.tls?.certFile;
    const own = certFile ? `the certificate ${certFile}` : "this side's certificate";
    return `remote error: tls: ${alert[1]} [${context.host} ${alert[2].replace("OWN", () => own)}]`;
  }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code) || /:wrong version number/.test(message)) {
    return `tls: first record does not look like a TLS handshake [${context.host} speaks plaintext on this port: use ws:// or http://, or give it a certificate]`;
  }
  if (/UNSUPPORTED_PROTOCOL/.test(code)) {
    return `tls: server selected unsupported protocol version [${context.host} must speak TLS 1.2 or 1.3]`;
  }
  // What a strict listener does where it can send no alert (S-182).
  if (code === "ECONNRESET" && context.tls?.certFile) {
    return `EOF [${context.host} ended the connection without an answer: it may refuse the certificate ${context.tls.certFile}, its log says why]`;
  }
  return undefined;
}

/** What went wrong in a handshake, seen by the server, for its log. */
export function handshakeFault(error: unknown): string {
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  const alert = alertOf(code, message);
  if (alert) return `remote error: tls: ${alert[1]}`;
  if (/UNSUPPORTED_PROTOCOL/.test(code)) return "tls: client offered only unsupported versions";
  if (/NO_SHARED_CIPHER/.test(code)) return "tls: no cipher suite supported by both client and server";
  if (/PEER_DID_NOT_RETURN_A_CERTIFICATE/.test(code)) return "tls: client didn't provide a certificate";
  if (/NO_SUITABLE_KEY_SHARE|NO_SHARED_GROUP/.test(code)) {
    return "tls: no key exchanges supported by both client and server";
  }
  if (code === "ERR_TLS_HANDSHAKE_TIMEOUT") return "i/o timeout";
  if (code === "ECONNRESET") return "EOF";
  // `40AD:error:0A0000F4:SSL routines:a_function:unexpected message:a/file.c:340:`
  const reason = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message)?.[1];
  return reason === undefined ? message : `tls: ${reason}`;
}

function alertOf(code: string, message: string) {
  const name =
    /ALERT_([A-Z_]+)$/.exec(code)?.[1] ?? /alert ([a-z ]+):/.exec(message)?.[1]?.replaceAll(" ", "_").toUpperCase();
  return name === undefined ? undefined : ALERTS.find(([end]) => end === name);
}

function facts(peer: X509Certificate): CertificateInUse {
  return certificateInUse("", "", peer);
}

function outsideDates(
  code: string,
  peer: X509Certificate | undefined,
  { host, now = Date.now }: TlsErrorContext,
): string {
  const text = "certificate has expired or is not yet valid";
  if (!peer) return `${text} [renew the certificate of ${host}]`;
  const time = now();
  const { subject, notBefore, notAfter } = facts(peer);
  const whose = `certificate of ${host}, subject ${subject || "(none)"}, valid from ${instant(notBefore)} to ${instant(notAfter)}`;
  if (time > notAfter) {
    return `${text}: current time ${instant(time)} is after ${instant(notAfter)} [${whose}: renew it there, for instance with sensu-pki renew]`;
  }
  if (time < notBefore) {
    return `${text}: current time ${instant(time)} is before ${instant(notBefore)} [${whose}: compare the clocks of both hosts]`;
  }
  // Its own dates are right: an authority above it is the one.
  return `${text} [an authority above the ${whose}${code === "CERT_HAS_EXPIRED" ? " has expired" : " is not yet valid"}]`;
}

function unknownAuthority(peer: X509Certificate | undefined, { tls, host }: TlsErrorContext): string {
  const roots = tls?.trustedCaFile ? `trusted-ca-file ${tls.trustedCaFile}` : "the system's roots";
  const issuer = peer
    ? `issuer "${facts(peer).issuer}" of the certificate of ${host}`
    : `the issuer of the certificate of ${host}`;
  const remedy = tls?.trustedCaFile
    ? "put its CA into that file"
    : "set trusted-ca-file to its CA, or install the CA with sensu-pki trust install";
  return `certificate signed by unknown authority [${issuer} is not among ${roots}: ${remedy}; if it is an intermediate, the server's certificate file must hold it too]`;
}

function wrongUsage(peer: X509Certificate | undefined, host: string): string {
  const text = "certificate specifies an incompatible key usage";
  const usages = peer?.keyUsage as readonly string[] | undefined;
  return usages === undefined || usages.includes(SERVER_AUTH)
    ? `${text} [the certificate of ${host}, or an authority above it, is not for servers: an authority needs CA:TRUE and, where it names extended key usages, server auth]`
    : `${text} [the certificate of ${host} is not for servers: it needs the extended key usage server auth]`;
}

function wrongName(error: unknown, host: string): string {
  const { cert } = error as { cert?: { subjectaltname?: string; subject?: { CN?: string | string[] } } };
  const { dns, ip } = serverNames(cert?.subjectaltname);
  const issue = `[issue one that has it, for instance sensu-pki issue backend --san ${host}, or use one of its names]`;
  const commonNames = [cert?.subject?.CN ?? []].flat().map((name) => name.toLowerCase());
  if (cert?.subjectaltname === undefined && commonNames.includes(host.toLowerCase())) {
    return `certificate relies on legacy Common Name field, use SANs instead ${issue}`;
  }
  if (isIP(host) !== 0 && ip.length === 0) {
    return `cannot validate certificate for ${host} because it doesn't contain any IP SANs ${issue}`;
  }
  const same = isIP(host) !== 0 ? ip : dns;
  if (same.length === 0) return `certificate is not valid for any names, but wanted to match ${host} ${issue}`;
  return `certificate is valid for ${same.join(", ")}, not ${host} ${issue}`;
}
