/** The bytes of an event as the store keeps them, collected for one commit. */
import { Check, Event, encodeProto, encodeProtoInPlace, int } from "@sensu-ts/core";

/** Received bytes that need not be encoded again. */
export interface ReceivedBytes {
  readonly bytes: Uint8Array;
  /** Content of the entity field. */
  readonly entity: Uint8Array;
  /** Begin and end, in order, of what is neither timestamp, entity, check nor metrics. */
  readonly kept: readonly number[];
}

const TIMESTAMP_TAG = 0x08;
const ENTITY_TAG = 0x12;
const CHECK_TAG = 0x1a;
/** Tag of `subscriptions` in an Entity. */
const SUBSCRIPTION_TAG = 0x22;
/** Most bytes of tags, lengths and the timestamp together. */
const OVERHEAD = 64;
/** As many as a full batch of the ingest needs. */
const KEPT_BUFFERS = 5;

export class StoredBytes {
  readonly #capacity: number;
  /** Used again after each reset: fresh ones would become old garbage at the rate of the events. */
  #buffers: Buffer[];
  #current = 0;
  #used = 0;

  constructor(capacity = 1 << 20) {
    this.#capacity = capacity;
    this.#buffers = [Buffer.allocUnsafeSlow(capacity)];
  }

  /** Everything added so far may be overwritten. */
  reset(): void {
    this.#buffers = this.#buffers.filter(({ length }) => length === this.#capacity).slice(0, KEPT_BUFFERS);
    this.#current = 0;
    this.#used = 0;
  }

  /** An event that was made or changed here. */
  encode(event: Event): Uint8Array {
    return encodeProto(Event, event.metrics ? { ...event, metrics: undefined } : event);
  }

  /**
   * An event of an agent of which only the check and the timestamp are new. `subscription` is added to the entity's
   * unless it is empty. The result is valid until `reset`.
   */
  assemble(received: ReceivedBytes, event: Event, check: Check, subscription: string): Uint8Array {
    const checkBytes = encodeProtoInPlace(Check, check);
    const extra = subscription === "" ? 0 : Buffer.byteLength(subscription) + 6;
    const entityLength = received.entity.length + extra;
    const buffer = this.#reserve(received.bytes.length + extra + checkBytes.length + OVERHEAD);
    const begin = this.#used;
    let at = begin;
    buffer[at++] = TIMESTAMP_TAG;
    at = writeVarint(buffer, at, int(event.timestamp));
    buffer[at++] = ENTITY_TAG;
    if (extra > 0) {
      const text = Buffer.byteLength(subscription);
      const head = 1 + varintLength(text) + text;
      at = writeVarint(buffer, at, received.entity.length + head);
      buffer.set(received.entity, at);
      at += received.entity.length;
      buffer[at++] = SUBSCRIPTION_TAG;
      at = writeVarint(buffer, at, text);
      at += buffer.write(subscription, at);
    } else {
      at = writeVarint(buffer, at, entityLength);
      buffer.set(received.entity, at);
      at += received.entity.length;
    }
    buffer[at++] = CHECK_TAG;
    at = writeVarint(buffer, at, checkBytes.length);
    buffer.set(checkBytes, at);
    at += checkBytes.length;
    const { kept, bytes } = received;
    for (let i = 0; i < kept.length; i += 2) {
      const piece = bytes.subarray(kept[i], kept[i + 1]);
      buffer.set(piece, at);
      at += piece.length;
    }
    this.#used = at;
    return buffer.subarray(begin, at);
  }

  /** The buffer that has room at `#used`. */
  #reserve(length: number): Buffer {
    // A single large event has a buffer of its own, which is not kept.
    if (length > this.#capacity) {
      this.#buffers.splice(++this.#current, 0, Buffer.allocUnsafeSlow(length));
      this.#used = 0;
    } else if (this.#used + length > (this.#buffers[this.#current] as Buffer).length) {
      this.#current++;
      this.#used = 0;
      this.#buffers[this.#current] ??= Buffer.allocUnsafeSlow(this.#capacity);
    }
    return this.#buffers[this.#current] as Buffer;
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}

function writeVarint(buffer: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 127) {
    buffer[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  buffer[at++] = rest;
  return at;
}
