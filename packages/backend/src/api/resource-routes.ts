/** Routes of every registered type, derived from its row. */
import {
  encodeJson,
  invalid,
  type MessageType,
  type ResourceType,
  SensuError,
  stringifyJson,
  unwrap,
  wrap,
} from "@sensu-ts/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Identity } from "../access/identity.ts";
import type { Found, Id, ListQuery, Page, ResourceActions } from "../actions/resource-actions.ts";
import { scriptWarnings } from "../actions/script-warnings.ts";
import { plainErrors, sendCreated, sendJson, sendNoContent } from "./answers.ts";
import { readJson, readMessage, readPatch } from "./bodies.ts";
import { queryOf } from "./system-routes.ts";

type Params = Readonly<Record<string, string>>;

/** What a type answers to a write that succeeded; the default is 201 and no body. */
export interface WriteAnswers {
  readonly created?: (reply: FastifyReply, value: unknown) => FastifyReply;
  /** Errors of POST are plain text. */
  readonly plainCreateErrors?: boolean;
  readonly put?: (reply: FastifyReply, value: unknown) => FastifyReply;
}

export function resourceRoutes(
  app: FastifyInstance,
  type: ResourceType,
  actions: ResourceActions<unknown>,
  answers: WriteAnswers = {},
): void {
  const form = type.apiVersion === "core/v2" ? bareForm(type) : wrappedForm(type);
  const collection = collectionPath(type);
  const member = `${collection}/:name`;
  const has = (method: ResourceType["methods"][number]) => type.methods.includes(method);

  if (has("GET")) {
    const list = async (request: FastifyRequest, reply: FastifyReply) =>
      sendPage(reply, await actions.list(callerOf(request), listQuery(request)), form.write);
    app.get(collection, list);
    if (type.scope === "namespaced" && type.allNamespaces) app.get(allNamespacesPath(type), list);
    app.get(member, async (request, reply) =>
      sendFound(reply, await actions.get(callerOf(request), idOf(request)), form),
    );
  }
  if (has("POST")) {
    const create = async (request: FastifyRequest, reply: FastifyReply) => {
      const { namespace } = idOf(request);
      const value = await actions.create(callerOf(request), namespace, () => form.read(request));
      request.warnings = scriptWarnings(type, value);
      return answers.created ? answers.created(reply, value) : sendCreated(reply);
    };
    app.post(collection, (request, reply) =>
      answers.plainCreateErrors ? plainErrors(reply, () => create(request, reply)) : create(request, reply),
    );
  }
  if (has("PUT")) {
    app.put(member, async (request, reply) => {
      const value = await actions.put(callerOf(request), idOf(request), () => form.read(request));
      request.warnings = scriptWarnings(type, value);
      return answers.put ? answers.put(reply, value) : sendCreated(reply);
    });
  }
  if (has("PATCH")) {
    app.patch(member, async (request, reply) => {
      const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = request.headers;
      const conditions = {
        // An empty header is none.
        ...(ifMatch ? { ifMatch } : {}),
        ...(ifNoneMatch ? { ifNoneMatch } : {}),
      };
      const found = await actions.patch(callerOf(request), idOf(request), () => readPatch(request), conditions);
      request.warnings = scriptWarnings(type, found.value);
      return sendFound(reply, found, form);
    });
  }
  if (has("DELETE")) {
    app.delete(member, async (request, reply) => {
      await actions.remove(callerOf(request), idOf(request));
      return sendNoContent(reply);
    });
  }
}

/** How values of a type look in requests and answers. */
interface Form {
  read(request: FastifyRequest): unknown;
  write(value: unknown): string;
  /** Absent: the message that was found decides. */
  writeFound?(value: unknown): string;
}

function bareForm(type: ResourceType): Form {
  const { message } = type;
  return { read: (request) => readMessage(request, message), write: (value) => encodeJson(message, value) };
}

/** Enterprise groups speak in wrapped form. */
function wrappedForm(type: ResourceType): Form {
  const write = (value: unknown) => stringifyJson(wrap(type, value));
  return {
    read(request) {
      const resource = unwrap(readJson(request));
      if (resource.type !== type) {
        throw invalid(`the type ${resource.type.apiVersion}.${resource.type.name} does not belong to this endpoint`);
      }
      return resource.value;
    },
    write,
    writeFound: write,
  };
}

function groupPath(type: ResourceType): string {
  return type.apiVersion.startsWith("core/") ? `/api/${type.apiVersion}` : `/api/enterprise/${type.apiVersion}`;
}

export function collectionPath(type: ResourceType): string {
  return type.scope === "namespaced"
    ? `${groupPath(type)}/namespaces/:namespace/${type.path}`
    : `${groupPath(type)}/${type.path}`;
}

export function allNamespacesPath(type: ResourceType): string {
  return `${groupPath(type)}/${type.path}`;
}

/** Only on routes behind authentication. */
export function callerOf(request: FastifyRequest): Identity {
  if (!request.caller) throw new SensuError("unauthenticated", "bad credentials");
  return request.caller;
}

export function idOf(request: FastifyRequest): Id {
  const { namespace = "", name = "" } = request.params as Params;
  return { namespace, name };
}

export function param(request: FastifyRequest, name: string): string {
  return (request.params as Params)[name] ?? "";
}

export function listQuery(request: FastifyRequest): ListQuery {
  const query = queryOf(request);
  const limit = query.get("limit") ?? "";
  const position = query.get("continue") ?? "";
  return {
    namespace: idOf(request).namespace,
    ...(/^\d{1,15}$/.test(limit) ? { limit: Number(limit) } : {}),
    ...(position === "" ? {} : { continue: position }),
    fieldSelector: query.getAll("fieldSelector"),
    labelSelector: query.getAll("labelSelector"),
  };
}

export function sendPage<T>(reply: FastifyReply, page: Page<T>, write: (value: T) => string): FastifyReply {
  if (page.continue !== undefined) reply.header("Sensu-Continue", page.continue);
  return sendJson(reply, `[${page.items.map(write).join(",")}]`);
}

export function sendFound(reply: FastifyReply, found: Found, form?: Form): FastifyReply {
  reply.header("ETag", found.etag);
  return sendJson(reply, form?.writeFound?.(found.value) ?? encodeJson(found.message, found.value));
}

export function sendMessage<T>(reply: FastifyReply, message: MessageType<T>, value: T): FastifyReply {
  return sendJson(reply, encodeJson(message, value));
}
