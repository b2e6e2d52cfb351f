/** One request to our backend and to the original's, and what differs in the answers. */
import http from "node:http";
import { ADMIN, type Backend, startBackend, startOriginalBackend, temporaryFolder, until } from "@sensu-ts/testing";

/** Where ours differs on purpose: the row that says so, and what ours answers. */
export interface Own {
  readonly row: string;
  readonly status: number;
}

export interface Case {
  readonly method: string;
  /** Below `/api/core/v2/` unless it begins with a slash; `NS` stands for the namespace `default`. */
  readonly path: string;
  /** Text is sent as it is. */
  readonly body?: unknown;
  /** An empty value removes a header. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks: a user who logged in, or nobody. Default: the administrator. */
  readonly as?: string;
  readonly own?: Own;
  /** Ask until the answer is this; the original stores events after it answered (A-185). */
  readonly until?: (answer: Answer) => boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type More = Omit<Case, "method" | "path" | "body">;

export const get = (path: string, more: More = {}): Case => ({ method: "GET", path, ...more });
export const post = (path: string, body?: unknown, more: More = {}): Case => ({ method: "POST", path, body, ...more });
export const put = (path: string, body?: unknown, more: More = {}): Case => ({ method: "PUT", path, body, ...more });
export const patch = (path: string, body?: unknown, more: More = {}): Case => ({
  method: "PATCH",
  path,
  body,
  ...more,
});
export const remove = (path: string, more: More = {}): Case => ({ method: "DELETE", path, ...more });
export const own = (row: string, status: number): Pick<Case, "own"> => ({ own: { row, status } });

const COMPARED = ["content-type", "location", "retry-after", "www-authenticate", "allow"];
/** Fields that the original's build at hand does not know yet. */
const NEWER = new Set(["fallback_pipeline", "default_silenced_expiry", "max_silenced_expiry_allowed"]);
/** How Go says that a body cannot be read; ours says it in its own words. */
const DECODING =
  /^(json: |invalid character|unexpected end|unexpected EOF|EOF|parsing time|illegal base64|invalid event id)/;

export class TwoBackends {
  readonly #ours: Side;
  readonly #original: Side;

  private constructor(ours: Side, original: Side) {
    this.#ours = ours;
    this.#original = original;
  }

  /** Two fresh backends; the administrator has logged in. */
  static async start(): Promise<TwoBackends> {
    const [ourFolder, originalFolder] = [temporaryFolder(), temporaryFolder()];
    const [ours, original] = await Promise.all([
      startBackend({ stateDir: ourFolder.path }),
      startOriginalBackend({ stateDir: originalFolder.path }),
    ]);
    const both = new TwoBackends(new Side(ours, ourFolder), new Side(original, originalFolder));
    await both.login(ADMIN.user, ADMIN.password);
    return both;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#ours.stop(), this.#original.stop()]);
  }

  async login(username: string, password: string): Promise<void> {
    for (const side of [this.#ours, this.#original]) await side.login(username, password);
  }

  /** Both answers must say this; for what prepares a comparison. */
  async prepare(cases: readonly Case[]): Promise<void> {
    for (const side of [this.#ours, this.#original]) {
      for (const one of cases) {
        const { status, body } = await side.send(one);
        if (status >= 300) throw new Error(`${one.method} ${one.path}: ${status} ${JSON.stringify(body)}`);
      }
    }
  }

  /** Asks both, one after the other, and returns what differs and should not, in words. */
  async compare(cases: readonly Case[], ignored: ReadonlySet<string> = new Set()): Promise<readonly string[]> {
    const differences: string[] = [];
    for (const one of cases) {
      const ours = comparable(await this.#ours.ask(one), ignored);
      const original = comparable(await this.#original.ask(one), ignored);
      if (sameRefusal(ours, original)) continue;
      const [a, b] = [JSON.stringify(ours), JSON.stringify(original)];
      const asked = `${one.as === undefined ? "" : `[${one.as}] `}${one.method} ${one.path} ${short(one.body)}`;
      if (one.own && a === b) differences.push(`${asked}: as the original, although ${one.own.row} says otherwise`);
      else if (one.own && ours.status !== one.own.status)
        differences.push(`${asked}: ${one.own.row} wants ${one.own.status}, got ${a}`);
      else if (!one.own && a !== b) differences.push(`${asked}\n  ours     ${a}\n  original ${b}`);
    }
    return differences;
  }
}

function short(body: unknown): string {
  if (body === undefined) return "";
  return (typeof body === "string" ? body : JSON.stringify(body)).slice(0, 200);
}

class Side {
  readonly #backend: Backend;
  readonly #folder: Disposable;
  readonly #tokens = new Map<string, string>();

  constructor(backend: Backend, folder: Disposable) {
    this.#backend = backend;
    this.#folder = folder;
  }

  async stop(): Promise<void> {
    await this.#backend.program.stop();
    this.#folder[Symbol.dispose]();
  }

  async login(username: string, password: string): Promise<void> {
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    const { status, body } = await this.#request("GET", "/auth", { authorization: `Basic ${basic}` });
    if (status !== 200) throw new Error(`login of ${username}: ${status}`);
    this.#tokens.set(username, (body as { access_token: string }).access_token);
  }

  ask(one: Case): Promise<Answer> {
    const { until: wanted } = one;
    if (wanted === undefined) return this.send(one);
    return until(`${one.method} ${one.path}`, async () => {
      const answer = await this.send(one);
      return wanted(answer) ? answer : undefined;
    });
  }

  send(one: Case): Promise<Answer> {
    const path = one.path.startsWith("/")
      ? one.path
      : `/api/core/v2/${one.path.replace(/^NS\b/, "namespaces/default")}`;
    const headers: Record<string, string> = {
      "content-type": one.method === "PATCH" ? "application/merge-patch+json" : "application/json",
    };
    const token = this.#tokens.get(one.as ?? "admin");
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
    for (const [name, value] of Object.entries(one.headers ?? {})) {
      if (value === "") delete headers[name];
      else headers[name] = value.replace("{{token}}", token ?? "");
    }
    const body = one.body === undefined || typeof one.body === "string" ? one.body : JSON.stringify(one.body);
    return this.#request(one.method, path, headers, body);
  }

  /** Once more when the connection ended: a machine that stood still for 15 s has used up the server's patience. */
  async #request(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    try {
      return await this.#exchange(method, path, headers, body);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
      return this.#exchange(method, path, headers, body);
    }
  }

  /** Node's own client, which sends paths as they are; a connection for each, since idle ones are closed. */
  #exchange(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    const { hostname, port } = new URL(this.#backend.api);
    return new Promise((resolve, reject) => {
      const sent = http.request({ hostname, port, method, path, headers, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("error", reject);
        response.once("end", () => {
          const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
          resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(named), body: parsed(text) });
        });
      });
      sent.once("error", reject);
      sent.end(body);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Without times, ids and ports, and with what stands for the headers that matter. */
function comparable({ status, headers, body }: Answer, ignored: ReadonlySet<string>) {
  const shown: Record<string, string> = {};
  for (const name of COMPARED) if (headers[name] !== undefined) shown[name] = withoutIds(headers[name]);
  for (const name of ["etag", "sensu-continue"]) if (headers[name]) shown[name] = "present";
  // The original sniffs the type of what it writes without one (A-23, A-41).
  if (shown["content-type"]?.startsWith("text/plain") && typeof body === "object")
    shown["content-type"] = "application/json";
  return { status, headers: shown, body: scrubbed(body, ignored) };
}

function scrubbed(value: unknown, ignored: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => scrubbed(item, ignored));
  if (typeof value === "object" && value !== null) {
    const kept = Object.entries(value).filter(([key]) => !NEWER.has(key) && !ignored.has(key));
    return Object.fromEntries(kept.map(([key, item]) => [key, scrubbed(item, ignored)]));
  }
  if (typeof value === "number") return value > 1_700_000_000 && value < 4_000_000_000 ? "time" : value;
  return typeof value === "string" ? withoutIds(value) : value;
}

function withoutIds(text: string): string {
  return (
    text
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "uuid")
      .replace(/127\.0\.0\.1:\d+/g, "address")
      // The original names them in an order that changes from one answer to the next.
      .replace('valid types are "pipe, javascript"', 'valid types are "javascript, pipe"')
  );
}

/** Bodies that cannot be read: same status and code, each in its own words. */
function sameRefusal(ours: Answer, original: Answer): boolean {
  const [a, b] = [ours.body, original.body] as { code?: number; message?: string }[];
  return ours.status === original.status && a?.code === b?.code && a?.code === 1 && DECODING.test(b?.message ?? "");
}
