/** One simulated agent's connection: upgrade by hand on a plain or TLS socket, then prepared frames. */
import { createHash, randomBytes } from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import { type AgentIdentity, maskedFrame } from "./wire.ts";

export interface Target {
  readonly url: URL;
  readonly user: string;
  readonly password: string;
  /** Client certificate, key and CA for `wss`. */
  readonly tls: tls.ConnectionOptions;
}

export class AgentSocket {
  readonly agent: AgentIdentity;
  readonly #target: Target;
  #socket: net.Socket | undefined;
  #rest: Buffer = Buffer.alloc(0);
  /** Set when the server ended the session or the socket broke. */
  closed = false;
  /** Called with each whole message of the server. */
  onMessage: ((payload: Buffer) => void) | undefined;

  constructor(agent: AgentIdentity, target: Target) {
    this.agent = agent;
    this.#target = target;
  }

  /** Resolves after the 101 response; rejects with the refusal's first line. */
  connect(): Promise<void> {
    const { url, user, password } = this.#target;
    const secure = url.protocol === "wss:";
    const port = Number(url.port || 8081);
    const key = randomBytes(16).toString("base64");
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    return new Promise((resolve, reject) => {
      const socket = secure
        ? tls.connect({ host: url.hostname, port, ...this.#target.tls })
        : net.connect({ host: url.hostname, port });
      this.#socket = socket;
      socket.setNoDelay(true);
      socket.once(secure ? "secureConnect" : "connect", () => {
        const login =
          password === ""
            ? ""
            : `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString("base64")}\r\nSensu-User: ${user}\r\n`;
        socket.write(
          `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: Go-http-client/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
            `Sec-Websocket-Key: ${key}\r\nSec-Websocket-Version: 13\r\nAccept: application/octet-stream\r\n${login}` +
            `Sensu-Agentname: ${this.agent.name}\r\nSensu-Namespace: ${this.agent.namespace}\r\nSensu-Subscriptions: ${this.agent.subscriptions.join(",")}\r\n\r\n`,
        );
      });
      const onHead = (chunk: Buffer) => {
        this.#rest = Buffer.concat([this.#rest, chunk]);
        const end = this.#rest.indexOf("\r\n\r\n");
        if (end < 0) return;
        const head = this.#rest.toString("latin1", 0, end);
        if (!head.startsWith("HTTP/1.1 101 ") || !head.includes(accept)) {
          socket.destroy();
          reject(new Error(`handshake refused: ${head.split("\r\n", 1)[0]} ${this.#rest.toString("utf8", end + 4)}`));
          return;
        }
        socket.off("data", onHead);
        socket.on("data", (more: Buffer) => this.#frames(more));
        const tail = this.#rest.subarray(end + 4);
        this.#rest = Buffer.alloc(0);
        this.#frames(tail);
        resolve();
      };
      socket.on("data", onHead);
      socket.once("error", (error) => {
        this.closed = true;
        reject(error);
      });
      socket.once("close", () => {
        this.closed = true;
        reject(new Error("connection closed during the handshake"));
      });
    });
  }

  /** False while earlier bytes wait for the peer: the frame must not be changed or sent then. */
  get ready(): boolean {
    return !this.closed && this.#socket?.writableLength === 0;
  }

  send(frame: Buffer): void {
    this.#socket?.write(frame);
  }

  /** Clean end (W-33); resolves when the socket is gone. */
  close(): Promise<void> {
    const socket = this.#socket;
    if (!socket || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once("close", () => resolve());
      socket.end(maskedFrame(8, Buffer.concat([Buffer.from([0x03, 0xe9]), Buffer.from("bye")])).bytes);
      setTimeout(() => socket.destroy(), 2000).unref();
    });
  }

  #frames(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (data.length >= 2) {
      const short = (data[1] as number) & 127;
      const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (data.length < headLength) break;
      const length = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
      if (data.length < headLength + length) break;
      const payload = data.subarray(headLength, headLength + length);
      const opcode = (data[0] as number) & 15;
      if (opcode === 9) this.send(maskedFrame(10, payload).bytes);
      else if (opcode === 8) {
        this.closed = true;
        this.#socket?.end(maskedFrame(8, payload).bytes);
      } else if (opcode === 1 || opcode === 2) this.onMessage?.(payload);
      data = data.subarray(headLength + length);
    }
    this.#rest = data.length === 0 ? Buffer.alloc(0) : Buffer.from(data);
  }
}
