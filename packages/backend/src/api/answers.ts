/** The forms in which answers leave: JSON texts made by our own codec, plain texts, error bodies (A-22 to A-52). */
import { SensuError, stringifyJson } from "@sensu-ts/core";
import type { FastifyReply } from "fastify";

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";

export function sendJson(reply: FastifyReply, text: string, status = 200): FastifyReply {
  // As bytes, or Fastify would name a charset.
  return reply.code(status).type(JSON_TYPE).send(Buffer.from(text));
}

/** `201` and no body (A-24). */
export function sendCreated(reply: FastifyReply): FastifyReply {
  return sendJson(reply, "", 201);
}

export function sendNoContent(reply: FastifyReply): FastifyReply {
  return reply.code(204).type(JSON_TYPE).send();
}

/** A line of plain text, as all of `/auth*` and `/cluster/*` answer errors (A-44). */
export function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type(TEXT_TYPE).header("X-Content-Type-Options", "nosniff").send(`${text}\n`);
}

/** Lower-case keys: what a handler answers (A-41). */
export function sendError(reply: FastifyReply, error: SensuError): FastifyReply {
  reply.header("X-Content-Type-Options", "nosniff");
  return sendJson(reply, stringifyJson({ message: error.message, code: error.number }), error.status);
}

/** Capital keys: what authentication and authorization answer; tools look for exactly this (A-42, S-339). */
export function sendRefusal(reply: FastifyReply, error: SensuError): FastifyReply {
  reply.header("X-Content-Type-Options", "nosniff");
  return sendJson(reply, stringifyJson({ Code: error.number, Message: error.message }), error.status);
}

const LONGEST_WARNING = 500;

/** One value of the header `Warning` (RFC 7234, 299 is for anything); its text may hold printable ASCII only. */
export function warningValue(text: string): string {
  const printable = text.slice(0, LONGEST_WARNING).replace(/[^ -~]/g, "?");
  return `299 - "${printable.replace(/["\\]/g, "\\$&")}"`;
}

/** Unknown route or method (A-13). */
export function sendUnknown(reply: FastifyReply): FastifyReply {
  return sendJson(reply, '{"code":2,"message":"not found"}\n', 404);
}

/** What any thrown value means to the caller. Causes stay private. */
export function asSensuError(error: unknown): SensuError {
  if (error instanceof SensuError) return error;
  return new SensuError("internal", undefined, { cause: error });
}

/** Answers errors of the work as plain text, but for refusals (A-44). */
export async function plainErrors(reply: FastifyReply, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SensuError) || error.code === "denied" || error.code === "unauthenticated") throw error;
    return sendText(reply, error.code === "invalid" ? 400 : 500, error.message);
  }
}
