/** What an upgrade request must show before a session starts, and the refusals (W-3, W-7). */
import type { IncomingMessage } from "node:http";
import type { Caller } from "@sensu-ts/core";
import { chooseEncoding, type Encoding, HEADER, parseSubscriptions, type Question, SensuError } from "@sensu-ts/core";
import type { AgentAccess } from "./ports.ts";

export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Accepted {
  readonly name: string;
  readonly namespace: string;
  /** As the header lists them. */
  readonly subscriptions: readonly string[];
  readonly encoding: Encoding;
  readonly caller: Caller;
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

/** The first line of a header that may come several times. */
function firstLine(request: IncomingMessage, name: string): string | undefined {
  const at = request.rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name);
  return at < 0 ? undefined : request.rawHeaders[at + 1];
}

/** RFC 6455's part; `undefined` when it is a proper upgrade. */
export function upgradeRefusal(request: IncomingMessage): Refusal | undefined {
  const tokens = (name: string) =>
    header(request, name)
      .toLowerCase()
      .split(",")
      .map((token) => token.trim());
  const badRequest = { status: 400, body: "Bad Request", headers: { "Sec-WebSocket-Version": "13" } };
  if (!tokens("connection").includes("upgrade")) return badRequest;
  if (!tokens("upgrade").includes("websocket")) {
    return { status: 426, body: "Upgrade Required", headers: { Upgrade: "websocket" } };
  }
  if (request.method !== "GET") return { status: 405, body: "Method Not Allowed" };
  if (!tokens("sec-websocket-version").includes("13")) return badRequest;
  const origin = header(request, "origin");
  if (origin !== "" && hostOf(origin) !== header(request, "host").toLowerCase())
    return { status: 403, body: "Forbidden" };
  if (!/^[A-Za-z0-9+/]{22}==$/.test(header(request, "sec-websocket-key"))) return badRequest;
  return undefined;
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : "";
}

function credentials(request: IncomingMessage): { user: string; password: string } | undefined {
  const match = /^basic (.*)$/i.exec(header(request, "authorization"));
  if (!match) return undefined;
  const text = Buffer.from(match[1] ?? "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** W-15: the right an agent needs, asked again while its session lives. */
export function agentQuestion(namespace: string, name: string): Question {
  return { verb: "create", resource: "events", namespace, name };
}

/** Authentication, rights, namespace, upgrade, in this order. */
export async function examine(
  request: IncomingMessage,
  access: AgentAccess,
  namespaceExists: (namespace: string) => boolean,
): Promise<Accepted | Refusal> {
  const given = credentials(request);
  if (!given) return { status: 401, body: "missing credentials" };
  const name = header(request, HEADER.agentName);
  const namespace = header(request, HEADER.namespace);
  let caller: Caller;
  try {
    caller = await access.authenticateBasic(given.user, given.password, request.socket.remoteAddress);
    access.authorize(caller, agentQuestion(namespace, name));
  } catch (error) {
    return refusalOf(error);
  }
  if (!namespaceExists(namespace)) return { status: 404, body: `namespace ${JSON.stringify(namespace)} not found` };
  if (name === "") return { status: 400, body: `missing header ${HEADER.agentName}` };
  const refusal = upgradeRefusal(request);
  if (refusal) return refusal;
  return {
    name,
    namespace,
    caller,
    subscriptions: parseSubscriptions(header(request, HEADER.subscriptions)),
    encoding: chooseEncoding(firstLine(request, "accept")),
  };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof SensuError) {
    if (error.code === "unauthenticated") return { status: 401, body: "bad credentials" };
    if (error.code === "denied") return { status: 403, body: "Forbidden" };
    if (error.code === "unavailable") return { status: 503, body: "service unavailable" };
  }
  return { status: 500, body: "Internal Server Error" };
}
