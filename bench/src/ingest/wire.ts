/**
 * The generator's side of the agent protocol: protobuf messages of one simulated agent as masked WebSocket frames,
 * built once, with the offsets of the bytes that change from event to event (W-25, W-38, W-62).
 */
import { randomBytes } from "node:crypto";

/** Appends protobuf fields in the order they are called. */
class Writer {
  readonly #parts: Buffer[] = [];
  length = 0;

  #push(part: Buffer): void {
    this.#parts.push(part);
    this.length += part.length;
  }

  varint(no: number, value: number): this {
    this.#push(Buffer.concat([varint(no * 8), varint(value)]));
    return this;
  }

  bytes(no: number, value: Buffer | string): this {
    const body = Buffer.from(value);
    this.#push(Buffer.concat([varint(no * 8 + 2), varint(body.length), body]));
    return this;
  }

  double(no: number, value: number): this {
    const body = Buffer.alloc(8);
    body.writeDoubleLE(value);
    this.#push(Buffer.concat([varint(no * 8 + 1), body]));
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#parts, this.length);
  }
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Buffer.from(out);
}

/** Bytes that a Unix time of this century takes. */
const TIME_BYTES = 5;
/** Sequences start here so that their varint keeps three bytes for two million events. */
export const FIRST_SEQUENCE = 1 << 14;
const SEQUENCE_BYTES = 3;
const PLACEHOLDER_TIME = 1_700_000_000;

function metadata(name: string, namespace: string, label?: readonly [string, string]): Buffer {
  const meta = new Writer();
  if (name !== "") meta.bytes(1, name);
  meta.bytes(2, namespace);
  if (label) meta.bytes(3, new Writer().bytes(1, label[0]).bytes(2, label[1]).done());
  return meta.done();
}

export interface AgentIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly subscriptions: readonly string[];
  readonly user: string;
}

function entity(agent: AgentIdentity): { bytes: Buffer; lastSeen: number } {
  const lo = new Writer().bytes(1, "lo").bytes(3, "127.0.0.1/8").bytes(3, "::1/128").done();
  const eth = new Writer()
    .bytes(1, "eth0")
    .bytes(2, "02:42:ac:11:00:02")
    .bytes(3, "10.20.30.40/16")
    .bytes(3, "fe80::42:acff:fe11:2/64")
    .done();
  const system = new Writer()
    .bytes(1, agent.name)
    .bytes(2, "linux")
    .bytes(3, "debian")
    .bytes(4, "debian")
    .bytes(5, "12.5")
    .bytes(6, new Writer().bytes(1, lo).bytes(1, eth).done())
    .bytes(7, "amd64")
    .bytes(9, "glibc")
    .bytes(10, "kvm")
    .bytes(11, "guest")
    .done();
  const head = new Writer().bytes(1, "agent").bytes(3, system);
  for (const subscription of [...agent.subscriptions, `entity:${agent.name}`]) head.bytes(4, subscription);
  const lastSeen = head.length + 1;
  const bytes = head
    .varint(5, PLACEHOLDER_TIME)
    .bytes(7, "")
    .bytes(11, agent.user)
    .bytes(13, "password")
    .bytes(13, "api_key")
    .bytes(14, metadata(agent.name, agent.namespace, ["tier", "edge"]))
    .bytes(15, "6.13.0")
    .done();
  return { bytes, lastSeen };
}

const PIPELINE = new Writer().bytes(1, "incidents").bytes(2, "Pipeline").bytes(3, "core/v2").done();

/** One masked frame and where its changing bytes are (offsets into `bytes`, which starts with the frame header). */
export interface Template {
  readonly bytes: Buffer;
  /** Unix times, {@link TIME_BYTES} each. */
  readonly times: readonly number[];
  readonly sequence: number;
  readonly id: number;
  readonly mask: Buffer;
  readonly bodyStart: number;
}

/** A client frame: FIN, binary, masked with a random key as RFC 6455 wants it. */
export function maskedFrame(opcode: number, payload: Buffer): { bytes: Buffer; mask: Buffer; bodyStart: number } {
  const mask = randomBytes(4);
  const length =
    payload.length < 126
      ? Buffer.from([128 | payload.length])
      : Buffer.from([128 | 126, payload.length >> 8, payload.length & 255]);
  if (payload.length > 65_535) throw new RangeError("frame too long for the generator");
  const body = Buffer.from(payload);
  for (let i = 0; i < body.length; i++) body[i] = (body[i] as number) ^ (mask[i & 3] as number);
  const bodyStart = 1 + length.length + 4;
  return { bytes: Buffer.concat([Buffer.from([128 | opcode]), length, mask, body]), mask, bodyStart };
}

interface Part {
  readonly bytes: Buffer;
  readonly times: readonly number[];
}

function template(type: string, agent: AgentIdentity, check: Part, pipelines: boolean): Template {
  const owner = entity(agent);
  const event = new Writer().varint(1, PLACEHOLDER_TIME);
  const times = [1];
  event.bytes(2, owner.bytes);
  times.push(event.length - owner.bytes.length + owner.lastSeen);
  event.bytes(3, check.bytes);
  for (const offset of check.times) times.push(event.length - check.bytes.length + offset);
  event.bytes(5, metadata("", agent.namespace)).bytes(6, randomBytes(16));
  const id = event.length - 16;
  event.varint(7, FIRST_SEQUENCE);
  const sequence = event.length - SEQUENCE_BYTES;
  if (pipelines) event.bytes(8, PIPELINE);
  const head = Buffer.from(`${type}\n`);
  const frame = maskedFrame(2, Buffer.concat([head, event.done()]));
  const shift = frame.bodyStart + head.length;
  return {
    ...frame,
    times: times.map((offset) => offset + shift),
    id: id + shift,
    sequence: sequence + shift,
  };
}

export interface CheckShape {
  readonly name: string;
  readonly subscription: string;
  readonly status: number;
  readonly outputBytes: number;
}

export function eventTemplate(agent: AgentIdentity, shape: CheckShape): Template {
  const line = `${shape.status === 0 ? "OK" : "CRITICAL"} ${shape.name} on ${agent.name}: 42 of 80 used | used=42;80;90\n`;
  const output = line.repeat(Math.ceil(shape.outputBytes / line.length)).slice(0, shape.outputBytes);
  const check = new Writer()
    .bytes(1, `/usr/lib/plugins/${shape.name} -w 80 -c 90`)
    .varint(5, 10)
    .varint(9, 1)
    .bytes(11, shape.subscription)
    .varint(19, 5)
    .double(22, 0.0123);
  const executed = check.varint(23, PLACEHOLDER_TIME).length - TIME_BYTES;
  const issued = check.varint(25, PLACEHOLDER_TIME).length - TIME_BYTES;
  check.bytes(26, output);
  if (shape.status !== 0) check.varint(28, shape.status);
  check.bytes(38, metadata(shape.name, agent.namespace)).bytes(44, "memory").bytes(45, agent.name).bytes(46, PIPELINE);
  return template("event", agent, { bytes: check.done(), times: [executed, issued] }, true);
}

export function keepaliveTemplate(agent: AgentIdentity): Template {
  const check = new Writer()
    .varint(5, 20)
    .varint(18, 240)
    .varint(19, 120)
    .bytes(38, metadata("keepalive", agent.namespace))
    .done();
  return template("keepalive", agent, { bytes: check, times: [] }, false);
}

function patchVarint(target: Template, offset: number, value: number, length: number): void {
  const { bytes, mask, bodyStart } = target;
  let rest = value;
  for (let i = 0; i < length; i++) {
    const byte = (rest % 128) | (i < length - 1 ? 128 : 0);
    bytes[offset + i] = byte ^ (mask[(offset + i - bodyStart) & 3] as number);
    rest = Math.floor(rest / 128);
  }
}

/** Gives the frame a new time, sequence and id. `seconds` is Unix time, `sequence` starts at {@link FIRST_SEQUENCE}. */
export function patch(target: Template, seconds: number, sequence: number): void {
  for (const offset of target.times) patchVarint(target, offset, seconds, TIME_BYTES);
  patchVarint(target, target.sequence, sequence, SEQUENCE_BYTES);
  // Any change makes another id: masked bytes may be overwritten as they are.
  target.bytes.writeUInt32LE(sequence, target.id);
}
