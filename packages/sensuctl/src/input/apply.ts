/** From parsed resources to requests, in the order of the input (C-106 to C-109). */
import { ApiError, collectionPath, memberPath } from "@sensu-ts/client";
import { type JsonObject, type ResourceType, Silenced, toTree, wrap } from "@sensu-ts/core";
import { Failure } from "../frame/failure.ts";
import type { Session } from "../frame/session.ts";

export interface FileResource {
  readonly type: ResourceType;
  readonly value: unknown;
}

const MANAGED_BY = "sensu.io/managed_by";
const WITHOUT_REDACTION = { redact: false } as const;

/** Path of the resource; an event's is `events/<entity>/<check>`. */
export function resourcePath({ type, value }: FileResource): string {
  const { namespace, name } = type.id(value);
  const scope = type.scope === "namespaced" ? namespace : "";
  // A resource without a name is the collection's, and the only one of its type has none.
  if (name === "") return collectionPath(type.apiVersion, scope, type.path);
  const names = type.name === "Event" ? name.split("/") : [name];
  return memberPath(type.apiVersion, scope, type.path, ...names);
}

/** A silence is named after what it silences (C-88), unless it has a name. */
export function named(resource: FileResource): FileResource {
  const { type, value } = resource;
  if (type.name !== Silenced.name || type.id(value).name !== "") return resource;
  const { subscription, check, metadata } = value as Silenced;
  if (subscription === "" && check === "") return resource;
  const name = `${subscription || "*"}:${check || "*"}`;
  return { type, value: type.withId(value, { namespace: metadata.namespace, name }) };
}

/** An explicit namespace wins; cluster-wide types get none. */
export function withNamespace(resource: FileResource, namespace: string): FileResource {
  const { type, value } = resource;
  const id = type.id(value);
  if (type.scope !== "namespaced" || id.namespace !== "") return resource;
  return { type, value: type.withId(value, { ...id, namespace }) };
}

/** Marks what `prune` may delete later; types without metadata stay as they are (C-108). */
export function managed(resource: FileResource): FileResource {
  const { type, value } = resource;
  const { metadata } = value as { metadata?: { labels?: Readonly<Record<string, string>> } };
  if (!("metadata" in type.message.fields) || metadata?.labels?.[MANAGED_BY] === "sensu-agent") return resource;
  const labels = { ...metadata?.labels, [MANAGED_BY]: "sensuctl" };
  return { type, value: { ...(value as object), metadata: { ...metadata, labels } } };
}

/** One PUT each; the first failure ends it. `core/v2` goes bare, every other group in its envelope (C-43). */
export async function putAll(session: Session, resources: readonly FileResource[]): Promise<void> {
  const client = await session.client();
  for (const [i, resource] of resources.entries()) {
    const { type, value } = resource;
    const path = resourcePath(resource);
    const body: JsonObject =
      type.apiVersion === "core/v2"
        ? toTree(type.message, value, WITHOUT_REDACTION)
        : wrap(type, value, WITHOUT_REDACTION);
    try {
      await naming("PUT", path, client.put(path, body));
    } catch (error) {
      const { namespace, name } = type.id(value);
      throw new Failure(
        `error putting resource #${i} with name ${JSON.stringify(name)} and namespace ${JSON.stringify(namespace)} ` +
          `(${path}): ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

/** A failure without an answer of the API says what was asked for (C-94). */
export async function naming<T>(method: string, path: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new Failure(`${method} "${path}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

export async function deleteAll(session: Session, resources: readonly FileResource[]): Promise<void> {
  const client = await session.client();
  for (const [i, resource] of resources.entries()) {
    const path = resourcePath(resource);
    try {
      await client.delete(path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Failure(`error deleting resource ${i} (${path}): ${reason}`);
    }
  }
}
