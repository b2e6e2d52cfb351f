/** The bytes of an event as the store keeps them, collected for one commit. */
import {
  Check,
  CheckHistory,
  Entity,
  Event,
  encodeProto,
  encodeProtoInPlace,
  fieldNumber,
  int,
  type MessageType,
} from "@sensu-ts/core";
import type { MergedResult } from "./result-memory.ts";

/** Received bytes that need not be encoded again. */
export interface ReceivedBytes {
  readonly bytes: Buffer;
  /** Begin and end of the content of the entity field. */
  readonly entity: readonly [number, number];
  /** The same of the check field. */
  readonly check: readonly [number, number];
  /** Begin and end, in order, of what is neither timestamp, entity, check nor metrics. */
  readonly kept: readonly number[];
}

const VARINT = 0;
const BYTES = 2;

function tagOf<T>(type: MessageType<T>, name: keyof T & string, wire: number): number {
  return (fieldNumber(type, name) << 3) | wire;
}

const TIMESTAMP_TAG = tagOf(Event, "timestamp", VARINT);
const ENTITY_TAG = tagOf(Event, "entity", BYTES);
const CHECK_TAG = tagOf(Event, "check", BYTES);
const SUBSCRIPTION_TAG = tagOf(Entity, "subscriptions", BYTES);
const HISTORY_TAG = tagOf(Check, "history", BYTES);
const HISTORY_STATUS_TAG = tagOf(CheckHistory, "status", VARINT);
const HISTORY_EXECUTED_TAG = tagOf(CheckHistory, "executed", VARINT);
const STATE_TAG = tagOf(Check, "state", BYTES);
const CHANGE_TAG = tagOf(Check, "total_state_change", VARINT);
const LAST_OK_TAG = tagOf(Check, "last_ok", VARINT);
const OCCURRENCES_TAG = tagOf(Check, "occurrences", VARINT);
const WATERMARK_TAG = tagOf(Check, "occurrences_watermark", VARINT);
/** Most bytes of tags, lengths and the timestamp together. */
const OVERHEAD = 64;
/** 21 entries of at most 18 bytes, and five fields. */
const scratch = Buffer.allocUnsafeSlow(1024);
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
    const { bytes, entity, kept } = received;
    const buffer = this.#reserve(bytes.length + extra + checkBytes.length + OVERHEAD);
    const begin = this.#used;
    let at = writeTimestamp(buffer, begin, int(event.timestamp));
    buffer[at++] = ENTITY_TAG;
    const length = entity[1] - entity[0];
    if (extra > 0) {
      const text = Buffer.byteLength(subscription);
      at = writeVarint(buffer, at, length + 1 + varintLength(text) + text);
      at += bytes.copy(buffer, at, entity[0], entity[1]);
      buffer[at++] = SUBSCRIPTION_TAG;
      at = writeVarint(buffer, at, text);
      at += buffer.write(subscription, at);
    } else {
      at = writeVarint(buffer, at, length);
      at += bytes.copy(buffer, at, entity[0], entity[1]);
    }
    buffer[at++] = CHECK_TAG;
    at = writeVarint(buffer, at, checkBytes.length);
    buffer.set(checkBytes, at);
    at += checkBytes.length;
    this.#used = writeKept(buffer, at, bytes, kept);
    return buffer.subarray(begin, this.#used);
  }

  /**
   * A routine event: its check as it came, with what was calculated behind it, which it lacks. The result is valid until
   * `reset`. `timestamp` is Unix seconds.
   */
  assembleRoutine(received: ReceivedBytes, timestamp: number, merged: MergedResult): Uint8Array {
    const { bytes, entity, check, kept } = received;
    const calculated = writeCalculated(merged);
    const checkLength = check[1] - check[0] + calculated;
    const buffer = this.#reserve(bytes.length + calculated + OVERHEAD);
    const begin = this.#used;
    let at = writeTimestamp(buffer, begin, timestamp);
    buffer[at++] = ENTITY_TAG;
    at = writeVarint(buffer, at, entity[1] - entity[0]);
    at += bytes.copy(buffer, at, entity[0], entity[1]);
    buffer[at++] = CHECK_TAG;
    at = writeVarint(buffer, at, checkLength);
    at += bytes.copy(buffer, at, check[0], check[1]);
    at += scratch.copy(buffer, at, 0, calculated);
    this.#used = writeKept(buffer, at, bytes, kept);
    return buffer.subarray(begin, this.#used);
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

function writeTimestamp(buffer: Uint8Array, start: number, timestamp: number): number {
  buffer[start] = TIMESTAMP_TAG;
  return writeVarint(buffer, start + 1, timestamp);
}

function writeKept(buffer: Uint8Array, start: number, bytes: Buffer, kept: readonly number[]): number {
  let at = start;
  for (let i = 0; i < kept.length; i += 2) at += bytes.copy(buffer, at, kept[i], kept[i + 1]);
  return at;
}

/** Fields that `mergeCheck` fills, in order of numbers, into `scratch`; gives their length. None of them is negative. */
function writeCalculated(merged: MergedResult): number {
  const { numbers, history, length, state } = merged;
  let at = 0;
  for (let i = history; i < history + 2 * length; i += 2) {
    at = writeVarint(scratch, at, HISTORY_TAG);
    const lengthAt = at++;
    at = writeNumber(scratch, at, HISTORY_STATUS_TAG, numbers[i] as number);
    at = writeNumber(scratch, at, HISTORY_EXECUTED_TAG, numbers[i + 1] as number);
    scratch[lengthAt] = at - lengthAt - 1;
  }
  at = writeVarint(scratch, at, STATE_TAG);
  scratch[at++] = state.length;
  at += scratch.write(state, at, "latin1");
  at = writeNumber(scratch, at, CHANGE_TAG, merged.change);
  at = writeNumber(scratch, at, LAST_OK_TAG, merged.lastOk);
  at = writeNumber(scratch, at, OCCURRENCES_TAG, merged.occurrences);
  return writeNumber(scratch, at, WATERMARK_TAG, merged.watermark);
}

function writeNumber(buffer: Uint8Array, start: number, tag: number, value: number): number {
  return value === 0 ? start : writeVarint(buffer, writeVarint(buffer, start, tag), value);
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
