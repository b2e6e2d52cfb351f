/** `/api/ui/v1/…`: what the page needs beyond the ordinary API (U 6.8). */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Decision, invalid, type Question, SensuError, VERBS } from "@sensu-ts/core";
import type { Identity } from "../access/identity.ts";
import { readObject, sendJson } from "./answers.ts";
import type { MeasuredCertificates } from "./certificates/measured.ts";
import { certificateRows } from "./certificates/rows.ts";
import type { LiveFeed } from "./feed/feed.ts";
import { readTopic } from "./feed/topic.ts";
import { listEntities } from "./lists/entities.ts";
import { listEvents } from "./lists/events.ts";
import { entityQuestion, eventQuestion, namespaceOf } from "./lists/question.ts";
import type { UiPorts } from "./ports.ts";
import { requireRight } from "./require-right.ts";
import type { SigninTickets } from "./tickets.ts";
import type {
  CertificatePem,
  CertificateRole,
  NextRun,
  Review,
  ReviewAnswer,
  SigninInfo,
  TicketAnswer,
} from "./wire.ts";

const MAX_REVIEWS = 200;

export interface RouteParts {
  readonly ports: UiPorts;
  readonly feed: LiveFeed;
  readonly measured: MeasuredCertificates;
  readonly tickets: SigninTickets;
  readonly version: string;
  readonly basePath: string;
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

type Route = (call: Call) => Promise<void> | void;

/** Keyed by `METHOD /path` below `/api/ui/v1`. */
export function uiRoutes(parts: RouteParts): ReadonlyMap<string, Route> {
  const { ports, feed, tickets } = parts;
  const { access } = ports;

  const caller = async ({ request }: Call): Promise<Identity> => ({
    ...(await access.authenticate(request.headers.authorization)),
    address: request.socket.remoteAddress ?? "",
  });

  function require(identity: Identity, question: Question): void {
    requireRight(access, identity, question);
  }

  const requireList = (identity: Identity, resource: string, namespace: string): void =>
    require(identity, { verb: "list", resource, namespace, name: "" });

  /** U-325: what is the backend's own, what agents of a namespace have shown, and what its checks measured. */
  function seesCertificate(identity: Identity) {
    const may = (question: Omit<Question, "name">) => access.allowed(identity, { ...question, name: "" });
    const ofBackend = ["clusters", "config"].some((resource) => may({ verb: "get", resource, namespace: "" }));
    const namespaces = new Map<string, boolean>();
    return (known: { readonly role: CertificateRole; readonly namespace?: string }): boolean => {
      const resource = { agent: "entities", check: "events" }[known.role as string];
      if (resource === undefined) return ofBackend;
      const { namespace = "" } = known;
      const key = `${resource} ${namespace}`;
      const seen = namespaces.get(key) ?? may({ verb: "list", resource, namespace });
      namespaces.set(key, seen);
      return seen;
    };
  }

  return new Map<string, Route>([
    [
      "GET /signin",
      ({ response }) =>
        sendJson(response, 200, { message: ports.signinMessage(), version: parts.version } satisfies SigninInfo),
    ],
    [
      "POST /signin",
      async ({ request, response }) => {
        const { ticket } = await readObject(request);
        if (typeof ticket !== "string") throw invalid("ticket is missing");
        sendJson(response, 200, await access.issueTokens(tickets.redeem(ticket)));
      },
    ],
    [
      "POST /tickets",
      async (call) => {
        const identity = await caller(call);
        // An API key may be narrower in time or place than its user's session.
        if (identity.apiKey) throw new SensuError("denied", "an API key cannot make a sign-in link");
        // Another cluster's user of the same name may be somebody else.
        if (!(await access.loggedInHere(identity))) {
          throw new SensuError("denied", "only who logged in at this cluster can make a sign-in link");
        }
        sendJson(call.response, 201, ticketAnswer(tickets, identity.username, parts.basePath));
      },
    ],
    [
      "POST /access-review",
      async (call) => {
        const identity = await caller(call);
        const reviews = readReviews((await readObject(call.request))["reviews"]);
        const answers = reviews.map((review) => reviewAnswer(access.review(identity, review)));
        sendJson(call.response, 200, answers);
      },
    ],
    [
      "GET /events",
      async (call) => {
        const question = eventQuestion(call.query);
        requireList(await caller(call), "events", question.namespace);
        sendJson(call.response, 200, await listEvents(ports.events, question));
      },
    ],
    [
      "GET /entities",
      async (call) => {
        const question = entityQuestion(call.query);
        const identity = await caller(call);
        requireList(identity, "entities", question.namespace);
        requireList(identity, "events", question.namespace);
        sendJson(call.response, 200, await listEntities(ports.entities, ports.events, question));
      },
    ],
    [
      "GET /certificates",
      async (call) => {
        const identity = await caller(call);
        const measured = parts.measured.list();
        const answer = await certificateRows(ports.certificates, measured, seesCertificate(identity), ports.now());
        sendJson(call.response, 200, answer);
      },
    ],
    [
      "GET /certificates/pem",
      async (call) => {
        const sees = seesCertificate(await caller(call));
        const wanted = call.query.get("sha256");
        const all = await ports.certificates.certificates();
        const found = all.find((known) => known.fingerprint === wanted && sees(known));
        if (!found) throw new SensuError("notFound");
        sendJson(call.response, 200, { pem: found.chain.map(String).join("") } satisfies CertificatePem);
      },
    ],
    [
      "GET /agent-sessions",
      async (call) => {
        const namespace = call.query.get("namespace") ?? "";
        requireList(await caller(call), "entities", namespace);
        const entity = call.query.get("entity");
        const rows = ports.sessions.list(namespace);
        sendJson(call.response, 200, entity === null ? rows : rows.filter((row) => row.entity === entity));
      },
    ],
    [
      "GET /trace",
      async (call) => {
        const namespace = namespaceOf(call.query);
        const entity = call.query.get("entity") ?? "";
        const check = call.query.get("check") ?? "";
        const identity = await caller(call);
        require(identity, { verb: "get", resource: "events", namespace, name: `${entity}/${check}` });
        const seesOutput = access.allowed(identity, { verb: "get", resource: "handlers", namespace, name: "" });
        const traces = ports.traces.of(namespace, entity, check);
        sendJson(call.response, 200, seesOutput ? traces : traces.map(withoutOutput));
      },
    ],
    [
      "GET /next-run",
      async (call) => {
        const namespace = namespaceOf(call.query);
        const entity = call.query.get("entity") ?? "";
        const check = call.query.get("check") ?? "";
        require(await caller(call), { verb: "get", resource: "events", namespace, name: `${entity}/${check}` });
        const next = ports.schedule.nextRun(namespace, check);
        sendJson(call.response, 200, { defined: next !== undefined, at: Math.round(next?.at ?? 0) } satisfies NextRun);
      },
    ],
    [
      "GET /stream",
      async (call) => {
        const topic = readTopic(call.query);
        const identity = await caller(call);
        await feed.open(topic, identity, call.request, call.response);
      },
    ],
  ]);
}

export function ticketAnswer(tickets: SigninTickets, username: string, basePath: string): TicketAnswer {
  const { ticket, expiresAt } = tickets.create(username);
  // Behind `#`: the ticket never reaches a log or a referrer.
  return { path: `${basePath}signin#ticket=${ticket}`, expires_at: expiresAt };
}

function readReviews(value: unknown): readonly Question[] {
  if (!Array.isArray(value) || value.length > MAX_REVIEWS) throw invalid("reviews is no list of at most 200");
  return value.map((item: Partial<Review> | null) => {
    const { verb, resource, namespace, name = "", apiGroup = "", apiVersion = "" } = item ?? {};
    if (verb === undefined || !VERBS.includes(verb)) throw invalid("unknown verb");
    if (typeof resource !== "string" || typeof namespace !== "string") throw invalid("resource or namespace missing");
    if ([name, apiGroup, apiVersion].some((text) => typeof text !== "string")) {
      throw invalid("name, apiGroup or apiVersion is no text");
    }
    return { verb, resource, namespace, name };
  });
}

function reviewAnswer({ allowed, by, dangling }: Decision): ReviewAnswer {
  if (!by) return { allowed, binding: null, rule: null, reason: allowed ? "" : (dangling[0]?.message ?? "") };
  const { verbs, resources, resource_names: names } = by.rule;
  return {
    allowed,
    binding: {
      type: by.namespace === "" ? "ClusterRoleBinding" : "RoleBinding",
      namespace: by.namespace,
      name: by.binding,
    },
    rule: { verbs, resources, resource_names: names.length === 0 ? null : names },
    reason: "",
  };
}

/** U-363: handler output needs `get handlers`. */
function withoutOutput(trace: ReturnType<UiPorts["traces"]["of"]>[number]): typeof trace {
  const runs = trace.runs.map((run) => ({ ...run, steps: run.steps.map((step) => ({ ...step, output: "" })) }));
  return { ...trace, runs };
}
