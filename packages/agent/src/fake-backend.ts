/** A backend of a few lines for the agent's tests: real sockets, scripted answers. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  acceptedHeaders,
  CheckRequest,
  decodeProto,
  EntityConfig,
  Event,
  encodeProto,
  joinFrame,
  MESSAGE,
  ObjectMeta,
  splitFrame,
} from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import { type WebSocket, WebSocketServer } from "ws";

export interface FakeSession {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
}

export class FakeBackend {
  readonly sessions: FakeSession[] = [];
  readonly events: { type: string; event: Event }[] = [];
  /** Set to refuse the next upgrades. */
  refusal: { status: number; body: string } | undefined;
  /** What is sent when a session begins. */
  greeting: Uint8Array[] = [notFound()];
  extraHeaders: readonly string[] = [];
  autoPong = true;
  readonly #server: Server = createServer();

  async start(): Promise<string> {
    this.#server.on("upgrade", (request, socket, head) => {
      if (this.refusal !== undefined) {
        const { status, body } = this.refusal;
        // The agent ends a refused connection its own way.
        socket.on("error", () => {});
        socket.end(
          `HTTP/1.1 ${status} No\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        );
        return;
      }
      const sockets = new WebSocketServer({ noServer: true, autoPong: this.autoPong });
      sockets.on("headers", (headers) => {
        for (const [name, value] of acceptedHeaders("protobuf", "b1")) headers.push(`${name}: ${value}`);
        headers.push(...this.extraHeaders);
      });
      sockets.handleUpgrade(request, socket, head, (ws) => {
        this.sessions.push({ socket: ws, request });
        ws.on("message", (data) => {
          const frame = splitFrame(data as Buffer);
          if (frame) this.events.push({ type: frame.type, event: decodeProto(Event, frame.payload) });
        });
        for (const message of this.greeting) ws.send(message);
      });
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get last(): FakeSession {
    return this.sessions.at(-1) as FakeSession;
  }

  /** Events of one type, in order of arrival. */
  received(type: string): Event[] {
    return this.events.filter((message) => message.type === type).map((message) => message.event);
  }

  async stop(): Promise<void> {
    for (const { socket } of this.sessions) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function entityConfig(name: string, rest: Partial<EntityConfig> = {}): Uint8Array {
  const metadata = ObjectMeta.create({ name, namespace: "default" });
  const config = EntityConfig.create({ metadata, entity_class: "agent", ...rest });
  return joinFrame(MESSAGE.entityConfig, encodeProto(EntityConfig, config));
}

export function notFound(): Uint8Array {
  return entityConfig("not found");
}

export function checkRequest(request: Partial<CheckRequest>): Uint8Array {
  return joinFrame(MESSAGE.checkRequest, encodeProto(CheckRequest, CheckRequest.create(request)));
}

/** Keeps the lines. */
export class MemoryLog implements Logger {
  readonly lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  #add(level: string, fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level, message, fields });
  }
  debug(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#add("debug", fields, message);
  }
  info(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#add("info", fields, message);
  }
  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#add("warning", fields, message);
  }
  error(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#add("error", fields, message);
  }
  component(): Logger {
    return this;
  }
  /** Errors' texts of lines with this message. */
  errors(message: string): string[] {
    return this.lines
      .filter((line) => line.message === message)
      .map(({ fields: { error } }) => (error instanceof Error ? error.message : String(error)));
  }
}
