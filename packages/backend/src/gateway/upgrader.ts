/** Turns an examined request into a WebSocket (W-9, W-12, W-26, W-27). */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { acceptedHeaders, HEADER } from "@sensu-ts/core";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { type AcceptHash, proveWith } from "./accept-hash.ts";
import type { Accepted } from "./handshake.ts";

export interface UpgraderOptions {
  /** Name of the backend's entity. */
  readonly backendId: string;
  readonly acceptHash?: AcceptHash;
}

/** Largest message; the protocol has no limit (W-27), memory has. */
const MAX_MESSAGE = 256 << 20;
/** The original's agents send 4096 bytes a fragment. */
const MAX_FRAGMENTS = MAX_MESSAGE >> 11;
/** How long a goodbye may stay without its answer (W-57). */
const CLOSE_ANSWER_MS = 10_000;

const SOCKETS = {
  noServer: true,
  perMessageDeflate: false,
  clientTracking: false,
  maxPayload: MAX_MESSAGE,
  maxFragments: MAX_FRAGMENTS,
  closeTimeout: CLOSE_ANSWER_MS,
  skipUTF8Validation: true,
};

export class Upgrader {
  // The declared types lag behind the library's own.
  readonly #sockets = new WebSocketServer(SOCKETS as ServerOptions);
  /** Between examination and answer. */
  readonly #pending = new WeakMap<IncomingMessage, Accepted>();

  constructor({ backendId, acceptHash = "sha1" }: UpgraderOptions) {
    this.#sockets.on("headers", (headers, request) => {
      const { encoding, acknowledges } = this.#pending.get(request) as Accepted;
      for (const [name, value] of acceptedHeaders(encoding, backendId)) headers.push(`${name}: ${value}`);
      if (acknowledges) headers.push(`${HEADER.eventAck}: 1`);
      proveWith(acceptHash, headers, String(request.headers["sec-websocket-key"]));
    });
  }

  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    accepted: Accepted,
    done: (webSocket: WebSocket) => void,
  ): void {
    this.#pending.set(request, accepted);
    simplify(request);
    this.#sockets.handleUpgrade(request, socket, head, done);
  }
}

/**
 * Rewrites what the library reads more narrowly than the examination: lists in `Upgrade` and `Sec-WebSocket-Version`.
 * Subprotocols are not looked at, and none is chosen.
 */
function simplify({ headers }: IncomingMessage): void {
  headers.upgrade = "websocket";
  headers["sec-websocket-version"] = "13";
  delete headers["sec-websocket-protocol"];
}
