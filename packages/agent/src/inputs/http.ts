/** The agent's HTTP API (section 18 of the agent specification). */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { decodeJson, type Entity, Event, SensuError } from "@sensu-ts/core";
import {
  type CertificateInUse,
  close,
  createServer,
  isLoopback,
  type ListenAddress,
  type Logger,
  listen,
  listenOnSocket,
} from "@sensu-ts/runtime";
import type { LinkCounters } from "../link/link.ts";
import { logSending } from "../link/log-event.ts";
import { metricsText } from "./metrics.ts";
import { prepareEvent } from "./prepare.ts";

export interface HttpInputOptions {
  readonly host: string;
  readonly port: number;
  /** Path of the Unix socket to listen on instead; empty: none. */
  readonly unixSocket: string;
  /** Bearer token without which no event is taken; empty: none is needed (S-394). */
  readonly token: string;
  /** No warning when others than this host can reach it (S-395). */
  readonly insecureOk: boolean;
  readonly agentName: string;
  readonly namespace: string;
  readonly version: string;
  readonly entity: () => Entity;
  readonly connected: () => boolean;
  readonly counters: LinkCounters;
  readonly certificate: () => CertificateInUse | undefined;
  /** Resolves when the event is safe. */
  readonly queue: (event: Event) => Promise<void>;
  readonly log: Logger;
  /** Milliseconds. */
  readonly now: () => number;
}

const TIMEOUT_MS = 15_000;
const STOP_GRACE_MS = 1000;
/** The original has no limit; this one only keeps a mistake from filling memory. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export class HttpInput {
  readonly #options: HttpInputOptions;
  readonly #server;

  constructor(options: HttpInputOptions) {
    this.#options = options;
    this.#server = createServer(undefined, (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        options.log.error({ error }, "error answering a request");
        if (!response.headersSent) plain(response, 500, "internal error");
        else response.destroy();
      });
    });
    this.#server.requestTimeout = TIMEOUT_MS;
    this.#server.headersTimeout = TIMEOUT_MS;
  }

  /** Resolves with the address in use, `undefined` for a Unix socket; rejects when it is taken. */
  async start(): Promise<ListenAddress | undefined> {
    const { host, port, unixSocket, token, insecureOk, log } = this.#options;
    if (unixSocket !== "") {
      log.info({ scheme: "http" }, `starting api on unix socket: ${unixSocket}`);
      await listenOnSocket(this.#server, unixSocket);
      return undefined;
    }
    log.info({ scheme: "http" }, `starting api on address: ${host}:${port}`);
    const address = await listen(this.#server, { host, port });
    if (port === 0) log.info({}, `api is listening on address: ${address.host}:${address.port}`);
    if (!insecureOk && !isLoopback(address.host)) {
      log.warn(
        {},
        token === ""
          ? `the agent's API is plaintext and without authentication on ${address.host}: whoever reaches it can send events; set api-host to 127.0.0.1, or insecure-ok to silence this`
          : `the agent's API is plaintext on ${address.host}: whoever listens on the way learns the token of api-token-file; set api-host to 127.0.0.1, or insecure-ok to silence this`,
      );
    }
    return address;
  }

  stop(): Promise<void> {
    return close(this.#server, STOP_GRACE_MS);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { connected, counters, certificate, version } = this.#options;
    const path = request.url?.split("?")[0];
    const only = (method: string) => {
      if (request.method === method) return true;
      response.writeHead(405).end();
      return false;
    };
    switch (path) {
      case "/events":
        if (only("POST")) await this.#post(request, response);
        return;
      case "/healthz":
        if (!only("GET")) return;
        if (connected()) response.writeHead(200, TEXT).end("ok");
        else response.writeHead(503, TEXT).end("sensu backend unavailable");
        return;
      case "/version":
        if (only("GET")) {
          response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ version }));
        }
        return;
      case "/metrics":
        response
          .writeHead(200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" })
          .end(metricsText(counters, version, certificate()));
        return;
      default:
        plain(response, 404, "404 page not found");
    }
  }

  async #post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { entity, agentName, namespace, queue, log, now, token } = this.#options;
    if (token !== "" && !bears(request, token)) {
      response.setHeader("WWW-Authenticate", "Bearer");
      response.setHeader("Connection", "close");
      return plain(response, 401, "unauthorized: want Authorization: Bearer with the token of api-token-file");
    }
    const body = await readBody(request);
    if (body === undefined) {
      response.setHeader("Connection", "close");
      return plain(response, 413, "http: request body too large");
    }
    let event: Event;
    try {
      if (body.trim() === "null") throw new SensuError("invalid", "an event must be provided");
      event = prepareEvent(readEvent(body), { entity: entity(), agentName, namespace, now: now() });
    } catch (error) {
      if (!(error instanceof SensuError)) throw error;
      return plain(response, 400, error.message);
    }
    logSending(log, event);
    try {
      await queue(event);
    } catch (error) {
      log.error({ error }, "error queueing message");
      return plain(response, 500, "error queueing message");
    }
    response.writeHead(202).end();
  }
}

const TEXT = { "Content-Type": "text/plain; charset=utf-8" } as const;

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...TEXT, "X-Content-Type-Options": "nosniff" }).end(`${text}\n`);
}

/** Compares what a guesser cannot time. */
function bears({ headers }: IncomingMessage, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/** One event; what follows it is ignored (W-141). */
function readEvent(body: string): Event {
  try {
    return decodeJson(Event, body);
  } catch (error) {
    const end = endOfObject(body);
    if (end === undefined || body.slice(end).trim() === "") throw error;
    return decodeJson(Event, body.slice(0, end));
  }
}

/** Where the object ends that a text begins with. */
function endOfObject(text: string): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return at + 1;
  }
  return undefined;
}

/** `undefined` when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The request stays open when reading stops early, so that it can be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
