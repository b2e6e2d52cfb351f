/** Answers to whoever gets no session, all before the upgrade (W-3). */
import type { Duplex } from "node:stream";

export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For our log only. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export function isRefusal(result: object): result is Refusal {
  return "status" in result;
}

export const STARTING: Refusal = { status: 503, body: "agentd temporarily unavailable during startup" };
export const TOO_MANY: Refusal = { status: 429, body: "too many new agent sessions, try again later" };

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export function refuse(socket: Duplex, { status, body, headers = {} }: Refusal): void {
  const lines = Object.entries({
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Content-Length": String(Buffer.byteLength(body) + 1),
    Connection: "close",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${lines.join("")}\r\n${body}\n`);
}
