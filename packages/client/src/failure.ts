/** Words for a failed connection, as users of the original know them. */

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
  const connect = CONNECT_TEXTS[code];
  if (connect !== undefined) return `dial tcp ${endpoint(last, url)}: ${connect}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `dial tcp: lookup ${url.hostname}: no such host`;
  if (code === "ECONNRESET" || code === "EPIPE") return "EOF";
  return last.message;
}

function endpoint(error: SocketError, url: URL): string {
  const port = error.port ?? (url.port || (url.protocol === "https:" ? 443 : 80));
  const host = error.address ?? url.hostname;
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}
