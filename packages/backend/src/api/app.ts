/** The HTTP server of the API: routing, limits, hooks. What a request means is decided in `actions/`. */
import type { IncomingMessage, RequestListener, Server } from "node:http";
import type { Server as HttpsServer } from "node:https";
import { SensuError } from "@sensu-ts/core";
import { type Logger, takesStrictTransport } from "@sensu-ts/runtime";
import Fastify, {
  type FastifyError,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { Identity } from "../access/identity.ts";
import type { ApiMetrics } from "../observe/metrics.ts";
import { asSensuError, sendError, sendRefusal, sendText, sendUnknown, warningValue } from "./answers.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set on routes that need authentication. */
    caller: Identity | undefined;
    /** As sent. */
    contentType: string | undefined;
    startedAt: number;
    /** What the caller should know of a write that was done: sent as `Warning` headers, and logged. */
    warnings: readonly string[];
  }
}

export interface ServerOptions {
  /** Makes the (not yet listening) socket; the runtime's TLS factory. Absent: plain HTTP, for `inject` in tests. */
  readonly serverFactory?: (handler: RequestListener) => Server | HttpsServer;
  /** `api-request-limit`, bytes. */
  readonly requestLimit?: number;
  /** `api-write-timeout`, ms. */
  readonly writeTimeoutMs?: number;
  readonly log: Logger;
  readonly metrics?: ApiMetrics;
}

const READ_TIMEOUT_MS = 15_000;
/**
 * As in the original, tokens of people in hundreds of groups, and long selectors, fit; and who sends slowly is let go
 * soon after the time to read a request is over.
 */
export const API_LIMITS = { maxHeaderSize: 1 << 20, connectionsCheckingInterval: 3000 };
const TOO_LARGE = "http: request body too large";
/** Fastify's codes for a URL that cannot be percent-decoded. */
const BAD_URL = new Set(["FST_ERR_BAD_URL", "FST_ERR_ASYNC_CONSTRAINT", "FST_ERR_MAX_PARAM_LENGTH"]);
/** These answer a wrong method with an empty 405, everything else with the 404 of unknown routes. */
const ROOT_PATHS = new Set([
  "/health",
  "/version",
  "/ready",
  "/auth",
  "/auth/test",
  "/auth/token",
  "/auth/logout",
  "/graphql",
]);

/** The one path below that the original's router treats likewise. */
const EVENTS_OF_ENTITY = /^\/api\/core\/v2\/namespaces\/[^/]+\/events\/[^/]+$/;

export function createServer(options: ServerOptions): FastifyInstance {
  const { serverFactory, log } = options;
  const settings: FastifyHttpOptions<Server> = {
    bodyLimit: options.requestLimit ?? 512_000,
    exposeHeadRoutes: false,
    // Names are of any length.
    routerOptions: { maxParamLength: API_LIMITS.maxHeaderSize },
    // Proxies may ask for whole URLs.
    rewriteUrl: ({ url = "/" }) => url.replace(/^https?:\/\/[^/?]*/i, "") || "/",
    frameworkErrors(thrown, request, reply) {
      void answerError(thrown, request, reply);
    },
    ...(serverFactory ? { serverFactory: (handler) => serverFactory(handler) as Server } : { http: API_LIMITS }),
  };
  const app: FastifyInstance = Fastify(settings);
  app.server.requestTimeout = READ_TIMEOUT_MS;
  app.server.headersTimeout = READ_TIMEOUT_MS;
  app.server.keepAliveTimeout = READ_TIMEOUT_MS;
  app.server.setTimeout(options.writeTimeoutMs ?? 15_000);

  // Bodies stay bytes: only the core's codecs read them, whatever the content type says.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.decorateRequest("caller", undefined);
  app.decorateRequest("contentType", undefined);
  app.decorateRequest("startedAt", 0);
  app.decorateRequest("warnings");
  app.addHook("onRequest", async (request, reply) => {
    request.startedAt = performance.now();
    request.warnings = [];
    // Kept from Fastify, which would refuse a body whose type it cannot read.
    request.contentType = request.raw.headers["content-type"];
    delete request.raw.headers["content-type"];
    if (request.protocol === "https" && takesStrictTransport(request.host)) {
      reply.header("Strict-Transport-Security", "max-age=31536000");
    }
    return checkPath(request, reply);
  });
  app.addHook("onSend", async (request, reply) => {
    if (request.warnings.length > 0) reply.header("Warning", request.warnings.map(warningValue));
    for (const warning of request.warnings) {
      log.warn({ path: loggedPath(request.raw), user: request.caller?.username ?? "" }, warning);
    }
  });
  app.addHook("onResponse", async (request, reply) => {
    const milliseconds = performance.now() - request.startedAt;
    options.metrics?.observe(request.method, reply.statusCode, milliseconds);
    log.info(
      {
        duration: `${milliseconds.toFixed(3)}ms`,
        status: reply.statusCode,
        size: Number(reply.getHeader("content-length") ?? 0),
        path: loggedPath(request.raw),
        method: request.method,
        user: request.caller?.username ?? "",
      },
      "request completed",
    );
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.raw);
    if (ROOT_PATHS.has(path) || EVENTS_OF_ENTITY.test(path)) return reply.code(405).send();
    return sendUnknown(reply);
  });
  app.setErrorHandler(answerError);

  function answerError(thrown: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const code = "code" in thrown ? thrown.code : "";
    if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
      reply.header("Connection", "close");
      return sendError(reply, new SensuError("invalid", TOO_LARGE));
    }
    if (BAD_URL.has(code)) return sendError(reply, new SensuError("invalid", "malformed URL"));
    if (code.startsWith("FST_ERR_CTP_")) return sendError(reply, new SensuError("invalid", "malformed request body"));
    const error = asSensuError(thrown);
    if (error.code === "internal") {
      log.error({ error: thrown, path: loggedPath(request.raw), method: request.method }, "request failed");
    }
    if (error.code === "denied" || error.code === "unauthenticated") return sendRefusal(reply, error);
    return sendError(reply, error);
  }
  return app;
}

/** one spelling a path, one reading a query. */
function checkPath(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const url = request.raw.url ?? "/";
  const at = url.indexOf("?");
  const path = at < 0 ? url : url.slice(0, at);
  const query = at < 0 ? "" : url.slice(at + 1);
  const clean = cleanPath(path);
  if (clean !== path) {
    return reply
      .code(301)
      .header("Location", at < 0 ? clean : `${clean}?${query}`)
      .send();
  }
  // The router would take the empty last segment for a name.
  if (path.length > 1 && path.endsWith("/")) return sendUnknown(reply);
  if (/;|%(?![0-9a-fA-F]{2})/.test(query)) {
    return sendText(reply, 400, "malformed query string");
  }
  return undefined;
}

function cleanPath(path: string): string {
  if (!/\/\/|\/\.{1,2}(\/|$)/.test(path)) return path;
  const out: string[] = [];
  const segments = path.split("/");
  for (const segment of segments) {
    if (segment === "..") out.pop();
    else if (segment !== "" && segment !== ".") out.push(segment);
  }
  const trailing = segments.at(-1) === "" && out.length > 0 ? "/" : "";
  return `/${out.join("/")}${trailing}`;
}

export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? "/";
  const at = url.indexOf("?");
  return at < 0 ? url : url.slice(0, at);
}

/** The path as it may be logged: the name of an API key is the key (S-405), however the path is spelled. */
function loggedPath(request: IncomingMessage): string {
  const path = pathOf(request);
  const plain = decoded(path);
  const key = /\/apikeys\/+[^/]/.exec(plain);
  return key ? `${plain.slice(0, key.index)}/apikeys/***` : path;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
