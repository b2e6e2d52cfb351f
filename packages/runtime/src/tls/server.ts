/**
 * The one place where listeners are made: those of every program take a TLS source from here; plaintext is one value of
 * it (design 5).
 */
import http from "node:http";
import https from "node:https";
import type { AddressInfo, Server as NetServer, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { SensuError } from "@sensu-ts/core";
import { handshakeFault } from "./errors.ts";
import { keepPeerChains } from "./peer-chain.ts";
import { refusePlaintext } from "./plaintext.ts";
import type { ServerTls, ServerTlsSource } from "./source.ts";
import { type HandshakeJudge, judgeHandshakes } from "./strict-handshake.ts";

const HANDSHAKE_MS = 15_000;
const TWO_HOSTS = "400 Bad Request: too many Host headers";

/** Ends what is connected but speaks no HTTP yet. */
const unspoken = new WeakMap<NetServer, () => void>();

/** Node's own where absent. */
export type HttpLimits = Pick<http.ServerOptions, "maxHeaderSize" | "connectionsCheckingInterval" | "highWaterMark">;

/**
 * An HTTP(S) server that is not listening yet. `source` is started; each of its reloads counts from the next handshake.
 * `judge` is who decides about clients of a strict source.
 */
export function createServer(
  source: ServerTls,
  handler: http.RequestListener,
  limits: HttpLimits = {},
  judge?: HandshakeJudge,
): http.Server | https.Server {
  const checked = ofOneHost(handler);
  return source === undefined ? http.createServer(limits, checked) : createTlsServer(source, checked, limits, judge);
}

/** What names two hosts is read in two ways by two programs, so nobody answers it (RFC 9112, 3.2); Node takes the first. */
function ofOneHost(handler: http.RequestListener): http.RequestListener {
  return (request, response) => {
    const { rawHeaders } = request;
    let hosts = 0;
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] as string;
      if (name.length === 4 && name.toLowerCase() === "host") hosts++;
    }
    if (hosts < 2) return handler(request, response);
    const headers = { "Content-Type": "text/plain; charset=utf-8", "Content-Length": TWO_HOSTS.length };
    response.writeHead(400, { ...headers, Connection: "close" }).end(TWO_HOSTS);
  };
}

function createTlsServer(
  source: ServerTlsSource,
  handler: http.RequestListener,
  limits: HttpLimits,
  judge: HandshakeJudge | undefined,
): https.Server {
  const options = { ...limits, ...source.serverOptions(), handshakeTimeout: HANDSHAKE_MS };
  const server = https.createServer(options, handler);
  server.once(
    "close",
    source.onChange(() => server.setSecureContext(source.serverOptions())),
  );
  const tell = (socket: Socket, fault: string) => {
    const from = endpointOf(socket);
    source.log.warn({ source: from }, `http: TLS handshake error from ${from}: ${fault}`);
  };
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => tell(socket, handshakeFault(error)));
  const endWaiting = refusePlaintext(server, tell);
  const strict = source.clientAuth?.strict && judge ? judgeHandshakes(server, judge) : undefined;
  if (source.clientAuth) keepPeerChains(server, strict?.secret);
  unspoken.set(server, () => {
    endWaiting();
    strict?.end();
  });
  return server;
}

function endpointOf(socket: Socket): string {
  // Node forgets the address of a TLS socket that is gone, not that of the socket below.
  const known = socket.remoteAddress === undefined ? (socket as { _parent?: Socket })._parent : socket;
  const { remoteAddress = "?", remotePort = 0 } = known ?? {};
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[v6]:port` or `:port`. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = match ? Number(match[3]) : Number.NaN;
  if (!match || port > 65535) throw new SensuError("invalid", `listen address ${text}: want host:port`);
  return { host: match[1] ?? match[2] ?? "", port };
}

/** Whether only programs of this host can reach it. */
export function isLoopback(host: string): boolean {
  return host === "::1" || /^(::ffff:)?127\./.test(host);
}

/** Listens; resolves with the address in use (port 0 lets the system choose). */
export function listen(server: NetServer, address: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const where = `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
      const why = error.code === "EADDRINUSE" ? "bind: address already in use" : error.message;
      reject(new SensuError("unavailable", `listen tcp ${where}: ${why}`, { cause: error }));
    };
    server.once("error", failed);
    server.listen({ host: address.host === "" ? "::" : address.host, port: address.port }, () => {
      server.off("error", failed);
      const bound = server.address() as AddressInfo;
      resolve({ host: bound.address, port: bound.port });
    });
  });
}

/** Stops accepting, ends idle connections at once and the rest after `graceMs`. */
export function close(server: http.Server | https.Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
    unspoken.get(server)?.();
  });
}
