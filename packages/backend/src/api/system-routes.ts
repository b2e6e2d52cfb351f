/** `/health`, `/ready`, `/version`, `/metrics`: no authentication (A-228 to A-232, B-610 to B-624). */
import { stringifyJson } from "@sensu-ts/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import { sendJson, sendText } from "./answers.ts";
import type { StartupGate } from "./startup-gate.ts";

export interface SystemDeps {
  /** JSON text of `/health`. */
  readonly health: (timeoutMs: number) => Promise<string>;
  readonly registry: Registry;
  readonly gate: StartupGate;
  /** Of Sensu Go, `X.Y.Z`, as the clients' compatibility checks want it. */
  readonly compatibleVersion: string;
  /** Our own. */
  readonly version: string;
}

/** The versions of the API groups that this server speaks, and the store they rest on (A-231, B-1106). */
const ETCD = { etcdserver: "3.5.15", etcdcluster: "3.5.0" };
const API_GROUPS = { "core/v2": "v2.20.0", "core/v3": "v3.9.0" };

export function systemRoutes(app: FastifyInstance, deps: SystemDeps): void {
  app.get("/health", async (request, reply) => {
    const timeoutMs = readTimeoutMs(request);
    if (timeoutMs === undefined) return sendText(reply, 400, "the timeout must be a whole number of seconds");
    return sendJson(reply, await deps.health(timeoutMs));
  });
  app.get("/ready", async (_request, reply) => {
    const closed = await deps.gate.check(reply);
    if (closed) return closed;
    return reply.code(200).type("text/plain; charset=utf-8").send("ready\n");
  });
  app.get("/version", async (_request, reply) =>
    sendJson(
      reply,
      stringifyJson({
        etcd: ETCD,
        sensu_backend: deps.compatibleVersion,
        api_groups: API_GROUPS,
        sensu_ts: deps.version,
      }),
    ),
  );
  app.all("/metrics", async (_request, reply) => {
    reply.type(deps.registry.contentType);
    return reply.send(await deps.registry.metrics());
  });
}

/** Query `timeout` in seconds, 3 when absent, 0 for none; undefined when it is no number. */
export function readTimeoutMs(request: FastifyRequest): number | undefined {
  const text = queryOf(request).get("timeout");
  if (text === null || text === "") return 3000;
  return /^[+-]?\d{1,9}$/.test(text) ? Math.max(0, Number(text)) * 1000 : undefined;
}

export function queryOf(request: FastifyRequest): URLSearchParams {
  const url = request.raw.url ?? "";
  const at = url.indexOf("?");
  return new URLSearchParams(at < 0 ? "" : url.slice(at + 1));
}
