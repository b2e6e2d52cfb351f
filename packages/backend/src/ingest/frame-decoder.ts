/**
 * Events of one agent session from bytes. What an agent repeats in every event (entity, metadata, pipelines) is decoded
 * again only when its bytes differ from the last ones (design 7); a routine event is not decoded at all (routine.ts).
 */
import {
  Check,
  CodecError,
  decodeJson,
  decodeProto,
  type Encoding,
  Entity,
  Event,
  type Int64,
  int,
  Metrics,
  ObjectMeta,
  ResourceReference,
  readVarint,
  scanFields,
  sharing,
} from "@sensu-ts/core";
import { knownDefinition, learnDefinition, type Routine, Routines, scanned, signatureOf } from "./routine.ts";

/** Numbers of Event's fields. */
const TIMESTAMP = 1;
const ENTITY = 2;
const CHECK = 3;
const METRICS = 4;
const METADATA = 5;
const ID = 6;
const SEQUENCE = 7;
const PIPELINES = 8;
const LAST_KNOWN = SEQUENCE;
/** Number of an Entity's `last_seen`, which changes every second. */
const LAST_SEEN = 5;

/** Received bytes that go to the store as they came. */
export interface ReceivedParts {
  readonly bytes: Buffer;
  /** Begin and end of the content of the entity field. */
  readonly entity: readonly [number, number];
  /** The same of the check field. */
  readonly check: readonly [number, number];
  /** Begin and end, tags included, of what is neither timestamp, entity, check nor metrics; in order. */
  readonly kept: readonly number[];
}

/** Good until the next frame of any session is decoded. */
export type DecodedFrame = WholeFrame | RoutineFrame;

export interface WholeFrame {
  readonly event: Event;
  /** Absent when the frame was JSON or unusual. */
  readonly parts?: ReceivedParts;
  /** To be called once `event` was found valid as it is, and to be the agent's own: the next like it is routine. */
  readonly learn?: () => void;
}

/** One of which only bytes, time, status and length of output need to be known. */
export class RoutineFrame {
  readonly routine: Routine;
  readonly entity: Entity;
  /** Unix seconds; 0 when absent. */
  readonly timestamp: number;
  readonly parts: ReceivedParts;
  /** Begin and end of the event's id. */
  readonly id = range(ID);
  readonly status = scanned.status;
  readonly executed = scanned.executed;
  readonly outputBytes = scanned.outputBytes;
  readonly #decoder: FrameDecoder;

  constructor(decoder: FrameDecoder, routine: Routine, entity: Entity, parts: ReceivedParts) {
    this.#decoder = decoder;
    this.routine = routine;
    this.entity = entity;
    this.parts = parts;
    this.timestamp = timestamp(parts.bytes) as number;
  }

  get event(): Event {
    return this.#decoder.event(this.parts.bytes, this.entity);
  }
}

interface Remembered<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
}

interface RememberedEntity extends Remembered<Entity> {
  /** Where the value of `last_seen` is; both at the end when it is absent. */
  readonly from: number;
  readonly to: number;
}

const NO_ENTITY: RememberedEntity = { bytes: new Uint8Array(0), value: Entity.create(), from: 0, to: 0 };
const NO_METADATA: Remembered<ObjectMeta> = { bytes: new Uint8Array(0), value: ObjectMeta.create() };
const NO_PIPELINES: Remembered<readonly ResourceReference[]> = { bytes: new Uint8Array(0), value: [] };

/** Where each field begins (its tag) and its content lies; reused from frame to frame. */
const content = new Int32Array(2 * (LAST_KNOWN + 1));
let kept: number[] = [];
let pipelines: number[] = [];
let unusual = false;
let position = 0;

function visit(no: number, _wire: number, start: number, end: number): void {
  const begin = position;
  position = end;
  if (no <= LAST_KNOWN) {
    if (content[2 * no + 1] !== 0) unusual = true;
    content[2 * no] = start;
    content[2 * no + 1] = end;
  } else if (no === PIPELINES) {
    pipelines.push(start, end);
  } else {
    unusual = true;
  }
  if (no === TIMESTAMP || (no >= ENTITY && no <= METRICS)) return;
  if (kept.length > 0 && kept[kept.length - 1] === begin) kept[kept.length - 1] = end;
  else kept.push(begin, end);
}

function part(bytes: Uint8Array, no: number): Uint8Array | undefined {
  const end = content[2 * no + 1] as number;
  return end === 0 ? undefined : bytes.subarray(content[2 * no] as number, end);
}

/** Views on the same bytes; a Buffer compares natively. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

function range(no: number): readonly [number, number] {
  return [content[2 * no] as number, content[2 * no + 1] as number];
}

function timestamp(bytes: Uint8Array): Int64 {
  return content[2 * TIMESTAMP + 1] === 0 ? 0 : readVarint(bytes, content[2 * TIMESTAMP] as number);
}

export class FrameDecoder {
  readonly #encoding: Encoding;
  #entity = NO_ENTITY;
  #metadata = NO_METADATA;
  #pipelines = NO_PIPELINES;
  /** The entity was decoded since {@link FrameDecoder.share}. */
  #entityIsNew = false;
  readonly #routines = new Routines();

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  /** Throws `CodecError`. */
  decode(bytes: Buffer): DecodedFrame {
    if (this.#encoding === "json") return { event: decodeJson(Event, bytes) };
    // A loop: `fill` costs more for so few.
    for (let i = 0; i < content.length; i++) content[i] = 0;
    kept = [];
    pipelines = [];
    unusual = false;
    position = 0;
    scanFields(bytes, visit);
    if (unusual || content[2 * ENTITY + 1] === 0) return { event: this.#unusual(bytes) };
    const entity = this.#readEntity(bytes, content[2 * ENTITY] as number, content[2 * ENTITY + 1] as number);
    // Stored bytes begin with a time of our writing, which knows no other numbers.
    const at = timestamp(bytes);
    if (typeof at !== "number" || at < 0) return { event: this.event(bytes, entity) };
    const parts = { bytes, entity: range(ENTITY), check: range(CHECK), kept };
    const text = this.#signature(parts);
    if (text === undefined) return { event: this.event(bytes, entity), parts };
    const definition = knownDefinition(text);
    const routine = definition && this.#routines.get(definition);
    if (routine) return new RoutineFrame(this, routine, entity, parts);
    const event = this.event(bytes, entity);
    return { event, parts, learn: () => this.#learn(text, event) };
  }

  /** Of the frame that was scanned last, see {@link signatureOf}. */
  #signature({ bytes, check }: ReceivedParts): string | undefined {
    const idLength = (content[2 * ID + 1] as number) - (content[2 * ID] as number);
    if (check[1] === 0 || content[2 * METRICS + 1] !== 0) return undefined;
    if (idLength !== 0 && idLength !== 16) return undefined;
    return signatureOf(bytes, check, range(METADATA), [pipelines[0] ?? 0, pipelines[pipelines.length - 1] ?? 0]);
  }

  #learn(text: string, event: Event): void {
    const { entity, check } = event;
    if (!entity || !check || entity !== this.#entity.value) return;
    const { namespace, name } = entity.metadata;
    const key = { namespace, entity: name, check: check.metadata.name };
    this.#routines.add(learnDefinition(text, check), key);
  }

  /** Of the frame that was scanned last. */
  event(bytes: Buffer, entity: Entity): Event {
    const id = part(bytes, ID);
    const checkBytes = part(bytes, CHECK);
    const metricsBytes = part(bytes, METRICS);
    const sequenceAt = content[2 * SEQUENCE + 1] === 0 ? -1 : (content[2 * SEQUENCE] as number);
    return {
      timestamp: timestamp(bytes),
      entity,
      check: checkBytes && decodeProto(Check, checkBytes),
      metrics: metricsBytes && decodeProto(Metrics, metricsBytes),
      metadata: this.#readMetadata(part(bytes, METADATA) ?? NO_METADATA.bytes),
      id: id ? new Uint8Array(id) : new Uint8Array(0),
      sequence: sequenceAt < 0 ? 0 : readVarint(bytes, sequenceAt),
      pipelines: pipelines.length === 0 ? NO_PIPELINES.value : this.#readPipelines(bytes, pipelines),
      fallback_pipeline: undefined,
    };
  }

  get entityIsNew(): boolean {
    return this.#entityIsNew;
  }

  /** Parts of the remembered entity that are equal to those of `known`, which is in memory anyway, are held once. */
  share(known: Entity): void {
    this.#entityIsNew = false;
    this.#entity = { ...this.#entity, value: sharing({ ...this.#entity.value }, known) };
  }

  #unusual(bytes: Uint8Array): Event {
    try {
      return decodeProto(Event, bytes);
    } catch (error) {
      // Our agent may have queued JSON before it knew the encoding (W-145); 0x7B starts no Event.
      if (error instanceof CodecError && bytes[0] === 0x7b) return decodeJson(Event, bytes);
      throw error;
    }
  }

  #readEntity(bytes: Buffer, begin: number, end: number): Entity {
    const last = this.#entity;
    if (end - begin === last.bytes.length && last.to > 0) {
      const [from, to] = [begin + last.from, begin + last.to];
      const same =
        bytes.compare(last.bytes, 0, last.from, begin, from) === 0 &&
        bytes.compare(last.bytes, last.to, last.bytes.length, to, end) === 0;
      if (same && (from === to || wellFormedVarint(bytes, from, to))) {
        const seen = from === to ? last.value.last_seen : readVarint(bytes, from);
        if (int(seen) === int(last.value.last_seen)) return last.value;
        const value = { ...last.value, last_seen: seen };
        this.#entity = { ...last, value };
        return value;
      }
    }
    this.#routines.clear();
    const copy = new Uint8Array(bytes.subarray(begin, end));
    let [from, to, count] = [copy.length, copy.length, 0];
    scanFields(copy, (no, _wire, start, end) => {
      if (no !== LAST_SEEN) return;
      [from, to] = [start, end];
      count++;
    });
    const value = decodeProto(Entity, copy);
    this.#entity = count > 1 ? NO_ENTITY : { bytes: copy, value, from, to };
    this.#entityIsNew = count <= 1;
    return value;
  }

  #readMetadata(bytes: Uint8Array): ObjectMeta {
    if (bytes.length === 0) return NO_METADATA.value;
    if (!equal(bytes, this.#metadata.bytes)) {
      const copy = new Uint8Array(bytes);
      this.#metadata = { bytes: copy, value: decodeProto(ObjectMeta, copy) };
    }
    return this.#metadata.value;
  }

  #readPipelines(bytes: Uint8Array, ranges: readonly number[]): readonly ResourceReference[] {
    const all = bytes.subarray(ranges[0], ranges[ranges.length - 1]);
    if (!equal(all, this.#pipelines.bytes)) {
      const value: ResourceReference[] = [];
      for (let i = 0; i < ranges.length; i += 2) {
        value.push(decodeProto(ResourceReference, bytes.subarray(ranges[i], ranges[i + 1])));
      }
      this.#pipelines = { bytes: new Uint8Array(all), value };
    }
    return this.#pipelines.value;
  }
}

/** Exactly one varint between the two places. */
function wellFormedVarint(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to - 1; i++) if ((bytes[i] as number) < 128) return false;
  return (bytes[to - 1] as number) < 128;
}
