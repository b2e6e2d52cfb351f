import { BYTES, wireOf } from "./proto-wire.ts";
import { ProtoWriter } from "./proto-writer.ts";
import { type Field, type MessageType, RAW, type RawStrings, type ScalarKind, UNKNOWN } from "./schema.ts";

type Values = Record<string, unknown>;

/** Writes one field, tag included, or nothing. */
type FieldWriter = (writer: ProtoWriter, value: unknown) => void;

interface Codec {
  /** Descending field numbers: the writer goes backwards. */
  readonly writers: readonly {
    readonly key: string;
    readonly no: number;
    readonly text: boolean;
    write: FieldWriter;
  }[];
}

const codecs = new WeakMap<MessageType<unknown>, Codec>();
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
  const descending = Object.entries(type.fields).sort(([, a], [, b]) => b.no - a.no);
  const writers = descending.map(([key, field]) => ({
    key,
    no: field.no,
    text: field.shape === "scalar" && field.scalar === "str",
    write: fieldWriter(field),
  }));
  return { writers };
}

/** The message of a field, compiled at first use because types may refer to each other in any order. */
function nested(field: Field): () => Codec {
  let codec: Codec | undefined;
  return () => {
    codec ??= codecOf((field.message as () => MessageType<unknown>)());
    return codec;
  };
}

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

/** Like {@link encodeProto}, without a copy: valid until the next call of either. For hot paths. */
export function encodeProtoInPlace<T>(type: MessageType<T>, value: T): Uint8Array {
  sharedWriter.reset();
  writeMessage(codecOf(type as MessageType<unknown>), sharedWriter, value as Values);
  return sharedWriter.result();
}

/** Throws `CodecError` for a 64-bit integer that is none. */
export function encodeProto<T>(type: MessageType<T>, value: T): Uint8Array {
  sharedWriter.reset();
  writeMessage(codecOf(type as MessageType<unknown>), sharedWriter, value as Values);
  return sharedWriter.finish();
}
