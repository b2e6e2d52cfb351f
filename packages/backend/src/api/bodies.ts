/** Bodies of requests, read by our own codecs whatever the content type says. */
import { decodeJson, invalid, type JsonObject, type MessageType, parseJson } from "@sensu-ts/core";
import type { FastifyRequest } from "fastify";

const EMPTY = new Uint8Array(0);
const MERGE_PATCH = "application/merge-patch+json";

export function bytesOf(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : EMPTY;
}

/** Throws `invalid`. */
export function readMessage<T>(request: FastifyRequest, message: MessageType<T>): T {
  return decodeJson(message, requireBytes(request));
}

/** Throws `invalid` for anything but one JSON object. */
export function readObject(request: FastifyRequest): JsonObject {
  const json = parseJson(requireBytes(request));
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw invalid("json: a JSON object is required");
  }
  return json as JsonObject;
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
  const given = request.headers["content-type"];
  const type = given?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json-patch+json") {
    throw invalid(`JSON Patch is not supported yet. Allowed values: ${MERGE_PATCH}`);
  }
  if (type !== "" && type !== MERGE_PATCH) {
    throw invalid(`invalid Content-Type header: ${given}.  Allowed values: ${MERGE_PATCH}`);
  }
  return readObject(request);
}

function requireBytes(request: FastifyRequest): Uint8Array {
  const bytes = bytesOf(request);
  if (bytes.length === 0) throw invalid("EOF");
  return bytes;
}
