/** Bodies in and out of `/api/ui/v1` (U-113). */
import type { IncomingMessage, ServerResponse } from "node:http";
import { invalid, SensuError } from "@sensu-ts/core";

const MAX_BODY = 64 * 1024;

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value, (_key, item) => (typeof item === "bigint" ? Number(item) : item)));
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": body.length,
    "Cache-Control": "no-store",
  });
  response.end(body);
}

/** Anything that is no `SensuError` is ours to look into and tells the caller nothing. */
export function sendFailure(response: ServerResponse, error: unknown, onError: (error: unknown) => void): void {
  if (!(error instanceof SensuError) || error.code === "internal") onError(error);
  const known = error instanceof SensuError ? error : new SensuError("internal");
  if (response.headersSent) {
    response.end();
    return;
  }
  sendJson(response, known.status, { message: known.message, code: known.number });
}

/** A JSON object of at most 64 KiB. */
export async function readObject(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw invalid("request body too large");
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw invalid("request body is no JSON", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("request body is no object");
  return value as Record<string, unknown>;
}
