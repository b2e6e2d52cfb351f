/**
 * Tells an agent that asked for it which of its events are safe (W-143): ids of 16 bytes, all of one turn of the event
 * loop in one frame. Nothing is made for each event.
 */
import { joinFrame, MESSAGE } from "@sensu-ts/core";
import type { SettledEvents } from "../ingest/draft.ts";

const ID_BYTES = 16;

export class Acks implements SettledEvents {
  readonly #send: (frame: Uint8Array) => void;
  #ids = Buffer.allocUnsafe(8 * ID_BYTES);
  #length = 0;

  constructor(send: (frame: Uint8Array) => void) {
    this.#send = send;
  }

  /** An event without an id cannot be told of. */
  add(id: Uint8Array): void {
    if (id.length !== ID_BYTES) return;
    if (this.#length === 0) setImmediate(this.#flush);
    if (this.#length + ID_BYTES > this.#ids.length) {
      this.#ids = Buffer.concat([this.#ids.subarray(0, this.#length)], 2 * this.#ids.length);
    }
    this.#ids.set(id, this.#length);
    this.#length += ID_BYTES;
  }

  readonly #flush = (): void => {
    const frame = joinFrame(MESSAGE.eventAck, this.#ids.subarray(0, this.#length));
    this.#length = 0;
    this.#send(frame);
  };
}
