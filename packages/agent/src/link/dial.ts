/** Opens the WebSocket to one backend (W-6 to W-13). */
import { createHash } from "node:crypto";
import type { ClientRequest, IncomingMessage } from "node:http";
import { isIP, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { CONTENT_TYPE, type Encoding, HEADER, offeredEncoding, SensuError } from "@sensu-ts/core";
import { clientTls, connectThrough, describeTlsError, proxyFor, rememberPeer } from "@sensu-ts/runtime";
import WebSocket from "ws";
import type { LinkSettings } from "../app/settings.ts";
import { VERSION } from "../app/version.ts";

export interface Identity {
  readonly name: string;
  readonly namespace: string;
  /** As configured, without `entity:NAME` (W-7). */
  readonly subscriptions: readonly string[];
}

export interface OpenSocket {
  readonly socket: WebSocket;
  readonly encoding: Encoding;
  /** Name of the backend, for the log. */
  readonly backendId: string;
  /** The backend says when it has committed a durable event (W-143). */
  readonly acknowledges: boolean;
  /** The client certificate that was ready to be shown on this connection. */
  readonly certificate: OwnCertificate | undefined;
}

export interface OwnCertificate {
  /** Milliseconds. */
  readonly notAfter: number;
}

/** A backend's own messages; the limit only keeps a broken peer from filling memory. */
const MAX_MESSAGE_BYTES = 1024 * 1024 * 1024;
/** How long either side's goodbye may stay without its answer before the connection is cut. */
const CLOSE_TIMEOUT_MS = 1000;
const MAX_REFUSAL_BYTES = 1024;
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

interface Dial {
  readonly url: string;
  readonly settings: LinkSettings;
  readonly identity: Identity;
  /** Of the session before. */
  readonly lastEncoding: Encoding | undefined;
  readonly signal: AbortSignal;
}

/** Rejects with a `SensuError` that says why, such as `handshake failed with status 401: bad credentials`. */
export async function dial(request: Dial): Promise<OpenSocket> {
  const { settings, signal } = request;
  // One limit for all of it, proxy, TCP, TLS and upgrade (W-72), however the other side dribbles.
  const limit = new AbortController();
  const stop = () => limit.abort();
  const seconds = settings.handshakeTimeoutMs / 1000;
  const timer = setTimeout(
    () => limit.abort(new SensuError("unavailable", `no session after ${seconds} seconds (backend-handshake-timeout)`)),
    settings.handshakeTimeoutMs,
  );
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await connect({ ...request, signal: limit.signal });
  } catch (error) {
    const { reason } = limit.signal;
    throw reason instanceof SensuError ? reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

async function connect(request: Dial): Promise<OpenSocket> {
  const target = new URL(request.url);
  const proxy = proxyFor(target, process.env);
  if (proxy === undefined) return open(request, {});
  const { settings, signal } = request;
  const tunnel = await connectThrough(proxy, target, signal);
  const secure = target.protocol === "wss:";
  const servername = isIP(target.hostname) === 0 ? target.hostname : "";
  return open(request, {
    createConnection: () =>
      secure ? connectTls({ ...clientTls(settings.tls), socket: tunnel, host: target.hostname, servername }) : tunnel,
  });
}

function open({ url, settings, identity, lastEncoding, signal }: Dial, through: WebSocket.ClientOptions) {
  return new Promise<OpenSocket>((resolve, reject) => {
    let socket: WebSocket;
    let sent: ClientRequest | undefined;
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", onAbort);
      if (error instanceof SensuError) return reject(error);
      const told = describeTlsError(error, { host: new URL(url).hostname, tls: settings.tls, socket: sent?.socket });
      if (told !== undefined) return reject(new SensuError("unavailable", withHalfPair(told, settings)));
      reject(new SensuError("unavailable", (error as Error).message, { cause: error }));
    };
    const onAbort = () => socket.terminate();
    try {
      const options = {
        ...through,
        ...(url.startsWith("wss:") ? clientTls(settings.tls) : {}),
        headers: headers(settings, identity, lastEncoding),
        closeTimeout: CLOSE_TIMEOUT_MS,
        perMessageDeflate: false,
        followRedirects: false,
        maxPayload: MAX_MESSAGE_BYTES,
        // Text frames may hold anything; the codec decides (W-25, W-39).
        skipUTF8Validation: true,
        finishRequest: (request: ClientRequest) => {
          sent = request;
          request.once("socket", rememberPeer);
          acceptEitherHash(request);
          request.end();
        },
      };
      // The declared types lag behind Node's and the library's own.
      socket = new WebSocket(url, options as WebSocket.ClientOptions);
    } catch (error) {
      return fail(error);
    }
    signal.addEventListener("abort", onAbort, { once: true });
    let response: IncomingMessage | undefined;
    socket.once("upgrade", (upgraded) => {
      response = upgraded;
    });
    socket.once("unexpected-response", (_request, refused) => {
      readRefusal(refused, (body) => {
        const text = `handshake failed with status ${refused.statusCode}: ${body}`;
        fail(new SensuError("unavailable", withRemedy(text, refused.statusCode ?? 0, body, settings)));
        socket.terminate();
      });
    });
    socket.on("error", fail);
    socket.once("open", () => {
      signal.removeEventListener("abort", onAbort);
      // Frames that came with the answer wait until the session listens.
      socket.pause();
      const header = (name: string) => response?.headers[name.toLowerCase()] as string | undefined;
      resolve({
        socket,
        encoding: offeredEncoding(header("accept")),
        backendId: header(HEADER.backendId) ?? "",
        acknowledges: header(HEADER.eventAck) === "1",
        certificate: ownCertificate(response?.socket),
      });
    });
  });
}

function ownCertificate(socket: Socket | undefined): OwnCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const own = socket.getX509Certificate();
  return own && { notAfter: own.validToDate.getTime() };
}

/** A refusal for want of a certificate is told with the option that is missing (S-147). */
function withHalfPair(text: string, { halfPair }: LinkSettings): string {
  return halfPair === undefined ? text : `${text} [${halfPair}]`;
}

/** What a TLS port answers to plaintext (S-101). */
const WANTS_TLS = /HTTP request to an HTTPS server/;

/** A refusal with what its body asks for, as an option of ours. */
function withRemedy(text: string, status: number, body: string, settings: LinkSettings): string {
  if (status === 401) return withHalfPair(text, settings);
  return status === 400 && WANTS_TLS.test(body) ? `${text} [backend-url wants wss:// there]` : text;
}

function headers(settings: LinkSettings, identity: Identity, lastEncoding: Encoding | undefined) {
  const sent: Record<string, string> = {
    "User-Agent": `sensu-agent/${VERSION}`,
    [HEADER.agentName]: identity.name,
    [HEADER.namespace]: identity.namespace,
    [HEADER.subscriptions]: identity.subscriptions.join(","),
    [HEADER.eventAck]: "1",
    Accept: CONTENT_TYPE.protobuf,
    ...(lastEncoding === undefined ? {} : { "Content-Type": CONTENT_TYPE[lastEncoding] }),
  };
  if (settings.credentials !== undefined) {
    const { user, password } = settings.credentials;
    sent[HEADER.user] = user;
    sent["Authorization"] = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  }
  // Go writes header values as UTF-8 bytes, Node one byte a character.
  for (const [name, value] of Object.entries(sent)) sent[name] = Buffer.from(value).toString("latin1");
  return sent;
}

/**
 * Backends of 6.14.0 and FIPS builds prove the handshake with SHA-256 (W-11), which the library does not know: such a
 * proof is checked here and handed on as the one it expects.
 */
function acceptEitherHash(request: ClientRequest): void {
  const key = String(request.getHeader("sec-websocket-key"));
  const proof = (hash: string) =>
    createHash(hash)
      .update(key + ACCEPT_GUID)
      .digest("base64");
  request.prependListener("upgrade", (response: IncomingMessage) => {
    if (response.headers["sec-websocket-accept"] === proof("sha256")) {
      response.headers["sec-websocket-accept"] = proof("sha1");
    }
  });
}

function readRefusal(response: IncomingMessage, done: (body: string) => void): void {
  let body = "";
  let finished = false;
  const finish = () => {
    if (finished) return;
    finished = true;
    response.destroy();
    done(body.slice(0, MAX_REFUSAL_BYTES).trim());
  };
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    body += chunk;
    if (body.length > MAX_REFUSAL_BYTES) finish();
  });
  response.on("end", finish);
  response.on("close", finish);
  response.on("error", finish);
}
