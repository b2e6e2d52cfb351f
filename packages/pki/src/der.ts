/** DER, the part of it that X.509 needs: writing exact bytes and reading them with every length checked. */
import { PkiError } from "./errors.ts";

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

export function tlv(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const hex = body.length.toString(16);
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

export const sequence = (...content: Uint8Array[]): Buffer => tlv(TAG.sequence, ...content);
export const octetString = (content: Uint8Array): Buffer => tlv(TAG.octetString, content);
export const bitString = (content: Uint8Array, unused = 0): Buffer =>
  tlv(TAG.bitString, Buffer.from([unused]), content);
export const boolean = (value: boolean): Buffer => tlv(TAG.boolean, Buffer.from([value ? 0xff : 0]));
export const derNull = (): Buffer => tlv(TAG.null);
/** `[number]` around `content`; EXPLICIT and constructed IMPLICIT values look alike. */
export const context = (number: number, ...content: Uint8Array[]): Buffer => tlv(0xa0 | number, ...content);
/** `[number] IMPLICIT` of a primitive type. */
export const contextPrimitive = (number: number, content: Uint8Array): Buffer => tlv(0x80 | number, content);

/** A SET OF: DER wants its members in the order of their bytes. */
export function set(...members: Uint8Array[]): Buffer {
  return tlv(TAG.set, ...[...members].sort(Buffer.compare));
}

/** A non-negative INTEGER from big-endian bytes or a number. */
export function integer(value: Uint8Array | number): Buffer {
  let bytes = value;
  if (typeof bytes === "number") {
    const hex = bytes.toString(16);
    bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  }
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const trimmed = bytes.subarray(start);
  return tlv(TAG.integer, ((trimmed[0] ?? 0) & 0x80) === 0 ? trimmed : Buffer.concat([Buffer.from([0]), trimmed]));
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(TAG.oid, Buffer.from(bytes));
}

/** UTCTime before 2050, GeneralizedTime from then on; whole seconds (RFC 5280 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:T]/g, "");
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? tlv(TAG.utcTime, Buffer.from(digits.slice(2)))
    : tlv(TAG.generalizedTime, Buffer.from(digits));
}

/** One element as read; `raw` includes tag and length. */
export interface Element {
  tag: number;
  raw: Buffer;
  content: Buffer;
}

function bad(what: string): PkiError {
  return new PkiError(1003, `not valid DER: ${what}`);
}

/** The element at `offset` of `bytes`; throws 1003 where its length is not canonical or leaves `bytes`. */
export function readElement(bytes: Uint8Array, offset = 0): Element {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = buffer[offset];
  const first = buffer[offset + 1];
  if (tag === undefined || first === undefined) throw bad("it ends early");
  if ((tag & 0x1f) === 0x1f) throw bad("long tags do not occur in certificates");
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const size = first & 0x7f;
    if (size === 0 || size > 4 || start + size > buffer.length) throw bad("length");
    length = buffer.readUIntBE(start, size);
    start += size;
    if (length < 0x80 || length < 2 ** (8 * (size - 1))) throw bad("length is not the shortest form");
  }
  if (start + length > buffer.length) throw bad("it ends early");
  return { tag, raw: buffer.subarray(offset, start + length), content: buffer.subarray(start, start + length) };
}

/** Where an element's content lies; reused, where an object for each element would cost too much. */
export interface Span {
  start: number;
  end: number;
}

/** The content of the element at `offset`, which must end by `limit`. Long lengths need not be canonical here. */
export function readSpan(bytes: Buffer, offset: number, limit: number, tag: number, span: Span): void {
  if (bytes[offset] !== tag) throw bad(`expected tag ${tag}, found ${bytes[offset] ?? "nothing"}`);
  let start = offset + 2;
  let length = bytes[offset + 1] ?? limit;
  if (length >= 0x80) {
    const size = length & 0x7f;
    if (size === 0 || size > 4 || start + size > limit) throw bad("length");
    length = bytes.readUIntBE(start, size);
    start += size;
  }
  if (start + length > limit) throw bad("it ends early");
  span.start = start;
  span.end = start + length;
}

/** `bytes` as exactly one element. */
export function readOnly(bytes: Uint8Array, tag: number): Element {
  const element = readElement(bytes);
  if (element.raw.length !== bytes.length) throw bad("bytes after the end");
  return expect(element, tag);
}

export function expect(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw bad(`expected tag ${tag}, found ${element?.tag ?? "nothing"}`);
  return element;
}

/** The elements inside a constructed one. */
export function children(element: Element): Element[] {
  const found: Element[] = [];
  for (let offset = 0; offset < element.content.length; ) {
    const child = readElement(element.content, offset);
    found.push(child);
    offset += child.raw.length;
  }
  return found;
}

export function readOid(element: Element | undefined): string {
  const { content } = expect(element, TAG.oid);
  const arcs: number[] = [];
  let value = 0;
  for (const [index, byte] of content.entries()) {
    if (value > Number.MAX_SAFE_INTEGER / 256) throw bad("object identifier");
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) {
      if (index === content.length - 1) throw bad("object identifier");
      continue;
    }
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(value / 40));
      arcs.push(first, value - first * 40);
    } else arcs.push(value);
    value = 0;
  }
  return arcs.join(".");
}

export function readTime(element: Element | undefined): Date {
  const text = element?.content.toString("latin1") ?? "";
  let full = text;
  if (element?.tag === TAG.utcTime) full = `${Number(text.slice(0, 2)) >= 50 ? "19" : "20"}${text}`;
  else if (element?.tag !== TAG.generalizedTime) throw bad("time");
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  if (match === null) throw bad("time");
  const [, year, month, day, hour, minute, second] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(date.getTime())) throw bad("time");
  return date;
}

/** A BIT STRING of whole bytes. */
export function readBits(element: Element | undefined): Buffer {
  const { content } = expect(element, TAG.bitString);
  if (content.length === 0) throw bad("bit string");
  return content.subarray(1);
}

export function readBoolean(element: Element | undefined): boolean {
  return expect(element, TAG.boolean).content[0] !== 0;
}

/** A small non-negative INTEGER. */
export function readNumber(element: Element | undefined): number {
  const { content } = expect(element, TAG.integer);
  if (content.length === 0 || content.length > 6 || ((content[0] ?? 0) & 0x80) !== 0) throw bad("integer");
  return content.readUIntBE(0, content.length);
}

/** Text of any of ASN.1's string types. */
export function readText(element: Element): string {
  if (element.tag === TAG.bmpString) {
    if (element.content.length % 2 !== 0) throw bad("BMPString");
    return Buffer.from(element.content).swap16().toString("utf16le");
  }
  return element.content.toString(element.tag === TAG.t61String ? "latin1" : "utf8");
}
