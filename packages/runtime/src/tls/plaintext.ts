/** Plaintext on a TLS port gets the answer that Go's servers give, so that old clients show it (S-101). */
import type { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";

const HANDSHAKE_RECORD = 0x16;
/** From the connection to its first byte. */
const FIRST_BYTE_MS = 15_000;
/** A client that goes on sending must not lose the answer to a reset; but nobody may send for ever. */
const LINGER_MS = 5000;
const BODY = "Client sent an HTTP request to an HTTPS server.\n";
const ANSWER = [
  "HTTP/1.1 400 Bad Request",
  "Content-Type: text/plain; charset=utf-8",
  `Content-Length: ${BODY.length}`,
  "Connection: close",
  "",
  BODY,
].join("\r\n");

/** Go's words for the log (S-100). */
const HTTP = "client sent an HTTP request to an HTTPS server";
const NO_TLS = "tls: first record does not look like a TLS handshake";

/**
 * Looks at the first byte of each connection before TLS does. `refused` hears of those that speak something else.
 * Returns what ends the connections without one.
 */
export function refusePlaintext(server: HttpsServer, refused: (socket: Socket, fault: string) => void): () => void {
  const waiting = new Set<Socket>();
  const startTls = server.listeners("connection") as ((this: HttpsServer, socket: Socket) => void)[];
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const drop = () => {
      waiting.delete(socket);
      socket.destroy();
    };
    waiting.add(socket);
    socket.setTimeout(FIRST_BYTE_MS, drop);
    socket.once("error", drop);
    socket.once("readable", () => {
      const bytes: Buffer | null = socket.read();
      if (bytes === null) return drop();
      waiting.delete(socket);
      // Asked once, a socket knows its address for good: the log names it when the connection is gone already.
      void socket.remoteAddress;
      if (bytes[0] !== HANDSHAKE_RECORD) {
        refused(socket, /^[A-Z]+ \S+ HTTP\/1/.test(bytes.toString("latin1")) ? HTTP : NO_TLS);
        return answer(socket);
      }
      socket.setTimeout(0);
      socket.off("timeout", drop);
      socket.off("error", drop);
      socket.unshift(bytes);
      for (const start of startTls) start.call(server, socket);
    });
  });
  return () => {
    for (const socket of waiting) socket.destroy();
    waiting.clear();
  };
}

function answer(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
  socket.end(ANSWER);
  socket.resume();
}
