/** Words for a failed connection, as users of the original know them. */

const TLS_TEXTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "x509: certificate has expired or is not yet valid",
  CERT_NOT_YET_VALID: "x509: certificate has expired or is not yet valid",
  DEPTH_ZERO_SELF_SIGNED_CERT: "x509: certificate signed by unknown authority",
  SELF_SIGNED_CERT_IN_CHAIN: "x509: certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "x509: certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "x509: certificate signed by unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "x509: certificate signed by unknown authority",
};
const CONNECT_TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
  EACCES: "connect: permission denied",
};

interface SocketError extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly errors?: readonly SocketError[];
}

export function failureText(error: SocketError, url: URL): string {
  // Several addresses were tried: the last one speaks for all.
  const last = error.errors?.at(-1) ?? error;
  const code = last.code ?? "";
  const tls = TLS_TEXTS[code];
  if (tls !== undefined) return `tls: failed to verify certificate: ${tls}`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `tls: failed to verify certificate: x509: certificate is not valid for ${url.hostname}`;
  }
  const connect = CONNECT_TEXTS[code];
  if (connect !== undefined) return `dial tcp ${endpoint(last, url)}: ${connect}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `dial tcp: lookup ${url.hostname}: no such host`;
  if (code === "ECONNRESET" || code === "EPIPE") return "EOF";
  if (code === "EPROTO" && url.protocol === "https:") return "tls: first record does not look like a TLS handshake";
  return last.message;
}

function endpoint(error: SocketError, url: URL): string {
  const port = error.port ?? (url.port || (url.protocol === "https:" ? 443 : 80));
  const host = error.address ?? url.hostname;
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}
