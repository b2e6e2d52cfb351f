/** Headers on every answer of the page's port (U-8). */
import type { ServerResponse } from "node:http";
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

/** `host`: of the request. */
export function setSecurityHeaders(response: ServerResponse, tls: boolean, host: string | undefined): void {
  response.setHeader("X-Frame-Options", "DENY");
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "same-origin");
  response.setHeader("Content-Security-Policy", CSP);
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  if (tls && takesStrictTransport(host)) response.setHeader("Strict-Transport-Security", "max-age=31536000");
}
