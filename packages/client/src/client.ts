import { type Json, type JsonObject, parseJson, SensuError, stringifyJson } from "@sensu-ts/core";
import type { ClientTls } from "@sensu-ts/runtime";
import { readApiError } from "./api-error.ts";
import { readClaims } from "./claims.ts";
import { type Credentials, readTokens, type TokenKeeper, type Tokens } from "./credentials.ts";
import { withQuery } from "./paths.ts";
import type { Reply, Transport } from "./transport.ts";

export interface SensuClientOptions {
  /** Base URL without a path, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly credentials?: Credentials;
  readonly tls?: ClientTls | undefined;
  /** Per request; 15 seconds when absent. */
  readonly timeoutMs?: number;
  readonly userAgent?: string;
  /** Source of the proxy variables (C-15); no proxy without it. */
  readonly proxyEnv?: NodeJS.ProcessEnv;
  /** Milliseconds since the epoch; decides whether the access token has expired. */
  readonly now?: () => number;
  /** Told of each warning that an answer carries in its header `Warning`. */
  readonly onWarning?: (text: string) => void;
}

export interface RequestOptions {
  /** Sent as JSON. */
  readonly body?: Json;
  /** Extra headers, e.g. `If-Match`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ListOptions {
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Items a page; 0 asks for everything at once. */
  readonly chunkSize?: number;
}

export interface ListResult {
  readonly items: readonly JsonObject[];
  /** Text of `Sensu-Entity-Warning`, empty when there is none (C-42). */
  readonly warning: string;
}

/** A token that would expire before the request arrives counts as expired. */
const ON_THE_WAY_MS = 2_000;

/** Speaks to one backend's HTTP API (sensuctl.md 5). Paths begin with `/`; answers of 400 and more throw `ApiError`. */
export class SensuClient {
  readonly #options: SensuClientOptions;
  readonly #url: string;
  /** Loaded at the first request: help and refusals of arguments need no HTTP. */
  #transport: Promise<Transport> | undefined;
  /** Renewal under way, shared by all requests that wait for it. */
  #renewal: Promise<Tokens> | undefined;

  constructor(options: SensuClientOptions) {
    this.#options = options;
    this.#url = options.url.replace(/\/+$/, "");
  }

  /** The answer whatever its status; throws only when there is none, or when tokens cannot be renewed. */
  async exchange(method: string, path: string, options: RequestOptions = {}): Promise<Reply> {
    return this.#send(method, `${this.#url}${path}`, await this.#authorization(), options);
  }

  async request(method: string, path: string, options: RequestOptions = {}): Promise<Reply> {
    const reply = await this.exchange(method, path, options);
    if (reply.status >= 400) throw readApiError(reply);
    return reply;
  }

  async get(path: string): Promise<Json> {
    const { text } = await this.request("GET", path);
    return text.trim() === "" ? null : parseJson(text);
  }

  /** Follows `Sensu-Continue` until the list ends (C-41). */
  async list(path: string, options: ListOptions = {}): Promise<ListResult> {
    const items: JsonObject[] = [];
    let warning = "";
    let token: string | undefined;
    do {
      const page = await this.request("GET", withQuery(path, { ...listQuery(options), continue: token }));
      const { "sensu-continue": next, "sensu-entity-warning": said } = page.headers;
      if (typeof said === "string") warning = said;
      items.push(...readItems(page.text));
      token = typeof next === "string" && next !== "" ? next : undefined;
    } while (token !== undefined);
    return { items, warning };
  }

  async post(path: string, body: Json): Promise<Reply> {
    return this.request("POST", path, { body });
  }

  async put(path: string, body: Json = null): Promise<Reply> {
    return this.request("PUT", path, body === null ? {} : { body });
  }

  async patch(path: string, body: Json): Promise<Reply> {
    return this.request("PATCH", path, { body, headers: { "Content-Type": "application/merge-patch+json" } });
  }

  async delete(path: string): Promise<Reply> {
    return this.request("DELETE", path);
  }

  /** New tokens for a name and password; not stored (C-27). The message of a refusal is the answer's body. */
  async login(username: string, password: string): Promise<Tokens> {
    const reply = await this.#send("GET", `${this.#url}/auth`, basic(username, password), {});
    if (reply.status >= 400) throw new SensuError("unauthenticated", reply.text);
    return readTokens(reply);
  }

  /** Asks the basic provider whether name and password are right (C-85). */
  async testCredentials(username: string, password: string): Promise<void> {
    const reply = await this.#send("GET", `${this.#url}/auth/test`, basic(username, password), {});
    if (reply.status === 401) throw new SensuError("unauthenticated", reply.text);
    if (reply.status >= 400) throw new SensuError("internal", "Received an unexpected response from the API");
  }

  async logout(refreshToken: string): Promise<void> {
    const reply = await this.exchange("POST", "/auth/logout", { body: { refresh_token: refreshToken } });
    if (reply.status >= 400) throw refused(reply);
  }

  /** Renews the tokens, expired or not; `undefined` in API-key mode or without tokens. */
  async renew(): Promise<Tokens | undefined> {
    return this.#freshTokens(() => false);
  }

  /** The tokens to send; those in `credentials` unless `isFresh` says otherwise. */
  async #freshTokens(isFresh: (tokens: Tokens) => boolean): Promise<Tokens | undefined> {
    const { credentials } = this.#options;
    if (credentials === undefined || "apiKey" in credentials) return undefined;
    const tokens = credentials.tokens.load();
    if (tokens === undefined || tokens.access_token === "") return undefined;
    if (isFresh(tokens)) return tokens;
    if (tokens.refresh_token === "") throw new SensuError("unauthenticated", "configured access token has expired");
    this.#renewal ??= this.#renew(credentials.tokens, tokens).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async close(): Promise<void> {
    const transport = this.#transport;
    this.#transport = undefined;
    (await transport)?.close();
  }

  #open(): Promise<Transport> {
    const { tls, timeoutMs = 15_000, proxyEnv } = this.#options;
    this.#transport ??= import("./transport.ts").then(({ Transport }) => new Transport({ tls, timeoutMs, proxyEnv }));
    return this.#transport;
  }

  async #authorization(): Promise<string | undefined> {
    const { credentials } = this.#options;
    if (credentials === undefined) return undefined;
    if ("apiKey" in credentials) return `Key ${credentials.apiKey}`;
    const { now = Date.now } = this.#options;
    const tokens = await this.#freshTokens(({ expires_at }) => expires_at * 1000 - ON_THE_WAY_MS >= now());
    return tokens === undefined ? undefined : `Bearer ${tokens.access_token}`;
  }

  async #renew(keeper: TokenKeeper, old: Tokens): Promise<Tokens> {
    let renewed: Tokens;
    try {
      renewed = readTokens(await this.#askForTokens(old));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `failed to request new refresh token; client returned '${why}'`;
      throw new SensuError("unauthenticated", text, { cause: error });
    }
    await keeper.save(renewed);
    return renewed;
  }

  /** The token's issuer first, the configured URL when that fails in any way (A-77, A-78). */
  async #askForTokens(old: Tokens): Promise<Reply> {
    const bearer = `Bearer ${old.access_token}`;
    const options = { body: { refresh_token: old.refresh_token } };
    const { iss } = readClaims(old.access_token);
    if (typeof iss === "string" && iss !== "") {
      try {
        const reply = await this.#send("POST", `${iss}/auth/token`, bearer, options);
        if (reply.status < 400) return reply;
      } catch {
        // The configured URL is asked next, and its failure is the one to report.
      }
    }
    const reply = await this.#send("POST", `${this.#url}/auth/token`, bearer, options);
    if (reply.status >= 400) throw refused(reply);
    return reply;
  }

  async #send(method: string, url: string, authorization: string | undefined, options: RequestOptions): Promise<Reply> {
    const reply = await (await this.#open()).send({
      method,
      url,
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "User-Agent": this.#options.userAgent ?? "sensu-ts",
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...options.headers,
      },
      body: options.body === undefined ? undefined : stringifyJson(options.body),
    });
    const { onWarning } = this.#options;
    if (onWarning !== undefined) for (const text of readWarnings(reply.headers["warning"])) onWarning(text);
    return reply;
  }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function refused(reply: Reply): SensuError {
  return new SensuError("unauthenticated", `The server returned the error: ${reply.status} ${reply.text.trim()}`);
}

function listQuery(options: ListOptions): Record<string, string | undefined> {
  const { fieldSelector, labelSelector, chunkSize = 0 } = options;
  return { fieldSelector, labelSelector, limit: chunkSize > 0 ? String(chunkSize) : undefined };
}

/** The texts of `299 - "text"`, several joined by commas; other codes are for caches. */
export function readWarnings(header: string | undefined): readonly string[] {
  return [...(header ?? "").matchAll(/(?:^|, ?)299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) =>
    // A terminal may show them.
    text.replace(/\\(.)/g, "$1").replace(/[^ -~]/g, "?"),
  );
}

/** An array, or a single object where the API answers with one. */
function readItems(text: string): readonly JsonObject[] {
  if (text.trim() === "") return [];
  const body = parseJson(text);
  if (Array.isArray(body)) return body as JsonObject[];
  return typeof body === "object" && body !== null ? [body as JsonObject] : [];
}
