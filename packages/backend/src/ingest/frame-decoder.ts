/**
 * Events of one agent session from bytes. What an agent repeats in every event (entity, metadata, pipelines) is decoded
 * again only when its bytes differ from the last ones (design 7).
 */
import {
  Check,
  CodecError,
  decodeJson,
  decodeProto,
  type Encoding,
  Entity,
  Event,
  int,
  Metrics,
  ObjectMeta,
  ResourceReference,
  readVarint,
  scanFields,
  sharing,
} from "@sensu-ts/core";

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
  readonly bytes: Uint8Array;
  /** Content of the entity field. */
  readonly entity: Uint8Array;
  /** Begin and end, tags included, of what is neither timestamp, entity, check nor metrics; in order. */
  readonly kept: readonly number[];
}

export interface DecodedFrame {
  readonly event: Event;
  /** Absent when the frame was JSON or unusual. */
  readonly parts?: ReceivedParts;
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

export class FrameDecoder {
  readonly #encoding: Encoding;
  #entity = NO_ENTITY;
  #metadata = NO_METADATA;
  #pipelines = NO_PIPELINES;
  /** The entity was decoded since {@link FrameDecoder.share}. */
  #entityIsNew = false;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  /** Throws `CodecError`. */
  decode(bytes: Uint8Array): DecodedFrame {
    if (this.#encoding === "json") return { event: decodeJson(Event, bytes) };
    content.fill(0);
    kept = [];
    pipelines = [];
    unusual = false;
    position = 0;
    scanFields(bytes, visit);
    const entityBytes = part(bytes, ENTITY);
    const checkBytes = part(bytes, CHECK);
    if (unusual || !entityBytes) return { event: this.#unusual(bytes) };
    const id = part(bytes, ID);
    const metricsBytes = part(bytes, METRICS);
    const metadataBytes = part(bytes, METADATA);
    const timestampAt = content[2 * TIMESTAMP + 1] === 0 ? -1 : (content[2 * TIMESTAMP] as number);
    const sequenceAt = content[2 * SEQUENCE + 1] === 0 ? -1 : (content[2 * SEQUENCE] as number);
    const keptNow = kept;
    const pipelinesNow = pipelines;
    const event: Event = {
      timestamp: timestampAt < 0 ? 0 : readVarint(bytes, timestampAt),
      entity: this.#readEntity(entityBytes),
      check: checkBytes && decodeProto(Check, checkBytes),
      metrics: metricsBytes && decodeProto(Metrics, metricsBytes),
      metadata: this.#readMetadata(metadataBytes ?? NO_METADATA.bytes),
      id: id ? new Uint8Array(id) : new Uint8Array(0),
      sequence: sequenceAt < 0 ? 0 : readVarint(bytes, sequenceAt),
      pipelines: pipelinesNow.length === 0 ? NO_PIPELINES.value : this.#readPipelines(bytes, pipelinesNow),
      fallback_pipeline: undefined,
    };
    return { event, parts: { bytes, entity: entityBytes, kept: keptNow } };
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

  #readEntity(bytes: Uint8Array): Entity {
    const last = this.#entity;
    if (bytes.length === last.bytes.length && last.to > 0) {
      const same =
        equal(bytes.subarray(0, last.from), last.bytes.subarray(0, last.from)) &&
        equal(bytes.subarray(last.to), last.bytes.subarray(last.to));
      if (same && (last.from === last.to || wellFormedVarint(bytes, last.from, last.to))) {
        const seen = last.from === last.to ? last.value.last_seen : readVarint(bytes, last.from);
        if (int(seen) === int(last.value.last_seen)) return last.value;
        const value = { ...last.value, last_seen: seen };
        this.#entity = { ...last, value };
        return value;
      }
    }
    const copy = new Uint8Array(bytes);
    let [from, to, count] = [bytes.length, bytes.length, 0];
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
