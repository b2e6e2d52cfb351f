import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Entity, type Event, ObjectMeta } from "@sensu-ts/core";
import { type CertificateInUse, certificateInUse } from "@sensu-ts/runtime";
import { TestCa } from "@sensu-ts/testing";
import { afterEach, expect, test } from "vitest";
import { MemoryLog } from "../fake-backend.ts";
import { HttpInput } from "./http.ts";

let input: HttpInput | undefined;
afterEach(async () => {
  await input?.stop();
});

interface Given {
  readonly connected?: boolean;
  readonly failing?: boolean;
  readonly certificate?: CertificateInUse;
  readonly host?: string;
  readonly insecureOk?: boolean;
  readonly token?: string;
  readonly unixSocket?: string;
}

async function start(given: Given = {}) {
  const events: Event[] = [];
  const log = new MemoryLog();
  input = new HttpInput({
    host: given.host ?? "127.0.0.1",
    port: 0,
    unixSocket: given.unixSocket ?? "",
    token: given.token ?? "",
    insecureOk: given.insecureOk ?? false,
    agentName: "web-01",
    namespace: "ops",
    version: "1.2.3",
    entity: () =>
      Entity.create({ metadata: ObjectMeta.create({ name: "web-01", namespace: "ops" }), entity_class: "agent" }),
    connected: () => given.connected ?? true,
    certificate: () => given.certificate,
    counters: { received: 1, sent: 2, dropped: 3, connections: 4, errors: 5 },
    queue: (event) => {
      if (given.failing) return Promise.reject(new Error("disk full"));
      events.push(event);
      return Promise.resolve();
    },
    log,
    now: () => 5000,
  });
  const address = await input.start();
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${address?.port}${path}`, init);
    return { status: response.status, text: await response.text() };
  };
  const post = (body: string) => ask("/events", { method: "POST", body });
  return { ask, post, events, log };
}

test("a posted event is completed and queued", async () => {
  const { post, events } = await start();
  expect(await post('{"check":{"metadata":{"name":"disk"},"status":1,"output":"full"}}')).toEqual({
    status: 202,
    text: "",
  });
  expect(events[0]).toMatchObject({
    timestamp: 5,
    metadata: { namespace: "ops" },
    entity: { metadata: { name: "web-01" } },
    check: {
      metadata: { name: "disk", namespace: "ops" },
      interval: 1,
      executed: 5,
      processed_by: "web-01",
      status: 1,
    },
  });
  expect(events[0]?.id).toHaveLength(16);
});

test("another entity with a check becomes the proxy entity", async () => {
  const { post, events } = await start();
  await post('{"entity":{"metadata":{"name":"sw1"}},"check":{"metadata":{"name":"a"}}}');
  await post('{"entity":{"metadata":{"name":"web-01"}},"check":{"metadata":{"name":"a"}}}');
  expect(events.map((event) => event.check?.proxy_entity_name)).toEqual(["sw1", ""]);
});

test.each([
  ["null", "an event must be provided\n"],
  ["{}", "at least check or metrics need to be instantiated for this event\n"],
  ['{"check":{}}', "check name must not be empty\n"],
  ['{"check":{"metadata":{"name":"a b"}}}', "check name cannot contain spaces or special characters\n"],
])("%s is refused", async (body, text) => {
  expect(await (await start()).post(body)).toEqual({ status: 400, text });
});

test.each([" garbage", "\n{}", '"', "}"])("what follows the event is ignored: %j (W-141)", async (rest) => {
  const { post, events } = await start();
  const body = '{"check":{"metadata":{"name":"a"},"output":"} \\" {"}}';
  expect((await post(body + rest)).status).toBe(202);
  expect(events[0]?.check?.output).toBe('} " {');
});

test.each(["", "{", "[]", '{"check":5}', '{"check":5} x', "} {}", '{"a'])("%j is no event", async (body) => {
  expect((await (await start()).post(body)).status).toBe(400);
});

test("an event that cannot be kept is not accepted", async () => {
  const { post } = await start({ failing: true });
  expect(await post('{"check":{"metadata":{"name":"a"}}}')).toEqual({ status: 500, text: "error queueing message\n" });
});

const EVENT = '{"check":{"metadata":{"name":"a"}}}';
test.each([
  ["no header", undefined, 401],
  ["another token", "Bearer t0ke", 401],
  ["a longer one", "Bearer t0ken1", 401],
  ["another scheme", "Basic t0ken", 401],
  ["the token alone", "t0ken", 401],
  ["nothing behind Bearer", "Bearer ", 401],
  ["the token", "Bearer t0ken", 202],
  ["the scheme in small letters", "bearer t0ken", 202],
])("with api-token-file, an event that comes with %s (S-394)", async (_what, authorization, status) => {
  const { ask, events } = await start({ token: "t0ken" });
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const answer = await ask("/events", { method: "POST", body: EVENT, headers });
  expect(answer.status).toBe(status);
  if (status === 401) expect(answer.text).toMatch(/^unauthorized: .*api-token-file\n$/);
  expect(events).toHaveLength(status === 202 ? 1 : 0);
});

test("the token is asked for events only", async () => {
  const { ask } = await start({ token: "t0ken" });
  const statuses = ["/healthz", "/version", "/metrics"].map(async (path) => (await ask(path)).status);
  expect(await Promise.all(statuses)).toEqual([200, 200, 200]);
});

test("an API on a Unix socket listens on no port (S-394)", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "agent-api-"));
  const unixSocket = path.join(folder, "api.sock");
  // In use by somebody else, were it asked for.
  const { events, log } = await start({ unixSocket, host: "256.0.0.1" });
  const request = http.request({ socketPath: unixSocket, path: "/events", method: "POST" });
  request.end(EVENT);
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(202);
  expect(events).toHaveLength(1);
  expect(log.lines.map(({ message }) => message)).toEqual([
    `starting api on unix socket: ${unixSocket}`,
    expect.stringContaining("sending"),
  ]);
  rmSync(folder, { recursive: true });
});

test("the other routes", async () => {
  const { ask } = await start();
  expect(await ask("/healthz")).toEqual({ status: 200, text: "ok" });
  expect(await ask("/version")).toEqual({ status: 200, text: '{"version":"1.2.3"}' });
  expect((await ask("/metrics", { method: "POST" })).text).toMatch(/^sensu_go_agent_messages_sent 2$/m);
  expect((await ask("/nope")).status).toBe(404);
  expect((await ask("/events")).status).toBe(405);
  expect((await ask("/healthz", { method: "DELETE" })).status).toBe(405);
});

test("the end of the client certificate is a metric, whatever its name holds (S-152)", async () => {
  const { certificate } = TestCa.root().issue({ notAfter: new Date(2_000_000_000_000) });
  const inUse = certificateInUse("cert-file", "/tls/a.pem", new X509Certificate(certificate.der));
  const { ask } = await start({ certificate: { ...inUse, commonName: 'web "01"\\' } });
  expect((await ask("/metrics")).text).toContain(
    `sensu_agent_tls_certificate_not_after_seconds{path="/tls/a.pem",cn="web \\"01\\"\\\\",serial="${inUse.serial}"} 2000000000\n`,
  );
  await input?.stop();
  expect((await (await start()).ask("/metrics")).text).not.toContain("sensu_agent_tls");
});

test("health tells when there is no backend", async () => {
  const { ask } = await start({ connected: false });
  expect(await ask("/healthz")).toEqual({ status: 503, text: "sensu backend unavailable" });
});

test.each([
  [{}, false],
  [{ host: "0.0.0.0" }, true],
  [{ host: "0.0.0.0", insecureOk: true }, false],
])("started with %o: the warning that others can reach it is %s (S-395)", async (given, warned) => {
  const { log } = await start(given);
  expect(log.lines.some(({ level }) => level === "warning")).toBe(warned);
});
