/** A whole API over a real store in a temporary folder, for the tests of this room. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Event, encodeProto, int } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import { type EventKey, openSqlite, ResourceCache, ResourceStore } from "@sensu-ts/store";
import type { InjectOptions } from "fastify";
import { type AccessOptions, createAccess } from "../access/create.ts";
import { initStore } from "../access/init.ts";
import { ACCESS_TYPES } from "../access/sources.ts";
import { type ActionDeps, createActions, NAMESPACE_TYPES } from "../actions/actions.ts";
import { ensureNamespace } from "../actions/namespaces.ts";
import { type ClusterView, healthBody } from "../observe/health.ts";
import { createApiMetrics, createRegistry } from "../observe/metrics.ts";
import { silentLog } from "../observe/silent-log.ts";
import type { AdhocRun } from "../schedule/mod.ts";
import { type ApiDeps, buildApi } from "./api.ts";
import { StartupGate } from "./startup-gate.ts";

export const ADMIN = { username: "admin", password: "longpass1" };

export interface FixtureOptions {
  readonly access?: Partial<AccessOptions>;
  readonly actions?: Partial<ActionDeps>;
  readonly serveWaitSeconds?: number;
  readonly server?: Pick<ApiDeps, "serverFactory">;
  /** Of requests and of authorization. */
  readonly log?: Logger;
}

export async function openApi(options: FixtureOptions = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), "api-"));
  const sqlite = openSqlite({ folder, unsafeNoFsync: true });
  await sqlite.start();
  const { kv, events } = sqlite;
  const store = new ResourceStore(kv);
  const cache = new ResourceCache(store, ACCESS_TYPES);
  const access = createAccess({ kv, cache, log: options.log ?? silentLog, ...options.access });
  await ensureNamespace(store, NAMESPACE_TYPES, "sensu-system");
  await initStore({ kv, bcrypt: access.bcrypt, log: silentLog }, ADMIN);
  await cache.start();
  await access.start();

  const forgotten: EventKey[] = [];
  const runs: (AdhocRun & { readonly check: string })[] = [];
  const view: ClusterView = {
    clusterId: 4255616304056076734n,
    memberId: 9882886658148554927n,
    raftTerm: 2n,
    members: async () => [
      {
        id: 9882886658148554927n,
        name: "default",
        peerUrls: ["http://127.0.0.1:2380"],
        clientUrls: ["http://127.0.0.1:2379"],
        error: "",
      },
    ],
    alarms: async () => [],
  };
  const actions = createActions({
    kv,
    store,
    events,
    access,
    // What ingest does in the end: the event is in the store when this resolves.
    intake: {
      async submit(event) {
        const key = {
          namespace: event.entity?.metadata.namespace ?? "",
          entity: event.entity?.metadata.name ?? "",
          check: event.check?.metadata.name ?? "",
        };
        const before = await events.get(key);
        const columns = {
          timestamp: int(event.timestamp),
          status: event.check?.status ?? 0,
          state: "",
          silenced: false,
          lastOk: 0,
          executed: 0,
        };
        const bytes = encodeProto(Event, event);
        await events.commit([{ ...key, expected: before?.revision ?? 0, columns, bytes }]);
      },
    },
    deadlines: { forget: (key) => void forgotten.push(key) },
    notices: { deleted() {} },
    scripts: { checkSyntax: async () => undefined },
    runner: {
      async execute(_namespace, check, adhoc) {
        runs.push({ ...adhoc, check: check.metadata.name });
        return 1_800_000_000;
      },
    },
    cluster: { view },
    ...options.actions,
  });
  const registry = createRegistry({ version: "6.14.2", commit: "test" });
  const app = buildApi({
    ...options.server,
    access,
    actions,
    log: options.log ?? silentLog,
    health: (timeoutMs) => healthBody(view, timeoutMs),
    registry,
    metrics: createApiMetrics(registry),
    gate: new StartupGate(options.serveWaitSeconds ?? 0),
    compatibleVersion: "6.14.2",
    version: "1.2.3",
  });
  await app.ready();

  const basic = (username: string, password: string) =>
    `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const send = async (
    authorization: string | undefined,
    method: string,
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const json = body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) };
    const response = await app.inject({
      method: method as NonNullable<InjectOptions["method"]>,
      url: url.startsWith("/") ? url : `/api/core/v2/${url}`,
      headers: {
        "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
        host: "b1.test:8080",
        ...(authorization === undefined ? {} : { authorization }),
        ...headers,
      },
      ...json,
    });
    return { status: response.statusCode, body: response.body, headers: response.headers };
  };
  const login = async (username: string, password: string) => {
    const { body } = await send(basic(username, password), "GET", "/auth");
    const { access_token: token } = JSON.parse(body) as { access_token: string };
    return (method: string, url: string, payload?: unknown, headers?: Record<string, string>) =>
      send(`Bearer ${token}`, method, url, payload, headers);
  };
  return {
    app,
    access,
    store,
    kv,
    events,
    forgotten,
    runs,
    basic,
    send,
    login,
    async stop() {
      await app.close();
      await access.stop();
      await cache.stop();
      await sqlite.stop();
      await rm(folder, { recursive: true });
    },
  };
}
