import { CodecError } from "./error.ts";
import type { Int64 } from "./schema.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const NO_BYTES = new Uint8Array(0);
/** How deep groups may nest; groups occur in unknown fields only. */
const MAX_GROUP_DEPTH = 100;

const TWO_28 = 2 ** 28;

/** One decoded 64-bit varint of 28, 28 and 8 bits. */
function signed64(low: number, mid: number, high: number): Int64 {
  if (high === 0) {
    const value = mid * TWO_28 + low;
    if (value <= Number.MAX_SAFE_INTEGER) return value;
  } else if (high === 255) {
    const value = (mid - TWO_28) * TWO_28 + low;
    if (value >= Number.MIN_SAFE_INTEGER) return value;
  }
  return BigInt.asIntN(64, (BigInt(high) << 56n) | (BigInt(mid) << 28n) | BigInt(low));
}

/**
 * Reads protobuf primitives. Reading past the end never throws by itself: `pos` then lies beyond the limit, and every
 * caller compares `pos` with its limit. Numbers wrap as in Go.
 */
export class ProtoReader {
  readonly bytes: Uint8Array;
  pos: number;
  private view: DataView | undefined;

  constructor(bytes: Uint8Array, pos = 0) {
    this.bytes = bytes;
    this.pos = pos;
  }

  /** Low 32 bits of a varint, unsigned. */
  u32(): number {
    const bytes = this.bytes;
    let byte = bytes[this.pos++] as number;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      byte = bytes[this.pos++] as number;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw this.malformed();
  }

  i32(): number {
    return this.u32() | 0;
  }

  bool(): boolean {
    const value = this.i64();
    return value !== 0;
  }

  i64(): Int64 {
    const bytes = this.bytes;
    let byte = bytes[this.pos++] as number;
    if (byte < 0x80) return byte;
    let low = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = bytes[this.pos++] as number;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let mid = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      byte = bytes[this.pos++] as number;
      mid |= (byte & 0x7f) << shift;
      if (byte < 0x80) return signed64(low, mid, 0);
    }
    byte = bytes[this.pos++] as number;
    let high = byte & 0x7f;
    if (byte < 0x80) return signed64(low, mid, high);
    byte = bytes[this.pos++] as number;
    high |= (byte & 1) << 7;
    if (byte < 0x80) return signed64(low, mid, high);
    throw this.malformed();
  }

  f64(limit: number): number {
    if (this.pos + 8 > limit) throw this.truncated();
    this.view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    const value = this.view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  /** Reads a length and checks that so many bytes follow before `limit`; gives the end position. */
  end(limit: number): number {
    const length = this.i64();
    if (typeof length !== "number" || length < 0) throw this.malformed();
    const end = this.pos + length;
    if (end > limit) throw this.truncated();
    return end;
  }

  /** A copy: the input may be reused or large. */
  copy(start: number, end: number): Uint8Array {
    if (start === end) return NO_BYTES;
    const copy = new Uint8Array(end - start);
    copy.set(this.bytes.subarray(start, end));
    return copy;
  }

  /** Moves to `end`. Invalid UTF-8 becomes U+FFFD. */
  text(end: number): string {
    const bytes = this.bytes;
    const start = this.pos;
    this.pos = end;
    if (end - start > 24) return utf8.decode(bytes.subarray(start, end));
    let text = "";
    let i = start;
    // Calls into TextDecoder cost more than short ASCII texts do.
    for (; i + 8 <= end; i += 8) {
      const a = bytes[i] as number;
      const b = bytes[i + 1] as number;
      const c = bytes[i + 2] as number;
      const d = bytes[i + 3] as number;
      const e = bytes[i + 4] as number;
      const f = bytes[i + 5] as number;
      const g = bytes[i + 6] as number;
      const h = bytes[i + 7] as number;
      if ((a | b | c | d | e | f | g | h) > 0x7f) return utf8.decode(bytes.subarray(start, end));
      text += String.fromCharCode(a, b, c, d, e, f, g, h);
    }
    for (; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte > 0x7f) return utf8.decode(bytes.subarray(start, end));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Moves behind the value of a field whose tag was just read. */
  skip(wire: number, limit: number): void {
    let depth = 0;
    let kind = wire;
    for (;;) {
      if (kind === 0) this.i64();
      else if (kind === 1) this.pos += 8;
      else if (kind === 2) this.pos = this.end(limit);
      else if (kind === 3) depth++;
      else if (kind === 4) depth--;
      else if (kind === 5) this.pos += 4;
      else throw new CodecError(`protobuf: unknown wire type ${kind} at byte ${this.pos}`);
      if (this.pos > limit) throw this.truncated();
      if (depth < 0 || depth > MAX_GROUP_DEPTH) throw this.malformed();
      if (depth === 0) return;
      kind = this.u32() & 7;
    }
  }

  truncated(): CodecError {
    return new CodecError("protobuf: unexpected end of data");
  }

  malformed(): CodecError {
    if (this.pos > this.bytes.length) return this.truncated();
    return new CodecError(`protobuf: malformed data before byte ${this.pos}`);
  }
}

/**
 * Calls `visit` for every field at the top of the message encoded between `begin` and `limit` without decoding any. `start` and `end` frame the
 * value: for length-delimited fields (`wire` 2) its content, otherwise its encoding.
 */
export function scanFields(
  bytes: Uint8Array,
  visit: (no: number, wire: number, start: number, end: number) => void,
  begin = 0,
  limit = bytes.length,
): void {
  const reader = new ProtoReader(bytes, begin);
  while (reader.pos < limit) {
    const tag = reader.u32();
    const no = tag >>> 3;
    const wire = tag & 7;
    if (no === 0) throw reader.malformed();
    let start = reader.pos;
    if (wire === 2) {
      const end = reader.end(limit);
      start = reader.pos;
      reader.pos = end;
    } else {
      reader.skip(wire, limit);
    }
    if (reader.pos > limit) throw reader.truncated();
    visit(no, wire, start, reader.pos);
  }
}

/** The integer encoded at `start`, as found by {@link scanFields} for wire type 0. */
export function readVarint(bytes: Uint8Array, start: number): Int64 {
  return new ProtoReader(bytes, start).i64();
}
