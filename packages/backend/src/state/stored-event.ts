import { decodeProto, Event } from "@sensu-ts/core";
import type { StoredEvent } from "@sensu-ts/store";

/** Throws `CodecError` when the stored bytes are damaged. */
export function decodeStored(stored: StoredEvent): Event {
  return decodeProto(Event, stored.bytes);
}
