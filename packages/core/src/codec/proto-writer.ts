import { CodecError } from "./error.ts";
import type { Int64 } from "./schema.ts";

const encoder = new TextEncoder();
const START = 64 * 1024;
/** A writer that grew beyond this gives its memory back. */
const KEEP = 1024 * 1024;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Writes protobuf from the back to the front, so that the length of a nested message is known when its turn comes.
 * One writer is reused for all messages: `finish` copies the result out.
 */
export class ProtoWriter {
  private bytes = new Uint8Array(START);
  private view: DataView | undefined;
  /** First written byte. */
  private pos = START;

  reset(): void {
    if (this.bytes.length > KEEP) {
      this.bytes = new Uint8Array(START);
      this.view = undefined;
    }
    this.pos = this.bytes.length;
  }

  /** Bytes written so far; two marks give the length of what was written between them. */
  mark(): number {
    return this.bytes.length - this.pos;
  }

  finish(): Uint8Array {
    return this.bytes.slice(this.pos);
  }

  /** The result where it lies: overwritten by the next message. */
  result(): Uint8Array {
    return this.bytes.subarray(this.pos);
  }

  private room(size: number): void {
    if (this.pos >= size) return;
    const used = this.bytes.length - this.pos;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, used + size));
    grown.set(this.bytes.subarray(this.pos), grown.length - used);
    this.pos = grown.length - used;
    this.bytes = grown;
    this.view = undefined;
  }

  u32(value: number): void {
    if (this.pos < 5) this.room(5);
    const bytes = this.bytes;
    if (value < 0x80) {
      bytes[--this.pos] = value;
      return;
    }
    let at = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
    at = this.pos -= at;
    let rest = value;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at] = rest;
  }

  i32(value: number): void {
    if (value >= 0) this.u32(value);
    else this.i64(value);
  }

  i64(value: Int64): void {
    if (typeof value === "number") {
      if (value >>> 0 === value) {
        this.u32(value);
        return;
      }
      if (!Number.isSafeInteger(value)) throw new CodecError(`${value} is not a 64-bit integer`);
    } else if (value < MIN_INT64 || value > MAX_INT64) {
      throw new CodecError(`${value} is not a 64-bit integer`);
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    const groups: number[] = [];
    while (rest > 0x7fn) {
      groups.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    groups.push(Number(rest));
    this.raw(groups);
  }

  f64(value: number): void {
    this.room(8);
    this.view ??= new DataView(this.bytes.buffer);
    this.pos -= 8;
    this.view.setFloat64(this.pos, value, true);
  }

  raw(given: ArrayLike<number>): void {
    this.room(given.length);
    this.pos -= given.length;
    this.bytes.set(given, this.pos);
  }

  /** The text without its length. */
  text(value: string): void {
    const length = value.length;
    if (this.pos < length * 3) this.room(length * 3);
    const bytes = this.bytes;
    if (length <= 40) {
      let at = this.pos - length;
      let seen = 0;
      for (let i = 0; i < length; i++) {
        const code = value.charCodeAt(i);
        seen |= code;
        bytes[at++] = code;
      }
      if (seen < 0x80) {
        this.pos -= length;
        return;
      }
    }
    const start = this.pos - length * 3;
    const { written } = encoder.encodeInto(value, bytes.subarray(start, this.pos));
    const target = this.pos - written;
    if (target !== start) bytes.copyWithin(target, start, start + written);
    this.pos = target;
  }
}
