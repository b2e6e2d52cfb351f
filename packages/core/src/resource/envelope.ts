/** The wrapped form of a resource: `type`, `api_version`, `metadata`, `spec`. */
import { CodecError } from "../codec/error.ts";
import { fromTree, toTree } from "../codec/json.ts";
import type { Json, JsonObject, JsonOptions, MessageType } from "../codec/schema.ts";
import { invalid, SensuError } from "../errors.ts";
import { User } from "../types/access.ts";
import { ObjectMeta } from "../types/meta.ts";
import { apiGroup, RESOURCE_TYPES, resourceType } from "./registry.ts";
import type { ResourceType } from "./type.ts";

export interface Resource<T = unknown> {
  readonly type: ResourceType<T>;
  readonly value: T;
}

export class MissingSpec extends SensuError {
  readonly type: ResourceType;

  constructor(type: ResourceType) {
    super("invalid", "no spec provided");
    this.type = type;
  }
}

/** Entities are redacted unless `redact` is false. */
export function wrap<T>(type: ResourceType<T>, value: T, options: JsonOptions = { redact: true }): JsonObject {
  const { metadata, ...spec } = toTree(type.message, value, options);
  return {
    type: type.name,
    api_version: type.apiVersion,
    metadata: metadata ?? (toTree(ObjectMeta, ObjectMeta.create(type.id(value))) as Json),
    spec: sorted(spec),
  };
}

/**
 * Reads a wrapped resource. Throws `SensuError("invalid")` with different texts for an unknown group, an unknown type
 * and a missing spec.
 */
export function unwrap(tree: Json): Resource {
  if (!isObject(tree)) throw new CodecError("error parsing data as wrapped-json: an object is expected");
  const envelope = readEnvelope(tree);
  const type = resolve(envelope.apiVersion, envelope.type);
  if (envelope.spec === null) throw new MissingSpec(type);
  if (!isObject(envelope.spec)) throw new CodecError(`spec of ${type.name}: an object is expected`);
  const value = fromTree(type.message, envelope.spec);
  return { type, value: withOuterMetadata(type, value, envelope.metadata) };
}

function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function readEnvelope(tree: JsonObject) {
  const given: Record<string, Json> = {};
  for (const [key, value] of Object.entries(tree)) given[key.toLowerCase()] = value;
  const { type, api_version: apiVersion, metadata, spec } = given;
  for (const word of [type ?? "", apiVersion ?? ""]) {
    if (typeof word !== "string") {
      throw new CodecError("error parsing data as wrapped-json: type and api_version must be strings");
    }
  }
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    throw new CodecError("error parsing data as wrapped-json: metadata must be an object");
  }
  return {
    type: (type ?? "") as string,
    apiVersion: (apiVersion || "core/v2") as string,
    metadata: isObject(metadata) ? fromTree(ObjectMeta, metadata) : ObjectMeta.create(),
    spec: spec ?? null,
  };
}

function resolve(apiVersion: string, name: string): ResourceType {
  const found = resourceType(apiVersion, name);
  if (found !== undefined) return found;
  const group = apiGroup(apiVersion);
  if (!RESOURCE_TYPES.some((type) => type.apiVersion === group)) {
    throw invalid(`error parsing spec: api group ${apiVersion} has not been registered`);
  }
  throw invalid(`error parsing spec: api not found: ${JSON.stringify(name)} in ${apiVersion}`);
}

/**
 * What is set outside wins; labels and annotations are united. Types without metadata ignore it but
 * users, who take their name from it.
 */
function withOuterMetadata<T>(type: ResourceType<T>, value: T, outer: ObjectMeta): T {
  if (type.name === User.name && outer.name !== "") return type.withId(value, { namespace: "", name: outer.name });
  if (!("metadata" in (type.message as MessageType<T>).fields)) return value;
  const inner = (value as { readonly metadata?: ObjectMeta }).metadata ?? ObjectMeta.create();
  const metadata: ObjectMeta = {
    ...inner,
    namespace: outer.namespace || inner.namespace,
    name: outer.name || inner.name,
    created_by: outer.created_by || inner.created_by,
    labels: { ...inner.labels, ...outer.labels },
    annotations: { ...inner.annotations, ...outer.annotations },
  };
  return { ...value, metadata };
}

/** The same tree with the keys of every object in byte order. */
function sorted(json: Json): Json {
  if (Array.isArray(json)) return json.map(sorted);
  if (typeof json !== "object" || json === null) return json;
  const result: Record<string, Json> = Object.create(null);
  for (const key of Object.keys(json).sort()) result[key] = sorted((json as JsonObject)[key] as Json);
  return result;
}
