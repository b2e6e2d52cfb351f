/** Headers on every answer of the page's port, and of the page's endpoints wherever they are asked (U-8, S-406). */
import type { IncomingMessage, ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { takesStrictTransport } from "@sensu-ts/runtime";

const CSP = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export function setSecurityHeaders({ socket, headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("X-Frame-Options", "DENY");
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "same-origin");
  response.setHeader("Content-Security-Policy", CSP);
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  if (socket instanceof TLSSocket && takesStrictTransport(headers.host)) {
    response.setHeader("Strict-Transport-Security", "max-age=31536000");
  }
}
