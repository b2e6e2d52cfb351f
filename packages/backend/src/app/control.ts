/**
 * The running backend's end of the control socket. Its mode 0600 in a folder of mode 0700 is the authentication.
 */
import { chmodSync, rmSync } from "node:fs";
import http from "node:http";
import { SensuError } from "@sensu-ts/core";
import { type ControlAnswer, controlSocketPath } from "@sensu-ts/runtime";

const MAX_BODY = 65_536;

export type ControlRoute = (body: Readonly<Record<string, unknown>>) => Promise<ControlAnswer>;

async function readBody(request: http.IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new SensuError("invalid", "request too large");
    chunks.push(chunk);
  }
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString() || "{}");
  if (typeof parsed !== "object" || parsed === null) throw new SensuError("invalid", "want a JSON object");
  return parsed as Record<string, unknown>;
}

export class ControlSocket {
  readonly #path: string;
  readonly #routes: Readonly<Record<string, ControlRoute>>;
  #server: http.Server | undefined;

  constructor(stateDir: string, routes: Readonly<Record<string, ControlRoute>>) {
    this.#path = controlSocketPath(stateDir);
    this.#routes = routes;
  }

  async start(): Promise<void> {
    // The store's lock is held by now, so a socket file that is left belongs to a backend that is dead.
    rmSync(this.#path, { force: true });
    const server = http.createServer((request, response) => {
      const route = request.method === "POST" ? this.#routes[request.url ?? ""] : undefined;
      const answer = route
        ? readBody(request).then(route)
        : Promise.resolve<ControlAnswer>({ status: 404, body: { message: "not found" } });
      answer
        .catch(
          (error: unknown): ControlAnswer =>
            error instanceof SensuError
              ? { status: error.status, body: { message: error.message } }
              : { status: error instanceof SyntaxError ? 400 : 500, body: { message: "request failed" } },
        )
        .then(
          ({ status, body }) => {
            response.writeHead(status, { "content-type": "application/json" });
            response.end(JSON.stringify(body));
          },
          () => response.destroy(),
        );
    });
    const umask = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(this.#path, resolve);
      });
    } finally {
      process.umask(umask);
    }
    chmodSync(this.#path, 0o600);
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
