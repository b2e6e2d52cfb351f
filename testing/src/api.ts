import type { ConnectionOptions } from "node:tls";
import { ADMIN, type Backend } from "./backend.ts";
import { httpRequest } from "./request.ts";

/** Plain HTTP against a backend, independent of our own client: what any script would send. */
export class Api {
  readonly #base: string;
  readonly #tls: ConnectionOptions | undefined;
  #token = "";

  /** `tls`: whom to trust, and the certificate to show, where the API speaks TLS. */
  constructor(backend: Pick<Backend, "api">, tls?: ConnectionOptions) {
    this.#base = backend.api;
    this.#tls = tls;
  }

  /** Access token of the last login. */
  get token(): string {
    return this.#token;
  }

  async login(user: string = ADMIN.user, password: string = ADMIN.password): Promise<this> {
    const { status, text } = await httpRequest(`${this.#base}/auth`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
      tls: this.#tls,
    });
    if (status !== 200) throw new Error(`login of ${user}: ${status} ${text}`);
    this.#token = (JSON.parse(text) as { access_token: string }).access_token;
    return this;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown; headers: Headers }> {
    const { status, text, headers } = await httpRequest(this.#base + path, {
      method,
      headers: {
        "content-type": "application/json",
        ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
      },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
      tls: this.#tls,
    });
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Plain text answers stay text.
    }
    return { status, body: parsed, headers };
  }

  /** The body of a successful answer; undefined for 404; throws on anything else. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at any part of the JSON.
  async get(path: string): Promise<any> {
    const { status, body } = await this.send("GET", path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async put(path: string, body: unknown): Promise<void> {
    const answer = await this.send("PUT", path, body);
    if (answer.status >= 300) throw new Error(`PUT ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}
