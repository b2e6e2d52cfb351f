/** Bodies of requests, read by our own codecs whatever the content type says. */
import { decodeJson, invalid, type Json, type JsonObject, type MessageType, parseJson } from "@sensu-ts/core";
import type { FastifyRequest } from "fastify";

const EMPTY = new Uint8Array(0);
const MERGE_PATCH = "application/merge-patch+json";

export function bytesOf(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : EMPTY;
}

/** Throws `invalid`. */
export function readMessage<T>(request: FastifyRequest, message: MessageType<T>): T {
  const bytes = requireBytes(request);
  return isNull(bytes) ? message.create() : readFirst(bytes, (text) => decodeJson(message, text));
}

/** The first JSON value of the body. Throws `invalid`. */
export function readJson(request: FastifyRequest): Json {
  return readFirst(requireBytes(request), parseJson);
}

/** Throws `invalid` for anything but a JSON object; `null` is an empty one, as in Go. */
export function readObject(request: FastifyRequest): JsonObject {
  const bytes = requireBytes(request);
  return isNull(bytes) ? {} : objectOf(readFirst(bytes, parseJson));
}

/** Text of a field, matched without regard to case; empty when absent. Throws `invalid` for another JSON type. */
export function textField(object: JsonObject, name: string): string {
  const key = Object.keys(object).find((one) => one.toLowerCase() === name);
  const value = key === undefined ? null : object[key];
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") throw invalid(`json: field ${name} must be a string`);
  return value;
}

/** */
export function readPatch(request: FastifyRequest): JsonObject {
  const given = request.contentType;
  const type = given?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json-patch+json") {
    throw invalid(`JSON Patch is not supported yet. Allowed values: ${MERGE_PATCH}`);
  }
  if (type !== "" && type !== MERGE_PATCH) {
    throw invalid(`invalid Content-Type header: ${given}.  Allowed values: ${MERGE_PATCH}`);
  }
  return objectOf(readJson(request));
}

function objectOf(json: Json): JsonObject {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as JsonObject;
  throw invalid("json: a JSON object is required");
}

function requireBytes(request: FastifyRequest): Uint8Array {
  const bytes = bytesOf(request);
  if (bytes.length === 0) throw invalid("EOF");
  return bytes;
}

function isNull(bytes: Uint8Array): boolean {
  return bytes.length < 64 && new TextDecoder().decode(bytes).trim() === "null";
}

/** Go reads one value and leaves the rest of the body alone: what fails as a whole is tried without the rest. */
function readFirst<T>(bytes: Uint8Array, read: (bytes: Uint8Array) => T): T {
  try {
    return read(bytes);
  } catch (error) {
    const end = endOfFirst(bytes);
    if (end === undefined || end === bytes.length) throw error;
    return read(bytes.subarray(0, end));
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Where the object or array at the start ends; undefined when there is none or it does not end. */
function endOfFirst(bytes: Uint8Array): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte)) {
      if (--depth <= 0) return depth === 0 ? at + 1 : undefined;
    } else if (depth === 0 && !SPACE.has(byte)) return undefined;
    else if (byte === QUOTE) quoted = true;
  }
  return undefined;
}
