/** When something is due, read from the stored event itself: nothing else has to be written or can disagree. */
import { DEFAULT_KEEPALIVE_TIMEOUT, int, KEEPALIVE, readVarint, scanFields } from "@sensu-ts/core";
import type { StoredEvent } from "@sensu-ts/store";

/** Numbers of Event's fields, Entity's class and Check's fields. */
const ENTITY = 2;
const ENTITY_CLASS = 1;
const CHECK = 3;
const TTL = 18;
const TIMEOUT = 19;
const ROUND_ROBIN = 21;
const PROXY = Buffer.from("proxy");

export interface StoredDeadline {
  /** Seconds of silence after which it is due. */
  readonly timeout: number;
}

/** Undefined when nothing of this event is ever due. Throws `CodecError` when the bytes are damaged. */
export function storedDeadline(stored: StoredEvent): StoredDeadline | undefined {
  let ttl = 0;
  let warning = 0;
  let roundRobin = false;
  let proxy = false;
  scanFields(stored.bytes, (no, wire, start, end) => {
    if (wire !== 2) return;
    if (no === ENTITY) proxy = isProxy(stored.bytes.subarray(start, end));
    if (no !== CHECK) return;
    const check = stored.bytes.subarray(start, end);
    scanFields(check, (field, kind, at) => {
      if (kind !== 0) return;
      if (field === TTL) ttl = int(readVarint(check, at));
      else if (field === TIMEOUT) warning = int(readVarint(check, at));
      else if (field === ROUND_ROBIN) roundRobin = int(readVarint(check, at)) !== 0;
    });
  });
  if (stored.check === KEEPALIVE) return { timeout: warning || (ttl > 0 ? ttl : DEFAULT_KEEPALIVE_TIMEOUT) };
  // P-71: that of a ring would only be logged.
  return ttl > 0 && (proxy || !roundRobin) ? { timeout: ttl } : undefined;
}

function isProxy(entity: Uint8Array): boolean {
  let proxy = false;
  scanFields(entity, (no, wire, start, end) => {
    if (no === ENTITY_CLASS && wire === 2) proxy = PROXY.equals(entity.subarray(start, end));
  });
  return proxy;
}
