/**
 * Protobuf as Go writes it: ascending field numbers, embedded messages always written, unknown fields
 * kept and written last, texts that are not UTF-8 kept as bytes. Each message type is compiled once.
 */

import { CodecError } from "./error.ts";
import { ProtoReader } from "./proto-reader.ts";
import { ProtoWriter } from "./proto-writer.ts";
import { type Field, type MessageType, RAW, type RawStrings, type ScalarKind, UNKNOWN } from "./schema.ts";

type Values = Record<string, unknown>;

/** Takes one field whose tag was read into `into`. */
type FieldReader = (reader: ProtoReader, into: Values, wire: number, limit: number) => void;
/** Writes one field, tag included, or nothing. */
type FieldWriter = (writer: ProtoWriter, value: unknown) => void;

interface Codec {
  readonly type: MessageType<unknown>;
  /** By field number. */
  readonly readers: readonly (FieldReader | undefined)[];
  /** Descending field numbers: the writer goes backwards. */
  readonly writers: readonly {
    readonly key: string;
    readonly no: number;
    readonly text: boolean;
    write: FieldWriter;
  }[];
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

const codecs = new WeakMap<MessageType<unknown>, Codec>();
const encoder = new TextEncoder();
const sharedWriter = new ProtoWriter();

function codecOf(type: MessageType<unknown>): Codec {
  let codec = codecs.get(type);
  if (codec === undefined) {
    codec = compile(type);
    codecs.set(type, codec);
  }
  return codec;
}

function compile(type: MessageType<unknown>): Codec {
  const readers: (FieldReader | undefined)[] = [];
  const ordered = Object.entries(type.fields).sort(([, a], [, b]) => b.no - a.no);
  for (const [key, field] of ordered) readers[field.no] = fieldReader(type.name, key, field);
  for (let no = 0; no < readers.length; no++) readers[no] ??= undefined;
  const writers = ordered.map(([key, field]) => ({
    key,
    no: field.no,
    text: field.shape === "scalar" && field.scalar === "str",
    write: fieldWriter(field),
  }));
  return { type, readers, writers };
}

// Reading

/** The message of a field, compiled at first use because types may refer to each other in any order. */
function nested(field: Field): () => Codec {
  let codec: Codec | undefined;
  return () => {
    codec ??= codecOf((field.message as () => MessageType<unknown>)());
    return codec;
  };
}

function readMessage(codec: Codec, reader: ProtoReader, into: Values, limit: number): void {
  const { readers } = codec;
  while (reader.pos < limit) {
    const start = reader.pos;
    const tag = reader.u32();
    const no = tag >>> 3;
    const read = no < readers.length ? readers[no] : undefined;
    if (read !== undefined) {
      read(reader, into, tag & 7, limit);
    } else {
      if (no === 0) throw reader.malformed();
      reader.skip(tag & 7, limit);
      const unknown = reader.copy(start, reader.pos);
      const before = (into as { [UNKNOWN]?: Uint8Array })[UNKNOWN];
      (into as { [UNKNOWN]?: Uint8Array })[UNKNOWN] = before === undefined ? unknown : concat(before, unknown);
    }
  }
  if (reader.pos > limit) throw reader.truncated();
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function newValue(codec: Codec): Values {
  return codec.type.create() as Values;
}

function keepRaw(into: Values, no: number, text: string, bytes: Uint8Array): void {
  const holder = into as { [RAW]?: RawStrings };
  holder[RAW] = new Map(holder[RAW]).set(no, { text, bytes });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function readScalar(kind: ScalarKind, reader: ProtoReader, limit: number): unknown {
  switch (kind) {
    case "str":
      return reader.text(reader.end(limit));
    case "bytes": {
      const end = reader.end(limit);
      const start = reader.pos;
      reader.pos = end;
      return reader.copy(start, end);
    }
    case "f64":
      return reader.f64(limit);
    case "bool":
      return reader.bool();
    case "u32":
      return reader.u32();
    case "i32":
      return reader.i32();
    case "i64":
      return reader.i64();
  }
}

function wireOf(kind: ScalarKind): number {
  return kind === "str" || kind === "bytes" ? BYTES : kind === "f64" ? FIXED64 : VARINT;
}

function fieldReader(owner: string, key: string, field: Field): FieldReader {
  const { no } = field;
  const wrongWire = (wire: number) => new CodecError(`protobuf: wrong wire type ${wire} for ${owner}.${key}`);
  const kind = field.scalar ?? "str";
  switch (field.shape) {
    case "scalar": {
      const expected = wireOf(kind);
      if (kind === "str") {
        return (reader, into, wire, limit) => {
          if (wire !== BYTES) throw wrongWire(wire);
          const end = reader.end(limit);
          const start = reader.pos;
          const text = reader.text(end);
          into[key] = text;
          // U+FFFD may be in the input itself; only bytes that do not come back are kept.
          if (text.includes("\uFFFD")) {
            const bytes = reader.copy(start, end);
            if (!sameBytes(encoder.encode(text), bytes)) keepRaw(into, no, text, bytes);
          }
        };
      }
      return (reader, into, wire, limit) => {
        if (wire !== expected) throw wrongWire(wire);
        into[key] = readScalar(kind, reader, limit);
      };
    }
    case "list":
      return (reader, into, wire, limit) => {
        if (wire !== BYTES) throw wrongWire(wire);
        append(into, key, readScalar(kind, reader, limit));
      };
    case "map":
      return (reader, into, wire, limit) => {
        if (wire !== BYTES) throw wrongWire(wire);
        readEntry(reader, reader.end(limit), wrongWire, (name, end) => {
          ownMap(into, key)[name] = end < 0 ? "" : reader.text(end);
        });
      };
    case "messageMap": {
      const codec = nested(field);
      return (reader, into, wire, limit) => {
        if (wire !== BYTES) throw wrongWire(wire);
        readEntry(reader, reader.end(limit), wrongWire, (name, end) => {
          const value = newValue(codec());
          if (end >= 0) readMessage(codec(), reader, value, end);
          ownMap(into, key)[name] = value;
        });
      };
    }
    case "messages": {
      const codec = nested(field);
      return (reader, into, wire, limit) => {
        if (wire !== BYTES) throw wrongWire(wire);
        const value = newValue(codec());
        readMessage(codec(), reader, value, reader.end(limit));
        append(into, key, value);
      };
    }
    case "message": {
      const codec = nested(field);
      return (reader, into, wire, limit) => {
        if (wire !== BYTES) throw wrongWire(wire);
        const end = reader.end(limit);
        // A second occurrence of the same message adds to the first, as protobuf says.
        let value = into[key] as Values | undefined;
        if (value === undefined || Object.isFrozen(value)) {
          value = newValue(codec());
          into[key] = value;
        }
        readMessage(codec(), reader, value, end);
      };
    }
  }
}

/** `create` gives frozen empty lists and maps, shared by all values. */
function append(into: Values, key: string, item: unknown): void {
  const list = into[key] as unknown[];
  if (list.length === 0) into[key] = [item];
  else list.push(item);
}

function ownMap(into: Values, key: string): Values {
  let map = into[key] as Values;
  if (Object.isFrozen(map)) {
    map = Object.create(null) as Values;
    into[key] = map;
  }
  return map;
}

/** Reads one map entry and calls `take` with the reader at the value, or with end -1 when there is none. */
function readEntry(
  reader: ProtoReader,
  limit: number,
  wrongWire: (wire: number) => CodecError,
  take: (name: string, end: number) => void,
): void {
  let name = "";
  let valueAt = -1;
  let valueEnd = -1;
  while (reader.pos < limit) {
    const tag = reader.u32();
    if (tag === 0x0a) {
      name = reader.text(reader.end(limit));
    } else if (tag === 0x12) {
      valueEnd = reader.end(limit);
      valueAt = reader.pos;
      reader.pos = valueEnd;
    } else {
      const no = tag >>> 3;
      if (no === 0) throw reader.malformed();
      if (no <= 2) throw wrongWire(tag & 7);
      reader.skip(tag & 7, limit);
    }
  }
  if (reader.pos > limit) throw reader.truncated();
  if (valueEnd >= 0) reader.pos = valueAt;
  take(name, valueEnd);
  reader.pos = limit;
}

// Writing

function writeMessage(codec: Codec, writer: ProtoWriter, value: Values): void {
  const unknown = (value as { [UNKNOWN]?: Uint8Array })[UNKNOWN];
  if (unknown !== undefined) writer.raw(unknown);
  const raw = (value as { [RAW]?: RawStrings })[RAW];
  const { writers } = codec;
  for (let i = 0; i < writers.length; i++) {
    const field = writers[i] as Codec["writers"][number];
    const item = value[field.key];
    if (raw !== undefined && field.text && raw.get(field.no)?.text === item) {
      const { bytes } = raw.get(field.no) as { bytes: Uint8Array };
      writer.raw(bytes);
      writer.u32(bytes.length);
      writer.u32((field.no << 3) | BYTES);
    } else {
      field.write(writer, item);
    }
  }
}

function writeText(writer: ProtoWriter, text: string, tag: number): void {
  const before = writer.mark();
  writer.text(text);
  writer.u32(writer.mark() - before);
  writer.u32(tag);
}

function scalarWriter(kind: ScalarKind, no: number): FieldWriter {
  const tag = (no << 3) | wireOf(kind);
  switch (kind) {
    case "str":
      return (writer, value) => {
        if (value !== "" && value !== undefined) writeText(writer, value as string, tag);
      };
    case "bytes":
      return (writer, value) => {
        const bytes = value as Uint8Array | undefined;
        if (bytes === undefined || bytes.length === 0) return;
        writer.raw(bytes);
        writer.u32(bytes.length);
        writer.u32(tag);
      };
    case "bool":
      return (writer, value) => {
        if (value !== true) return;
        writer.u32(1);
        writer.u32(tag);
      };
    case "f64":
      return (writer, value) => {
        if (value === 0 || value === undefined) return;
        writer.f64(value as number);
        writer.u32(tag);
      };
    case "u32":
      return (writer, value) => {
        if (value === 0 || value === undefined) return;
        writer.u32((value as number) >>> 0);
        writer.u32(tag);
      };
    case "i32":
      return (writer, value) => {
        if (value === 0 || value === undefined) return;
        writer.i32((value as number) | 0);
        writer.u32(tag);
      };
    case "i64":
      return (writer, value) => {
        if (value === 0 || value === undefined || value === 0n) return;
        writer.i64(value as number | bigint);
        writer.u32(tag);
      };
  }
}

function fieldWriter(field: Field): FieldWriter {
  const { no, shape, required } = field;
  const tag = (no << 3) | BYTES;
  switch (shape) {
    case "scalar":
      return scalarWriter(field.scalar ?? "str", no);
    case "list":
      return (writer, value) => {
        const list = value as readonly string[] | undefined;
        if (list === undefined) return;
        for (let i = list.length - 1; i >= 0; i--) writeText(writer, list[i] as string, tag);
      };
    case "map":
      return (writer, value) => {
        if (value === undefined) return;
        const map = value as Readonly<Record<string, string>>;
        const names = Object.keys(map);
        for (let i = names.length - 1; i >= 0; i--) {
          const name = names[i] as string;
          const before = writer.mark();
          writeText(writer, map[name] as string, 0x12);
          writeText(writer, name, 0x0a);
          writer.u32(writer.mark() - before);
          writer.u32(tag);
        }
      };
    case "messageMap": {
      const codec = nested(field);
      return (writer, value) => {
        if (value === undefined) return;
        const map = value as Readonly<Record<string, Values>>;
        const names = Object.keys(map);
        for (let i = names.length - 1; i >= 0; i--) {
          const name = names[i] as string;
          const before = writer.mark();
          writeMessage(codec(), writer, map[name] as Values);
          writer.u32(writer.mark() - before);
          writer.u32(0x12);
          writeText(writer, name, 0x0a);
          writer.u32(writer.mark() - before);
          writer.u32(tag);
        }
      };
    }
    case "messages": {
      const codec = nested(field);
      return (writer, value) => {
        const list = value as readonly Values[] | undefined;
        if (list === undefined) return;
        for (let i = list.length - 1; i >= 0; i--) {
          const before = writer.mark();
          writeMessage(codec(), writer, list[i] as Values);
          writer.u32(writer.mark() - before);
          writer.u32(tag);
        }
      };
    }
    case "message": {
      const codec = nested(field);
      return (writer, value) => {
        if (value === undefined || value === null) {
          if (!required) return;
          writer.u32(0);
          writer.u32(tag);
          return;
        }
        const before = writer.mark();
        writeMessage(codec(), writer, value as Values);
        writer.u32(writer.mark() - before);
        writer.u32(tag);
      };
    }
  }
}

/** Throws `CodecError` for a 64-bit integer that is none. */
export function encodeProto<T>(type: MessageType<T>, value: T): Uint8Array {
  sharedWriter.reset();
  writeMessage(codecOf(type as MessageType<unknown>), sharedWriter, value as Values);
  return sharedWriter.finish();
}

/** Throws `CodecError`. The value keeps no reference to `bytes`. */
export function decodeProto<T>(type: MessageType<T>, bytes: Uint8Array): T {
  const codec = codecOf(type as MessageType<unknown>);
  const value = newValue(codec);
  readMessage(codec, new ProtoReader(bytes), value, bytes.length);
  return value as T;
}
