/** What an upgrade request must show before a session starts, and the refusals (W-3, W-7). */
import type { IncomingMessage } from "node:http";
import { chooseEncoding, type Encoding, HEADER, parseSubscriptions, type Question, SensuError } from "@sensu-ts/core";
import type { AgentIdentity } from "./identify.ts";
import type { AgentAccess } from "./ports.ts";
import type { Refusal } from "./refusal.ts";

export interface Accepted extends AgentIdentity {
  readonly name: string;
  readonly namespace: string;
  /** As the header lists them. */
  readonly subscriptions: readonly string[];
  readonly encoding: Encoding;
  /** The agent wants to be told which events are safe (W-143). */
  readonly acknowledges: boolean;
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

/** What the agent calls itself, for messages about a request that was not accepted. */
export function claimedName(request: IncomingMessage): string {
  return header(request, HEADER.agentName);
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

/** Of a target such as `/ready?x=1`, or whole, as proxies ask: `http://host:8081/ready`. */
export function pathOf({ url = "/" }: IncomingMessage): string {
  return url.replace(/^https?:\/\/[^/?]*/i, "").split("?", 1)[0] || "/";
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : "";
}

/** W-15: the right an agent needs, asked again while its session lives. */
export function agentQuestion(namespace: string, name: string): Question {
  return { verb: "create", resource: "events", namespace, name };
}

export interface ExamineParts {
  /** Throws `unauthenticated` with the text for the client. */
  readonly identify: () => AgentIdentity | Promise<AgentIdentity>;
  readonly access: AgentAccess;
  readonly namespaceExists: (namespace: string) => boolean;
}

/** Authentication, rights, namespace, upgrade, in this order. */
export async function examine(request: IncomingMessage, parts: ExamineParts): Promise<Accepted | Refusal> {
  const name = header(request, HEADER.agentName);
  const namespace = header(request, HEADER.namespace);
  let identity: AgentIdentity;
  try {
    identity = await parts.identify();
  } catch (error) {
    return refusalOf(error);
  }
  try {
    parts.access.authorize(identity.caller, agentQuestion(namespace, name));
  } catch (error) {
    return { ...refusalOf(error), detail: missingRight(identity, namespace, name) };
  }
  if (!parts.namespaceExists(namespace)) {
    return { status: 404, body: `namespace ${JSON.stringify(namespace)} not found` };
  }
  if (name === "") return { status: 400, body: `missing header ${HEADER.agentName}` };
  const refusal = upgradeRefusal(request);
  if (refusal) return refusal;
  return {
    ...identity,
    name,
    namespace,
    subscriptions: parseSubscriptions(header(request, HEADER.subscriptions)),
    encoding: chooseEncoding(firstLine(request, "accept")),
    acknowledges: header(request, HEADER.eventAck) === "1",
  };
}

/** What is missing and both ways to give it (S-490). */
function missingRight({ caller }: AgentIdentity, namespace: string, name: string) {
  const { verb, resource } = agentQuestion(namespace, name);
  const { username: user, groups } = caller;
  const remedy =
    `sensuctl user add-group ${user} system:agents, or bind it: sensuctl role-binding create ${user} ` +
    `--role ROLE --user ${user} --namespace ${namespace} with a role that may ${verb} ${resource}`;
  return { user, groups, verb, resource, namespace, agent: name, remedy };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof SensuError) {
    if (error.code === "unauthenticated") return { status: 401, body: error.message };
    if (error.code === "denied") return { status: 403, body: "Forbidden" };
    if (error.code === "unavailable") return { status: 503, body: "service unavailable" };
  }
  return { status: 500, body: "Internal Server Error" };
}
