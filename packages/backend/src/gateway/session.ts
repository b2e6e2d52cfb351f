/** One agent's connection: frames in, in order; check requests and configuration out (W-25 to W-36, W-49 to W-57). */
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import {
  type Caller,
  CLOSE,
  type Encoding,
  EntityConfig,
  encodeJson,
  encodeProto,
  joinFrame,
  MESSAGE,
  type MessageType,
  ObjectMeta,
  SensuError,
  splitFrame,
} from "@sensu-ts/core";
import type { Logger, PeerCertificate } from "@sensu-ts/runtime";
import type { WebSocket } from "ws";
import { type DecodedFrame, FrameDecoder, RoutineFrame } from "../ingest/frame-decoder.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { Entities } from "../state/entities.ts";
import { Acks } from "./acks.ts";
import type { FrameQueue } from "./frame-queue.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { Accepted } from "./handshake.ts";
import type { Keepalives } from "./ports.ts";

export interface SessionParts {
  readonly ingest: Ingest;
  readonly entities: Pick<Entities, "get">;
  readonly keepalives: Keepalives;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
}

/** Messages that wait for a slow agent (W-54). */
const OUTGOING = 100;
const MANAGED_BY = "sensu.io/managed_by";
const NEWLINE = 10;
/** Of a close frame (RFC 6455). */
const MAX_REASON_BYTES = 123;
const CHECK_ONLY = { check: true };
const EVENT_PREFIX = Buffer.from(`${MESSAGE.event}\n`);

/** Not redacted: an agent takes its labels from the entity config it gets. */
export function encodeFrame<T>(type: MessageType<T>, message: string, value: T, encoding: Encoding): Uint8Array {
  return joinFrame(
    message,
    encoding === "protobuf" ? encodeProto(type, value) : encodeJson(type, value, { redact: false }),
  );
}

/** Where the session's connection comes from, and how it is protected. */
export interface Connection {
  readonly address: string;
  /** Empty: not at all. */
  readonly tlsVersion: string;
}

export function addressOf({ remoteAddress = "", remotePort = 0 }: IncomingMessage["socket"]): string {
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

export function connectionOf({ socket }: IncomingMessage): Connection {
  return { address: addressOf(socket), tlsVersion: socket instanceof TLSSocket ? (socket.getProtocol() ?? "") : "" };
}

/** What people are shown of a session (S-418). */
export interface AgentSession {
  readonly agent: string;
  readonly namespace: string;
  readonly user: string;
  readonly method: "certificate" | "password";
  readonly address: string;
  /** Empty: not encrypted. */
  readonly tlsVersion: string;
  /** Milliseconds since 1970. */
  readonly connectedSince: number;
  readonly certificate: PeerCertificate | undefined;
}

export class Session {
  readonly name: string;
  readonly namespace: string;
  readonly encoding: Encoding;
  readonly connection: Connection;
  /** Milliseconds since 1970. */
  readonly connectedSince = Date.now();
  /** Shown in the handshake; absent: a password was. */
  readonly peer: PeerCertificate | undefined;
  caller: Caller;
  /** Kept by the gateway's index. */
  subscriptions: ReadonlySet<string> = new Set();
  readonly #socket: WebSocket;
  readonly #parts: SessionParts;
  readonly #frames: FrameQueue;
  readonly #decoder: FrameDecoder;
  readonly #acks: Acks | undefined;
  #expelled = false;
  #outgoing = 0;
  /** `performance.now()` since when something waits to be sent; 0 when nothing does. */
  #stuckSince = 0;
  #dropped = 0;
  #lastHeard = performance.now();
  #pinged = false;
  #paused = false;
  /** Frames behind a keepalive whose registration is under way: the order of a session holds (W-37). */
  #held: Buffer[] | undefined;

  constructor(accepted: Accepted, connection: Connection, socket: WebSocket, parts: SessionParts, frames: FrameQueue) {
    this.name = accepted.name;
    this.namespace = accepted.namespace;
    this.encoding = accepted.encoding;
    this.connection = connection;
    this.caller = accepted.caller;
    this.peer = accepted.peer;
    this.#acks = accepted.acknowledges ? new Acks((frame) => this.#send(frame)) : undefined;
    this.#socket = socket;
    this.#parts = parts;
    this.#frames = frames;
    this.#decoder = new FrameDecoder(accepted.encoding);
    socket.binaryType = "fragments";
    socket.on("message", (data: Buffer | Buffer[]) => this.#receive(data));
    socket.on("ping", () => this.#heard());
    socket.on("pong", () => this.#heard());
    socket.on("error", (error) => {
      parts.metrics.socketError("recv", "ConnectionError");
      parts.log.debug({ error, agent: this.name, namespace: this.namespace }, "session ended with an error");
    });
  }

  view(): AgentSession {
    return {
      agent: this.name,
      namespace: this.namespace,
      user: this.caller.username,
      method: this.peer ? "certificate" : "password",
      ...this.connection,
      connectedSince: this.connectedSince,
      certificate: this.peer,
    };
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#held) this.#socket.resume();
  }

  /** Stored configuration, or word that there is none (W-29, R-138). */
  sendConfig(config: EntityConfig | undefined): void {
    this.#send(encodeFrame(EntityConfig, MESSAGE.entityConfig, this.#outgoingConfig(config), this.encoding));
  }

  /** False when the agent is stuck and the frame was dropped. */
  sendRequest(frame: Uint8Array): boolean {
    if (this.#outgoing >= OUTGOING) {
      if (this.#dropped++ === 0) {
        const { name, namespace } = this;
        this.#parts.log.warn({ agent: name, namespace }, "agent does not read; check requests are dropped");
      }
      return false;
    }
    this.#dropped = 0;
    this.#send(frame);
    return true;
  }

  /** Clean end (W-33). What the agent had already sent is still taken. */
  close(): void {
    this.#socket.close(CLOSE.code, CLOSE.reason);
  }

  /** The agent has lost its right: nothing more is taken from it. */
  expel(reason: string): void {
    this.#expelled = true;
    this.#socket.close(CLOSE.code, reason.replace(/[^ -~]/g, "?").slice(0, MAX_REASON_BYTES));
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Ends a session whose peer takes nothing for `writeMs` or is silent for `idleMs` and answers no ping (W-35). */
  check(writeMs: number, idleMs: number): void {
    const now = performance.now();
    if (this.#stuckSince > 0 && now - this.#stuckSince > writeMs) {
      this.#parts.metrics.socketError("send", "ConnectionError");
      this.terminate();
    } else if (!this.#paused && now - this.#lastHeard > idleMs) {
      if (this.#pinged) this.terminate();
      else {
        this.#pinged = true;
        this.#lastHeard = now - idleMs / 2;
        this.#socket.ping();
      }
    }
  }

  #heard(): void {
    this.#lastHeard = performance.now();
    this.#pinged = false;
  }

  #outgoingConfig(config: EntityConfig | undefined): EntityConfig {
    if (!config?.metadata) {
      const metadata = ObjectMeta.create({ name: "not found", namespace: this.namespace });
      return EntityConfig.create({ metadata, entity_class: "agent" });
    }
    const { [MANAGED_BY]: managed, ...labels } = config.metadata.labels;
    if (managed !== "sensu-agent") return config;
    return { ...config, metadata: { ...config.metadata, labels } };
  }

  #send(frame: Uint8Array): void {
    if (this.#outgoing++ === 0) this.#stuckSince = performance.now();
    this.#socket.send(frame, { binary: true }, () => {
      this.#outgoing--;
      this.#stuckSince = this.#outgoing === 0 ? 0 : performance.now();
    });
  }

  /** Only events wait for their turn: a keepalive overtakes them (P-52). */
  #receive(received: Buffer | Buffer[]): void {
    this.#heard();
    const data = whole(received);
    if (isEvent(data)) this.#frames.push(this, data);
    else this.read(data, performance.now());
  }

  /** `frame` belongs to others again afterwards. */
  read(frame: Buffer, arrived: number): void {
    if (this.#held) this.#held.push(Buffer.from(frame));
    else this.#handle(frame, arrived);
  }

  #handle(data: Buffer, arrived: number): void {
    if (this.#expelled) return;
    if (isEvent(data)) {
      this.#event(data.subarray(EVENT_PREFIX.length), arrived);
      return;
    }
    const frame = splitFrame(data);
    if (!frame) {
      this.#parts.metrics.sessionError("invalid message");
      this.#parts.log.error({ agent: this.name, namespace: this.namespace }, "received invalid message");
      this.close();
      return;
    }
    if (frame.type === MESSAGE.keepalive) this.#keepalive(data.subarray(data.length - frame.payload.length));
    else {
      const { name, namespace } = this;
      this.#parts.log.error(
        { agent: name, namespace, type: frame.type.slice(0, 100) },
        "error handling message: unknown type",
      );
    }
  }

  #event(payload: Buffer, arrived: number): void {
    let frame: DecodedFrame | undefined;
    try {
      frame = this.#decoder.decode(payload);
      this.#parts.ingest.offer(frame, this.namespace, payload.length, arrived, this.#acks);
      this.#parts.metrics.received(frame instanceof RoutineFrame ? CHECK_ONLY : frame.event, payload.length);
    } catch (error) {
      // It would be refused again: the agent must not keep it.
      if (frame && error instanceof SensuError && error.code !== "unavailable") this.#acks?.add(frame.event.id);
      this.#refused(MESSAGE.event, payload, error);
    }
  }

  #keepalive(payload: Buffer): void {
    try {
      const { event } = this.#decoder.decode(payload);
      const { ingest, keepalives } = this.#parts;
      ingest.admit(event, this.namespace);
      const alive = keepalives.keepalive(event);
      if (!(alive instanceof Promise)) {
        this.#shareEntity();
        ingest.offer({ event: alive }, this.namespace, payload.length, performance.now());
        return;
      }
      this.#held = [];
      this.#socket.pause();
      void alive
        .then((done) => ingest.offer({ event: done }, this.namespace, payload.length, performance.now()))
        .catch((error: unknown) => this.#refused(MESSAGE.keepalive, payload, error))
        .then(() => this.#registered());
    } catch (error) {
      this.#refused(MESSAGE.keepalive, payload, error);
    }
  }

  /** Agents report of themselves what is stored of them; sessions are many. */
  #shareEntity(): void {
    if (!this.#decoder.entityIsNew) return;
    const known = this.#parts.entities.get(this.namespace, this.name);
    if (known) this.#decoder.share(known);
  }

  #registered(): void {
    this.#shareEntity();
    const waiting = this.#held ?? [];
    this.#held = undefined;
    for (const [i, data] of waiting.entries()) {
      this.#handle(data, performance.now());
      // A keepalive among them may need a registration again.
      if (this.#holdAgain(waiting.slice(i + 1))) return;
    }
    if (!this.#paused) this.#socket.resume();
  }

  #holdAgain(rest: readonly Buffer[]): boolean {
    this.#held?.push(...rest);
    return this.#held !== undefined;
  }

  /** W-36: the message is dropped, the session goes on. */
  #refused(type: string, payload: Uint8Array, error: unknown): void {
    const { name, namespace } = this;
    const known = error instanceof SensuError;
    this.#parts.metrics.sessionError(known ? error.code : "internal");
    this.#parts.log.error({ agent: name, namespace, type, size: payload.length, error }, "error handling message");
  }
}

/**
 * The pieces of a message in one, and their list emptied. ws makes the list for the next message as early as this one
 * ends, so that it has grown old when it is filled: not emptied, it would hand what was read from the socket on to the
 * old objects, where it stays until a full collection (half of the resident size under load).
 */
function whole(received: Buffer | Buffer[]): Buffer {
  if (!Array.isArray(received)) return received;
  const [first] = received;
  const data = first && received.length === 1 ? first : Buffer.concat(received);
  received.length = 0;
  return data;
}

function isEvent(data: Buffer): boolean {
  return data[EVENT_PREFIX.length - 1] === NEWLINE && EVENT_PREFIX.compare(data, 0, EVENT_PREFIX.length) === 0;
}
