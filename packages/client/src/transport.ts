/**
 * One HTTP exchange: proxy from the environment, redirects, one deadline over all of it. Errors carry the words that
 * users of the original know (`Get "https://...": dial tcp ...`).
 */
import http from "node:http";
import type https from "node:https";
import { isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { SensuError } from "@sensu-ts/core";
import type { ClientTls } from "@sensu-ts/runtime";
import { failureText } from "./failure.ts";

const MAX_REDIRECTS = 10;
const LOOPBACK = ["localhost", "127.0.0.0-127.255.255.255", "::1", "[::1]"];
/** The longest that timers can wait. */
const MAX_TIMEOUT_MS = 0x7fff_ffff;

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface TransportOptions {
  readonly tls?: ClientTls | undefined;
  /** Over the whole exchange, redirects included. */
  readonly timeoutMs: number;
  /** Source of `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`; none are used without it. */
  readonly proxyEnv?: NodeJS.ProcessEnv | undefined;
}

interface Secure {
  readonly agent: https.Agent;
  readonly request: typeof https.request;
  /** Call with the socket before its handshake, so that `explain` can name what the server showed. */
  readonly watch: (socket: object) => void;
  /** Words for a failure of TLS; `undefined` for any other. */
  readonly explain: (error: unknown, url: URL, socket: object | null) => string | undefined;
}

export class Transport {
  readonly #options: TransportOptions;
  #plain: Promise<http.Agent> | undefined;
  #secure: Promise<Secure> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** Rejects with `SensuError("unavailable")` or `SensuError("deadline")` when no answer came. */
  async send(exchange: Exchange): Promise<Reply> {
    const deadline = AbortSignal.timeout(waitable(this.#options.timeoutMs));
    let current = exchange;
    for (let hop = 0; ; hop++) {
      const reply = await this.#once(current, deadline);
      const { location } = reply.headers;
      if (![301, 302, 303, 307, 308].includes(reply.status) || location === undefined) return reply;
      if (hop === MAX_REDIRECTS) throw failure(current, `stopped after ${MAX_REDIRECTS} redirects`);
      current = redirected(current, reply.status, location);
    }
  }

  /** Lets idle connections go. */
  close(): void {
    const plain = this.#plain;
    this.#plain = undefined;
    plain?.then((agent) => agent.destroy()).catch(() => {});
    const secure = this.#secure;
    this.#secure = undefined;
    secure?.then(({ agent }) => agent.destroy()).catch(() => {});
  }

  async #once(exchange: Exchange, deadline: AbortSignal): Promise<Reply> {
    // Else the parser would take the first word of the path for the host, and send the credentials there.
    if (/^https?:(?!\/\/[^/?#])/i.test(exchange.url)) throw failure(exchange, "http: no Host in request URL");
    let url: URL;
    try {
      url = new URL(exchange.url);
    } catch (error) {
      const schemeless = !/^[a-z][a-z0-9+.-]*:/i.test(exchange.url);
      throw failure(exchange, schemeless ? `unsupported protocol scheme ""` : "invalid URL", error);
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw failure(exchange, `unsupported protocol scheme "${url.protocol.slice(0, -1)}"`);
    }
    const secure = url.protocol === "https:" ? await this.#https() : undefined;
    const { request, agent } = secure ?? (await this.#http());
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => {
        if (deadline.aborted) {
          const text = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
          reject(failure(exchange, text, error, "deadline"));
          return;
        }
        const text = secure?.explain(error, url, outgoing.socket) ?? failureText(error, url);
        reject(failure(exchange, text, error));
      };
      const body = exchange.body === undefined ? undefined : Buffer.from(exchange.body);
      const headers = { ...exchange.headers, ...(body ? { "Content-Length": String(body.length) } : {}) };
      const outgoing = request(url, { method: exchange.method, headers, agent, signal: deadline }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", failed);
        incoming.on("end", () =>
          resolve({
            status: incoming.statusCode ?? 0,
            statusText: http.STATUS_CODES[incoming.statusCode ?? 0] ?? incoming.statusMessage ?? "",
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      });
      if (secure) outgoing.on("socket", secure.watch);
      outgoing.on("error", failed);
      outgoing.end(body);
    });
  }

  async #http(): Promise<{ request: typeof http.request; agent: http.Agent }> {
    this.#plain ??= this.#throughSocks(new http.Agent({ keepAlive: true, ...this.#proxy() }), "http:");
    return { request: http.request, agent: await this.#plain };
  }

  #https(): Promise<Secure> {
    this.#secure ??= (async () => {
      const { tls } = this.#options;
      const [{ default: secure }, { clientTls, describeTlsError, rememberPeer }] = await Promise.all([
        import("node:https"),
        import("@sensu-ts/runtime"),
      ]);
      const agent = new secure.Agent({ keepAlive: true, ...clientTls(tls ?? {}), ...this.#proxy() });
      await this.#throughSocks(agent, "https:");
      return {
        ...{ agent, request: secure.request, watch: rememberPeer },
        explain: (error, { hostname }, socket) => describeTlsError(error, { host: hostname, tls, socket }),
      };
    })();
    return this.#secure;
  }

  /** Go's clients know SOCKS proxies, Node's agents do not; the rest of them loads only where one is named. */
  async #throughSocks(agent: http.Agent, protocol: "http:" | "https:"): Promise<http.Agent> {
    const { proxyEnv: env = {}, timeoutMs } = this.#options;
    const name = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
    if (!/^socks5h?:/i.test(env[name] || env[name.toLowerCase()] || "")) return agent;
    const { connectThrough, proxyFor } = await import("@sensu-ts/runtime");
    const straight = agent.createConnection.bind(agent);
    agent.createConnection = (options, done) => {
      const { host = "localhost", port } = options as { host?: string; port?: number };
      const url = new URL(`${protocol}//${isIPv6(host) ? `[${host}]` : host}:${port}`);
      const proxy = proxyFor(url, env);
      if (proxy === undefined) return straight(options, done);
      connectThrough(proxy, url, AbortSignal.timeout(waitable(timeoutMs))).then(
        (socket) =>
          done?.(
            null,
            protocol === "https:" ? (straight({ ...options, socket } as http.ClientRequestArgs) as Duplex) : socket,
          ),
        (error: Error) => done?.(error, undefined as never),
      );
      return undefined;
    };
    return agent;
  }

  /** What is on this machine is never asked for through a proxy, as in Go. */
  #proxy(): { proxyEnv?: NodeJS.ProcessEnv } {
    const { proxyEnv } = this.#options;
    if (proxyEnv === undefined) return {};
    const exempt = [proxyEnv["no_proxy"] || proxyEnv["NO_PROXY"], ...LOOPBACK].filter(Boolean).join(",");
    return { proxyEnv: { ...proxyEnv, no_proxy: exempt } };
  }
}

function waitable(milliseconds: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds), 1), MAX_TIMEOUT_MS);
}

function redirected(from: Exchange, status: number, location: string): Exchange {
  const url = new URL(location, from.url);
  const keepsMethod = status === 307 || status === 308 || from.method === "GET";
  const sameHost = url.host === new URL(from.url).host;
  const headers = Object.fromEntries(
    Object.entries(from.headers).filter(([name]) => sameHost || name.toLowerCase() !== "authorization"),
  );
  return keepsMethod ? { ...from, url: url.href, headers } : { method: "GET", url: url.href, headers };
}

function failure(exchange: Exchange, text: string, cause?: unknown, code: "unavailable" | "deadline" = "unavailable") {
  const verb = exchange.method.charAt(0) + exchange.method.slice(1).toLowerCase();
  // A password in the URL stays out of messages.
  const url = exchange.url.replace(/^([a-z]+:\/\/[^/?#:@]*):[^/?#@]*@/i, "$1:***@");
  return new SensuError(code, `${verb} "${url}": ${text}`, { cause });
}
