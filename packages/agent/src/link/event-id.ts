import { randomUUID } from "node:crypto";
import { parseUuid } from "@sensu-ts/core";

/** 16 bytes of a random UUID. */
export function randomId(): Uint8Array {
  return parseUuid(randomUUID());
}
