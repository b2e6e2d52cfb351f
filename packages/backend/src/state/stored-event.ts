import { decodeProto, type Entity, Event, fieldNumber, scanFields } from "@sensu-ts/core";
import type { StoredEvent } from "@sensu-ts/store";

const ENTITY = fieldNumber(Event, "entity");

/** Throws `CodecError` when the stored bytes are damaged. */
export function decodeStored(stored: StoredEvent): Event {
  return decodeProto(Event, stored.bytes);
}

/** An event of our own writing, its entity being known: it is more than half of the work. */
export function decodeWithEntity(bytes: Uint8Array, entity: Entity): Event {
  let begin = 0;
  let from = 0;
  let to = 0;
  scanFields(bytes, (no, _wire, _start, end) => {
    if (no === ENTITY) [from, to] = [begin, end];
    begin = end;
  });
  const rest = Buffer.allocUnsafe(bytes.length - (to - from));
  rest.set(bytes.subarray(0, from));
  rest.set(bytes.subarray(to), from);
  return { ...decodeProto(Event, rest), entity };
}
