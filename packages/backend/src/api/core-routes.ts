/** What `core/v2` has beside the routes every type has (section 8 of the API description). */
import {
  AdhocRequest,
  type APIKey,
  Entity,
  Event,
  encodeJson,
  HookList,
  invalid,
  Silenced,
  stringifyJson,
  TessenConfig,
} from "@sensu-ts/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Actions } from "../actions/actions.ts";
import { plainErrors, sendCreated, sendJson, sendNoContent } from "./answers.ts";
import { bytesOf, readJson, readMessage, readObject, textField } from "./bodies.ts";
import {
  callerOf,
  idOf,
  listQuery,
  param,
  sendFound,
  sendMessage,
  sendPage,
  type WriteAnswers,
} from "./resource-routes.ts";
import { queryOf, readTimeoutMs } from "./system-routes.ts";

const BASE = "/api/core/v2";
const IN_NAMESPACE = `${BASE}/namespaces/:namespace`;

/** By type name: answers that differ from the common ones. */
export const CORE_ANSWERS: Readonly<Record<string, WriteAnswers>> = {
  Entity: {
    created: (reply, value) => sendMessage(reply, Entity, value as Entity),
    put: (reply, value) => sendMessage(reply, Entity, value as Entity),
  },
  APIKey: {
    plainCreateErrors: true,
    created: (reply, value) =>
      sendCreated(reply.header("Location", `${BASE}/apikeys/${encodeURIComponent((value as APIKey).metadata.name)}`)),
  },
};

export function coreRoutes(app: FastifyInstance, actions: Actions): void {
  checkRoutes(app, actions);
  eventRoutes(app, actions);
  silencedRoutes(app, actions);
  userRoutes(app, actions);
  clusterRoutes(app, actions);

  app.get(`${BASE}/tessen`, async (request, reply) => sendFound(reply, await actions.tessen.get(callerOf(request))));
  app.put(`${BASE}/tessen`, async (request, reply) =>
    sendFound(reply, await actions.tessen.put(callerOf(request), () => readMessage(request, TessenConfig))),
  );
  app.get("/api/enterprise/user-namespaces", async (request, reply) => {
    const names = await actions.namespaces.visible(callerOf(request));
    return sendJson(reply, stringifyJson(names.map((name) => ({ name }))));
  });
}

/** takes telemetry of old programs and drops it. No authentication. */
export function telemetryRoute(app: FastifyInstance): void {
  app.post(`${BASE}/tessen/metrics`, async (request, reply) => {
    const posted = readJson(request);
    if (!Array.isArray(posted)) throw invalid("json: an array of metric points is required");
    return sendJson(reply, stringifyJson(posted));
  });
}

function checkRoutes(app: FastifyInstance, { checks }: Actions): void {
  const check = `${IN_NAMESPACE}/checks/:name`;
  app.post(`${check}/execute`, async (request, reply) => {
    const issued = await checks.execute(callerOf(request), idOf(request), () => readMessage(request, AdhocRequest));
    return sendJson(reply, stringifyJson({ issued }), 202);
  });
  app.put(`${check}/hooks/:type`, async (request, reply) => {
    await checks.addHooks(callerOf(request), idOf(request), () => readMessage(request, HookList));
    return sendCreated(reply);
  });
  app.delete(`${check}/hooks/:type/hook/:hook`, async (request, reply) => {
    await checks.removeHook(callerOf(request), idOf(request), param(request, "type"), param(request, "hook"));
    return sendNoContent(reply);
  });
}

function eventRoutes(app: FastifyInstance, { events }: Actions): void {
  const collection = `${IN_NAMESPACE}/events`;
  const write = (event: Event) => encodeJson(Event, event);
  const list = async (request: FastifyRequest, reply: FastifyReply) =>
    sendPage(reply, await events.list(callerOf(request), listQuery(request)), write);
  const keyOf = (request: FastifyRequest) => ({
    namespace: param(request, "namespace"),
    entity: param(request, "entity"),
    check: param(request, "check"),
  });
  app.get(`${BASE}/events`, list);
  app.get(collection, list);
  app.get(`${collection}/:entity`, async (request, reply) => {
    const page = await events.list(callerOf(request), listQuery(request), param(request, "entity"));
    return sendPage(reply, page, write);
  });
  app.get(`${collection}/:entity/:check`, async (request, reply) =>
    sendFound(reply, await events.get(callerOf(request), keyOf(request))),
  );
  app.post(collection, async (request, reply) => {
    await events.create(callerOf(request), param(request, "namespace"), () => readMessage(request, Event));
    return sendCreated(reply);
  });
  for (const [method, verb] of [
    ["POST", "create"],
    ["PUT", "update"],
  ] as const) {
    app.route({
      method,
      url: `${collection}/:entity/:check`,
      handler: async (request, reply) => {
        await events.put(callerOf(request), verb, keyOf(request), () => readMessage(request, Event));
        return sendCreated(reply);
      },
    });
  }
  app.delete(`${collection}/:entity/:check`, async (request, reply) => {
    await events.remove(callerOf(request), keyOf(request));
    return sendNoContent(reply);
  });
}

function silencedRoutes(app: FastifyInstance, { silenced }: Actions): void {
  const write = (value: Silenced) => encodeJson(Silenced, value);
  const byCheck = async (request: FastifyRequest, reply: FastifyReply) => {
    const { namespace } = idOf(request);
    return sendPage(reply, await silenced.listByCheck(callerOf(request), namespace, param(request, "check")), write);
  };
  app.get(`${BASE}/silenced/checks/:check`, byCheck);
  app.get(`${IN_NAMESPACE}/silenced/checks/:check`, byCheck);
  app.get(`${IN_NAMESPACE}/silenced/subscriptions/:subscription`, async (request, reply) => {
    const { namespace } = idOf(request);
    const subscription = param(request, "subscription");
    return sendPage(reply, await silenced.listBySubscription(callerOf(request), namespace, subscription), write);
  });
}

function userRoutes(app: FastifyInstance, { users }: Actions): void {
  const user = `${BASE}/users/:name`;
  const nameOf = (request: FastifyRequest) => param(request, "name");
  app.put(`${user}/reinstate`, async (request, reply) => {
    await users.reinstate(callerOf(request), nameOf(request));
    return sendCreated(reply);
  });
  app.put(`${user}/groups/:group`, async (request, reply) => {
    await users.addGroup(callerOf(request), nameOf(request), param(request, "group"));
    return sendCreated(reply);
  });
  app.delete(`${user}/groups/:group`, async (request, reply) => {
    await users.removeGroup(callerOf(request), nameOf(request), param(request, "group"));
    return sendNoContent(reply);
  });
  app.delete(`${user}/groups`, async (request, reply) => {
    await users.removeGroups(callerOf(request), nameOf(request));
    return sendNoContent(reply);
  });
  app.put(`${user}/password`, async (request, reply) => {
    await users.replacePassword(callerOf(request), nameOf(request), () => {
      const body = readObject(request);
      return { password: textField(body, "password"), passwordHash: textField(body, "password_hash") };
    });
    return sendCreated(reply);
  });
  app.put(`${user}/change_password`, async (request, reply) => {
    await users.changePassword(callerOf(request), nameOf(request), () => {
      const body = readObject(request);
      return { password: textField(body, "password"), newPassword: textField(body, "password_new") };
    });
    return sendCreated(reply);
  });
  app.put(`${user}/reset_password`, async (request, reply) => {
    const read = () => textField(readObject(request), "password_hash");
    await users.resetPassword(callerOf(request), nameOf(request), read);
    return sendCreated(reply);
  });
}

/** Errors here are plain text, as etcd's are passed on (A-44, B-635). */
function clusterRoutes(app: FastifyInstance, { cluster }: Actions): void {
  const members = `${BASE}/cluster/members`;
  app.get(`${BASE}/cluster/id`, async (request, reply) =>
    plainErrors(reply, async () => sendJson(reply, await cluster.id(callerOf(request)))),
  );
  const answer = (
    request: FastifyRequest,
    reply: FastifyReply,
    work: (timeoutMs: number) => Promise<string>,
  ): Promise<FastifyReply> =>
    plainErrors(reply, async () => {
      const timeoutMs = readTimeoutMs(request);
      if (timeoutMs === undefined) throw invalid("the timeout must be a whole number of seconds");
      return sendJson(reply, await work(timeoutMs));
    });
  app.get(members, (request, reply) => answer(request, reply, (ms) => cluster.members(callerOf(request), ms)));
  app.post(members, (request, reply) =>
    answer(request, reply, (ms) => cluster.add(callerOf(request), () => peersOf(request), ms)),
  );
  app.put(`${members}/:id`, (request, reply) =>
    answer(request, reply, (ms) => cluster.update(callerOf(request), param(request, "id"), () => peersOf(request), ms)),
  );
  app.delete(`${members}/:id`, (request, reply) =>
    answer(request, reply, (ms) => cluster.remove(callerOf(request), param(request, "id"), ms)),
  );
}

function peersOf(request: FastifyRequest): readonly string[] {
  const form = request.contentType?.startsWith("application/x-www-form-urlencoded");
  const body = new URLSearchParams(form ? new TextDecoder().decode(bytesOf(request)) : "");
  const given = queryOf(request).get("peer-addrs") ?? body.get("peer-addrs") ?? "";
  if (given === "") throw invalid("missing peer-addrs form value");
  return given.split(",");
}
