/** A client with full control: TLS as told, one HTTP request written by hand, and what came back. */
import net from "node:net";
import tls from "node:tls";
import { FIRST_SEQUENCE, keepaliveTemplate, patch } from "@sensu-ts/bench";

export interface RawRequest {
  readonly host: string;
  readonly port: number;
  /** undefined: plaintext. */
  readonly tls: tls.ConnectionOptions | undefined;
  /** Request and what follows it at once, whether or not the server will answer. */
  readonly bytes: Buffer;
  /** Called on the open socket; the session of TLS 1.3 comes after the handshake. */
  readonly onSession?: (session: Buffer) => void;
}

export interface RawAnswer {
  /** Our end, as the server logs it. */
  readonly localAddress: string;
  /** 0: not a byte of HTTP came. */
  readonly status: number;
  readonly body: string;
  /** Of the TLS layer or the socket, where it was told. */
  readonly error: string;
  readonly reused: boolean;
}

const QUIET_MS = 10_000;

/** Whole answer in `text`: its head and a body of the announced length, or an upgrade. */
function isComplete(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  if (text.startsWith("HTTP/1.1 101 ")) return true;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1];
  return length !== undefined && Buffer.byteLength(text.slice(end + 4)) >= Number(length);
}

/** Resolves with what came until the answer was whole or the connection ended. The socket is closed then. */
export function rawRequest(request: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { host, port, bytes } = request;
    const socket = request.tls ? tls.connect({ host, port, ...request.tls }) : net.connect({ host, port });
    let text = "";
    let error = "";
    let localAddress = "";
    let reused = false;
    socket.setTimeout(QUIET_MS, () => reject(new Error(`no answer of ${host}:${port} for ${QUIET_MS} ms`)));
    socket.on("connect", () => {
      localAddress = `${socket.localAddress}:${socket.localPort}`;
    });
    socket.on(request.tls ? "secureConnect" : "connect", () => {
      reused = socket instanceof tls.TLSSocket && socket.isSessionReused();
      socket.write(bytes);
    });
    if (request.onSession) socket.on("session", request.onSession);
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      if (isComplete(text)) socket.end();
    });
    socket.on("error", (failure: NodeJS.ErrnoException) => {
      error = `${failure.code ?? ""} ${failure.message}`;
    });
    socket.on("close", () => {
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
      const body = text.slice(text.indexOf("\r\n\r\n") + 4);
      resolve({ localAddress, status, body, error, reused });
    });
  });
}

/** An agent's upgrade with its first keepalive right behind it: a server that reads agents too early shows an entity. */
export function agentBytes(name: string, password: string | undefined): Buffer {
  const login =
    password === undefined
      ? []
      : ["Sensu-User: agent", `Authorization: Basic ${Buffer.from(`agent:${password}`).toString("base64")}`];
  const head = [
    "GET / HTTP/1.1",
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`,
    "Accept: application/octet-stream",
    "Sensu-Namespace: default",
    `Sensu-AgentName: ${name}`,
    "Sensu-Subscriptions: matrix",
    ...login,
    "",
    "",
  ].join("\r\n");
  const keepalive = keepaliveTemplate({ name, namespace: "default", subscriptions: ["matrix"], user: "agent" });
  patch(keepalive, Math.floor(Date.now() / 1000), FIRST_SEQUENCE);
  return Buffer.concat([Buffer.from(head), keepalive.bytes]);
}

export function getBytes(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
}
