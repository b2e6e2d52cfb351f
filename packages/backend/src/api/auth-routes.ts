/** `/auth`, `/auth/test`, `/auth/token`, `/auth/logout` (A-69 to A-76, S-233 to S-238): errors are plain text. */
import { SensuError, stringifyJson } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import type { TokenPair } from "../access/authenticate/sessions.ts";
import { sendJson, sendText } from "./answers.ts";
import { readObject, textField } from "./bodies.ts";

const OIDC_REFRESH = "/api/enterprise/authentication/v2/oidc/token";

/** Case-sensitive. */
const BASIC = "Basic ";

interface Credentials {
  readonly username: string;
  readonly password: string;
}

export function authRoutes(app: FastifyInstance, access: Access, log: Logger): void {
  const logins = log.component("authentication");
  app.get("/auth", async (request, reply) => {
    const given = readBasic(request);
    if (!given) return sendText(reply, 401, basicScheme(request) ? "Unauthorized" : "Request unauthorized");
    return answer(reply, async () => {
      const identity = await access.authenticateBasic(given.username, given.password, request.ip);
      const pair = await access.tokens.login(identity, issuerOf(request));
      logins.info(
        {
          subject: identity.username,
          groups: identity.groups,
          provider_id: identity.provider.id,
          provider_type: identity.provider.type,
          provider_userid: identity.provider.userId,
        },
        "login successful",
      );
      return sendTokens(reply, pair);
    });
  });

  app.get("/auth/test", async (request, reply) => {
    const given = readBasic(request);
    if (!given) return sendText(reply, 401, "Request unauthorized");
    try {
      await access.authenticateBasic(given.username, given.password, request.ip);
      return reply.code(200).send();
    } catch (error) {
      if (isUnauthenticated(error)) return sendText(reply, 401, "Request unauthorized");
      return failed(reply, error);
    }
  });

  app.post("/auth/token", async (request, reply) => {
    if (basicScheme(request)) return sendText(reply, 400, "invalid access token");
    const renewal = await readRenewal(request, reply);
    if (!renewal) return reply;
    return answer(reply, async () =>
      sendTokens(reply, await access.tokens.refresh(renewal.accessToken, renewal.refreshToken, issuerOf(request))),
    );
  });

  app.post("/auth/logout", async (request, reply) => {
    if (basicScheme(request)) return sendText(reply, 500, "Internal Server Error");
    const renewal = await readRenewal(request, reply);
    if (!renewal) return reply;
    return answer(reply, async () => {
      await access.tokens.logout(renewal.username, renewal.sessionId);
      return reply.code(200).send();
    });
  });

  /** The checks both routes share; it has answered when it returns undefined. */
  async function readRenewal(request: FastifyRequest, reply: FastifyReply) {
    const accessToken = bearer(request);
    try {
      const holder = await access.tokens.holder(accessToken);
      if (holder.providerType === "oidc") {
        reply.redirect(OIDC_REFRESH, 307);
        return undefined;
      }
      const refreshToken = readRefreshToken(request);
      if (refreshToken === undefined) {
        sendText(reply, 400, "the request body must be JSON with a refresh_token");
        return undefined;
      }
      await access.tokens.checkRefresh(holder.username, refreshToken);
      return { ...holder, accessToken, refreshToken };
    } catch (error) {
      if (isUnauthenticated(error)) sendText(reply, 401, "Request unauthorized");
      else failed(reply, error);
      return undefined;
    }
  }

  async function answer(reply: FastifyReply, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
    try {
      return await work();
    } catch (error) {
      if (isUnauthenticated(error)) return sendText(reply, 401, "Unauthorized");
      if (error instanceof SensuError && error.code === "invalid") return sendText(reply, 400, error.message);
      return failed(reply, error);
    }
  }

  function failed(reply: FastifyReply, error: unknown): FastifyReply {
    log.error({ error }, "authentication could not be decided");
    return sendText(reply, 500, "Internal Server Error");
  }
}

function sendTokens(reply: FastifyReply, pair: TokenPair): FastifyReply {
  const { access_token, expires_at, refresh_token } = pair;
  return sendJson(reply, stringifyJson({ access_token, expires_at, refresh_token }));
}

function isUnauthenticated(error: unknown): boolean {
  return error instanceof SensuError && error.code === "unauthenticated";
}

function basicScheme(request: FastifyRequest): boolean {
  return request.headers.authorization?.startsWith(BASIC) ?? false;
}

/** Undefined without a well-formed header. */
function readBasic(request: FastifyRequest): Credentials | undefined {
  const header = request.headers.authorization;
  if (!header?.startsWith(BASIC)) return undefined;
  const text = Buffer.from(header.slice(BASIC.length), "base64").toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function bearer(request: FastifyRequest): string {
  const header = request.headers.authorization ?? "";
  return header.startsWith("Bearer ") ? header.slice(7) : header;
}

function readRefreshToken(request: FastifyRequest): string | undefined {
  try {
    return textField(readObject(request), "refresh_token");
  } catch {
    return undefined;
  }
}

/** The address the client used. */
function issuerOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.headers.host ?? ""}`;
}
