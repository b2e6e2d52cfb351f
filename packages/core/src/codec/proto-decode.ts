import { CodecError } from "./error.ts";
import { ProtoReader } from "./proto-reader.ts";
import { BYTES, wireOf } from "./proto-wire.ts";
import { type Field, type MessageType, RAW, type RawStrings, type ScalarKind, UNKNOWN } from "./schema.ts";

type Values = Record<string, unknown>;

/** Takes one field whose tag was read into `into`. */
type FieldReader = (reader: ProtoReader, into: Values, wire: number, limit: number) => void;

interface Codec {
  readonly type: MessageType<unknown>;
  /** By field number. */
  readonly readers: readonly (FieldReader | undefined)[];
}

const codecs = new WeakMap<MessageType<unknown>, Codec>();
const encoder = new TextEncoder();

function codecOf(type: MessageType<unknown>): Codec {
  let codec = codecs.get(type);
  if (codec === undefined) {
    codec = compile(type);
    codecs.set(type, codec);
  }
  return codec;
}

function compile(type: MessageType<unknown>): Codec {
  const fields = Object.entries(type.fields);
  const empty = type.create() as Values;
  const highest = Math.max(0, ...fields.map(([, field]) => field.no));
  const readers = new Array<FieldReader | undefined>(highest + 1).fill(undefined);
  for (const [key, field] of fields) readers[field.no] = fieldReader(type.name, key, field, empty[key]);
  return { type, readers };
}

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

/** `empty` is the field's value in a new message: frozen lists, maps and messages that all values share. */
function fieldReader(owner: string, key: string, field: Field, empty: unknown): FieldReader {
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
          ownMap(into, key, empty)[name] = end < 0 ? "" : reader.text(end);
        });
      };
    case "messageMap": {
      const codec = nested(field);
      return (reader, into, wire, limit) => {
        if (wire !== BYTES) throw wrongWire(wire);
        readEntry(reader, reader.end(limit), wrongWire, (name, end) => {
          const value = newValue(codec());
          if (end >= 0) readMessage(codec(), reader, value, end);
          ownMap(into, key, empty)[name] = value;
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
        if (value === undefined || value === empty) {
          value = newValue(codec());
          into[key] = value;
        }
        readMessage(codec(), reader, value, end);
      };
    }
  }
}

function append(into: Values, key: string, item: unknown): void {
  const list = into[key] as unknown[];
  if (list.length === 0) into[key] = [item];
  else list.push(item);
}

function ownMap(into: Values, key: string, empty: unknown): Values {
  let map = into[key] as Values;
  if (map === empty) {
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

/** Throws `CodecError`. The value keeps no reference to `bytes`. */
export function decodeProto<T>(type: MessageType<T>, bytes: Uint8Array): T {
  const codec = codecOf(type as MessageType<unknown>);
  const value = newValue(codec);
  readMessage(codec, new ProtoReader(bytes), value, bytes.length);
  return value as T;
}
