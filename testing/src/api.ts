import { ADMIN, type Backend } from "./backend.ts";

/** Plain HTTP against a backend, independent of our own client: what any script would send. */
export class Api {
  readonly #base: string;
  #token = "";

  constructor(backend: Pick<Backend, "api">) {
    this.#base = backend.api;
  }

  async login(user: string = ADMIN.user, password: string = ADMIN.password): Promise<this> {
    const response = await fetch(`${this.#base}/auth`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
    });
    if (!response.ok) throw new Error(`login of ${user}: ${response.status} ${await response.text()}`);
    this.#token = ((await response.json()) as { access_token: string }).access_token;
    return this;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown; headers: Headers }> {
    const response = await fetch(this.#base + path, {
      method,
      headers: {
        "content-type": "application/json",
        ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Plain text answers stay text.
    }
    return { status: response.status, body: parsed, headers: response.headers };
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
