import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Check, Entity, Event, encodeProto, ObjectMeta, type Question, Rule, SensuError } from "@sensu-ts/core";
import { createServer, ServerTlsSource } from "@sensu-ts/runtime";
import { openSqlite, type SqliteStore } from "@sensu-ts/store";
import { TestCa } from "@sensu-ts/testing";

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { basicIdentity, type Identity } from "../access/identity.ts";
import { Bus } from "../bus/bus.ts";
import { committedEvent } from "../bus/committed-event.ts";
import { silentLog } from "../observe/silent-log.ts";
import { belowBase, readBasePath } from "./base-path.ts";
import type { KnownCertificate } from "./ports.ts";
import { TICKET_SECONDS } from "./tickets.ts";
import { Ui } from "./ui.ts";
import type { AgentSessionRow, CertificatesAnswer, EventsPage, Frame } from "./wire.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ui-"));
const page = path.join(folder, "page");
mkdirSync(path.join(page, "static"), { recursive: true });
writeFileSync(
  path.join(page, "index.html"),
  '<!doctype html><meta name="base-path" content="/" /><script src="./static/app-abc.js"></script><title>Sensu</title>',
);
writeFileSync(path.join(page, "static/app-abc.js"), "console.log(1);".repeat(100));

const RULE = Rule.create({ verbs: ["get"], resources: ["checks"] });

let store: SqliteStore;
let bus: Bus;
let ui: Ui;
let server: ReturnType<typeof createServer>;
let base: string;
let now = 1_800_000_000_000;
let denied: (question: Question, identity: Identity) => boolean = () => false;
let groups: readonly string[] = [];
let loggedInHere = true;
let username = "vera";
let refused: (Question & { readonly address: string | undefined })[] = [];
let signedOut = false;
let changeRights: () => void = () => undefined;
let changeEntities: (namespace: string) => void = () => undefined;
const entities = new Map<string, Entity>();
const nextRuns = new Map<string, { readonly at: number | undefined }>();
const problems: unknown[] = [];
let certificates: readonly KnownCertificate[] = [];
let sessions: readonly AgentSessionRow[] = [];

beforeAll(async () => {
  store = openSqlite({ folder: path.join(folder, "db"), unsafeNoFsync: true });
  await store.start();
});

afterAll(async () => {
  await store.stop();
  rmSync(folder, { recursive: true });
});

async function startUi(basePath: string) {
  const made = new Ui(
    {
      apiHandler: (request, response) => response.end(`api ${request.url}`),
      access: {
        async authenticate(authorization) {
          if (!authorization?.startsWith("Bearer ") || signedOut) throw new SensuError("unauthenticated");
          return basicIdentity(username, groups);
        },
        allowed: (identity, question) => !denied(question, identity),
        authorize(identity, question) {
          if (!denied(question, identity)) return;
          refused.push({ ...question, address: identity.address });
          throw new SensuError("denied");
        },
        review: (identity, question) =>
          denied(question, identity)
            ? { allowed: false, dangling: [{ namespace: "", binding: "b", message: "cluster role not found: ghost" }] }
            : { allowed: true, dangling: [], by: { namespace: "shop", binding: "editors", rule: RULE } },
        loggedInHere: async () => loggedInHere,
        onChange(changed) {
          changeRights = changed;
          return () => undefined;
        },
        issueTokens: async (username) => ({ access_token: username, expires_at: 1, refresh_token: "r" }),
      },
      events: store.events,
      entities: {
        list: () => [...entities.values()],
        get: (_namespace, name) => entities.get(name),
        onChange(changed) {
          changeEntities = changed;
          return () => undefined;
        },
      },
      bus,
      traces: { of: () => [] },
      sessions: { list: (namespace) => sessions.filter((row) => namespace === "" || row.namespace === namespace) },
      certificates: {
        backend: "b1",
        certificates: async () => certificates,
        crls: () => [],
        reminderMs: () => 30 * 86_400_000,
      },
      schedule: { nextRun: (_namespace, check) => nextRuns.get(check) },
      signinMessage: () => "with your *LDAP* name",
      onError: (error) => problems.push(error),
      now: () => now,
    },
    { pageFolder: page, version: "6.11.0", basePath },
  );
  await made.start();
  const listener = createServer(undefined, made.handler);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const stop = async (): Promise<void> => {
    await made.stop();
    listener.close();
  };
  return { ui: made, server: listener, base: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, stop };
}

beforeEach(async () => {
  bus = new Bus(silentLog);
  denied = () => false;
  groups = [];
  loggedInHere = true;
  username = "vera";
  refused = [];
  signedOut = false;
  problems.length = 0;
  ({ ui, server, base } = await startUi("/"));
});

afterEach(async () => {
  await ui.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  for (const batch of [await store.events.list({})]) for (const event of batch.events) await store.events.delete(event);
  entities.clear();
  expect(problems).toEqual([]);
});

const BROWSER = { "User-Agent": "Mozilla/5.0", Authorization: "Bearer a.b.c" };
const get = (at: string, headers: Record<string, string> = BROWSER) => fetch(base + at, { headers });

function event(entity: string, check: string, status: number, more: Partial<Check> = {}): Event {
  const time = Math.floor(now / 1000);
  const meta = (name: string) => ObjectMeta.create({ name, namespace: "shop" });
  return Event.create({
    timestamp: time,
    entity: Entity.create({ metadata: meta(entity), entity_class: "agent", last_seen: time }),
    check: Check.create({
      metadata: meta(check),
      status,
      state: status === 0 ? "passing" : "failing",
      last_ok: status === 0 ? time : time - 60,
      executed: time,
      output: `status ${status}`,
      history: [{ status, executed: time, flapping: false }],
      ...more,
    }),
  });
}

/** Stores the event and publishes it, as ingest does. */
async function happen(value: Event): Promise<void> {
  const key = { namespace: "shop", entity: value.entity?.metadata.name ?? "", check: value.check?.metadata.name ?? "" };
  const expected = (await store.events.get(key))?.revision ?? 0;
  const { status = 0, state = "", silenced = [], last_ok = 0, executed = 0 } = value.check ?? {};
  const columns = {
    timestamp: Number(value.timestamp),
    status,
    state,
    silenced: silenced.length > 0,
    lastOk: Number(last_ok),
    executed: Number(executed),
  };
  const [result] = await store.events.commit([{ ...key, expected, columns, bytes: encodeProto(Event, value) }]);
  if (!result?.ok) throw new Error("conflict");
  await bus.publish("event", committedEvent(key, value, result.revision));
}

/** Frames of one stream; `until` waits for the first that fits. */
async function open(query: string, headers = BROWSER) {
  const response = await get(`/api/ui/v1/stream?namespace=shop&${query}`, headers);
  expect(response.status).toBe(200);
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  const frames: Frame[] = [];
  let text = "";
  async function until<K extends Frame["kind"]>(kind: K): Promise<Extract<Frame, { kind: K }>> {
    for (;;) {
      const index = frames.findIndex((frame) => frame.kind === kind);
      if (index >= 0) return frames.splice(0, index + 1)[index] as Extract<Frame, { kind: K }>;
      const { done, value } = await reader.read();
      if (done) throw new Error(`ended before ${kind}`);
      const blocks = (text + value).split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) if (block.startsWith("data: ")) frames.push(JSON.parse(block.slice(6)) as Frame);
    }
  }
  return { until, close: () => reader.cancel() };
}

test("every answer forbids framing, sniffing, inline scripts and other origins", async () => {
  for (const at of ["/", "/n/shop/events", "/static/app-abc.js", "/static/none.js", "/api/ui/v1/signin", "/auth"]) {
    const { headers } = await get(at);
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("script-src 'self';");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("strict-transport-security")).toBeNull();
  }
});

test.each(["handler", "uiApi"] as const)(
  "over TLS a name gets strict transport, on the API port too: %s",
  async (name) => {
    const ca = TestCa.root();
    const files = ca.issueServer({ san: ["b1.example", "127.0.0.1"] }).write(folder, name);
    const source = new ServerTlsSource({ option: "cert-file", keyOption: "key-file", ...files, log: silentLog });
    await source.start();
    const secure = createServer(source, ui[name]);
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    const { port } = secure.address() as AddressInfo;
    try {
      const headersFor = (host: string) =>
        new Promise<IncomingHttpHeaders>((resolve, reject) => {
          const options = { host: "127.0.0.1", port, path: "/api/ui/v1/signin", ca: ca.pem, agent: false as const };
          https
            .get({ ...options, headers: { host } }, (response) => {
              response.resume();
              resolve(response.headers);
            })
            .on("error", reject);
        });
      const strict = "strict-transport-security";
      expect((await headersFor("b1.example"))[strict]).toBe("max-age=31536000");
      const local = await headersFor("127.0.0.1");
      expect([local[strict], local["x-content-type-options"]]).toEqual([undefined, "nosniff"]);
    } finally {
      secure.closeAllConnections();
      secure.close();
      await source.stop();
    }
  },
);

test("files by their names for ever, the page for every other path never kept, programs are told off", async () => {
  const script = await get("/static/app-abc.js", { ...BROWSER, "Accept-Encoding": "gzip" });
  expect(script.headers.get("cache-control")).toBe("max-age=31536000, immutable");
  expect(script.headers.get("content-encoding")).toBe("gzip");
  expect(await script.text()).toContain("console.log");
  const deep = await get("/n/shop/events/web-01/disk?q=");
  expect(deep.status).toBe(200);
  expect(deep.headers.get("cache-control")).toContain("no-store");
  expect(await deep.text()).toContain("<title>Sensu");
  expect((await get("/static/none.js")).status).toBe(404);
  expect((await get("/static/../../../etc/passwd")).headers.get("content-type")).toContain("text/html");
  expect(await (await get("/index.json")).json()).toEqual(["/index.html", "/static/app-abc.js"]);
  for (const agent of ["curl/8.1", "sensuctl/6.11"]) {
    expect((await get("/api/core/v2/checks", { "User-Agent": agent })).status).toBe(400);
  }
});

test("the ordinary API answers in process under its three prefixes only", async () => {
  expect(await (await get("/auth/token")).text()).toBe("api /auth/token");
  expect(await (await get("/api/core/v2/namespaces?x=1")).text()).toBe("api /api/core/v2/namespaces?x=1");
  expect(await (await get("/health")).text()).toContain("<title>Sensu");
});

test("below a base path everything is there twice, for proxies that cut it off, and the page knows its place", async () => {
  const placed = await startUi("/ops/sensu/");
  const at = async (path: string) => (await fetch(placed.base + path, { headers: BROWSER })).text();
  const html = await at("/ops/sensu/n/shop/events");
  expect(html).toContain('name="base-path" content="/ops/sensu/"');
  expect(html).toContain('src="/ops/sensu/static/app-abc.js"');
  expect(await at("/ops/sensu")).toBe(html);
  expect(await at("/")).toBe(html);
  expect(await at("/ops/sensu/static/app-abc.js")).toContain("console.log");
  expect(await at("/static/app-abc.js")).toContain("console.log");
  expect(await at("/ops/sensu/auth/token?x=1")).toBe("api /auth/token?x=1");
  expect(await at("/ops/sensu/api/ui/v1/signin")).toContain("6.11.0");
  expect(belowBase("/ops/sensual/auth", "/ops/sensu/")).toBe("/ops/sensual/auth");
  expect(belowBase("/ops/sensu?q=", "/ops/sensu/")).toBe("/?q=");
  expect(placed.ui.signinLink("vera").path).toMatch(/^\/ops\/sensu\/signin#ticket=/);
  await placed.stop();
  expect(await (await get("/")).text()).toContain('content="/" /><script src="/static/app-abc.js">');
});

test.each([
  ["", "/"],
  ["/", "/"],
  ["sensu", "/sensu/"],
  ["//ops/sensu-1/", "/ops/sensu-1/"],
])("base path %j is %s", (text, path) => {
  expect(readBasePath(text)).toBe(path);
});

test.each(["/a b", '/"', "/..", "/a/../b", "/%2e", "/ü", "/a?b"])("base path %j is refused", (text) => {
  expect(() => readBasePath(text)).toThrow("dashboard-base-path");
});

test("the next run of a check is told to who may see the event", async () => {
  nextRuns.set("disk", { at: now + 1234.5 }).set("off", { at: undefined });
  const ask = (check: string) => get(`/api/ui/v1/next-run?namespace=shop&entity=web-01&check=${check}`);
  expect(await (await ask("disk")).json()).toEqual({ defined: true, at: now + 1235 });
  expect(await (await ask("off")).json()).toEqual({ defined: true, at: 0 });
  expect(await (await ask("keepalive")).json()).toEqual({ defined: false, at: 0 });
  denied = ({ verb, name }) => verb === "get" && name === "web-01/disk";
  expect((await ask("disk")).status).toBe(403);
});

test("a sign-in link works once and not after its time", async () => {
  const redeem = (link: string) =>
    fetch(`${base}/api/ui/v1/signin`, {
      method: "POST",
      body: JSON.stringify({ ticket: link.split("#ticket=")[1] }),
      headers: { "User-Agent": "Mozilla/5.0" },
    });
  const made = await fetch(`${base}/api/ui/v1/tickets`, { method: "POST", headers: BROWSER });
  expect(made.status).toBe(201);
  const { path: link } = (await made.json()) as { path: string };
  expect(await (await redeem(link)).json()).toMatchObject({ access_token: "vera" });
  expect((await redeem(link)).status).toBe(401);
  const late = ui.signinLink("admin").path;
  now += TICKET_SECONDS * 1000;
  expect((await redeem(late)).status).toBe(401);
  expect((await fetch(`${base}/api/ui/v1/tickets`, { method: "POST" })).status).toBe(401);
});

test("a login at another cluster makes no sign-in link, and nobody takes all of them", async () => {
  const make = async () => fetch(`${base}/api/ui/v1/tickets`, { method: "POST", headers: BROWSER });
  loggedInHere = false;
  expect((await make()).status).toBe(403);
  loggedInHere = true;
  const others = ui.signinLink("admin").path;
  for (let i = 0; i < 250; i++) expect((await make()).status).toBe(201);
  const body = JSON.stringify({ ticket: others.split("#ticket=")[1] });
  const headers = { "User-Agent": "Mozilla/5.0" };
  expect((await fetch(`${base}/api/ui/v1/signin`, { method: "POST", body, headers })).status).toBe(200);
});

test("an access review names what decides, and what is missing (S-306)", async () => {
  denied = ({ verb, name }) => verb === "delete" && name === "web";
  const review = { verb: "get", resource: "checks", namespace: "shop", apiGroup: "core", apiVersion: "v2" };
  const reviews = [review, { ...review, verb: "delete", name: "web" }];
  const body = JSON.stringify({ reviews });
  const response = await fetch(`${base}/api/ui/v1/access-review`, { method: "POST", body, headers: BROWSER });
  expect(await response.json()).toEqual([
    {
      allowed: true,
      binding: { type: "RoleBinding", namespace: "shop", name: "editors" },
      rule: { verbs: ["get"], resources: ["checks"], resource_names: null },
      reason: "",
    },
    { allowed: false, binding: null, rule: null, reason: "cluster role not found: ghost" },
  ]);
  for (const wrong of [{ ...review, verb: "*" }, { ...review, name: 1 }, { ...review, apiGroup: {} }, null]) {
    const bad = JSON.stringify({ reviews: [wrong] });
    const answer = await fetch(`${base}/api/ui/v1/access-review`, { method: "POST", body: bad, headers: BROWSER });
    expect(answer.status).toBe(400);
  }
});

test("the events list pages, searches, sorts and counts in the store", async () => {
  await happen(event("web-01", "disk", 2));
  await happen(event("web-02", "disk", 1));
  await happen(event("web-02", "load", 0));
  await happen(event("db-01", "disk", 127));
  const ask = async (query: string) =>
    (await (await get(`/api/ui/v1/events?namespace=shop&${query}`)).json()) as EventsPage;
  const all = await ask("order=severity");
  expect(all.rows.map((row) => `${row.entity}/${row.check}`)).toEqual([
    "web-01/disk",
    "web-02/disk",
    "db-01/disk",
    "web-02/load",
  ]);
  expect(all.counts).toEqual({ total: 4, passing: 1, warning: 1, critical: 1, unknown: 1 });
  const second = await ask("order=name&limit=2&offset=2");
  expect(second.rows.map((row) => row.entity)).toEqual(["web-02", "web-02"]);
  expect(second.matches).toBe(4);
  expect((await ask("q=status:unknown")).rows.map((row) => row.status)).toEqual([127]);
  expect((await ask("q=WEB-0+status:incident")).matches).toBe(2);
  expect((await get("/api/ui/v1/events?namespace=shop&q=nonsense:1")).status).toBe(400);
  expect((await get("/api/ui/v1/events?namespace=shop&order=random")).status).toBe(400);
});

test("a row that belongs at the end comes although one that just went is still counted", async () => {
  await happen(event("end-01", "disk", 2));
  await happen(event("end-02", "disk", 2));
  const stream = await open("topic=events&q=end-0+status:incident&order=name");
  expect((await stream.until("events")).page.rows).toHaveLength(2);
  await happen(event("end-02", "disk", 0));
  await happen(event("end-03", "disk", 2));
  expect((await stream.until("events")).page.rows.map((row) => row.entity)).toEqual(["end-01", "end-03"]);
  await stream.close();
});

test("who may not list events gets neither a list nor a stream", async () => {
  denied = ({ resource }) => resource === "events";
  for (const at of ["events", "entities", "stream"]) {
    const response = await get(`/api/ui/v1/${at}?namespace=shop&topic=events`);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 4 });
  }
  // Each of them is on record with where it came from (S-315).
  expect(refused).toHaveLength(3);
  expect(refused).toEqual(
    refused.map(() => expect.objectContaining({ verb: "list", resource: "events", address: "127.0.0.1" })),
  );
  expect((await get("/api/ui/v1/events?namespace=shop", { "User-Agent": "Mozilla/5.0" })).status).toBe(401);
});

test("a right that is taken away ends the stream at once: what comes after it never leaves", async () => {
  const stream = await open("topic=events&q=");
  await stream.until("events");
  denied = ({ verb }) => verb === "list";
  changeRights();
  await happen(event("web-01", "disk", 2));
  expect(await stream.until("bye")).toEqual({ kind: "bye", reason: "denied" });
  await expect(stream.until("row")).rejects.toThrow("ended before row");
});

test("a stream opened with an API key ends when its user leaves the group that allowed it", async () => {
  groups = ["viewers"];
  denied = (_question, identity) => !identity.groups.includes("viewers");
  const stream = await open("topic=events");
  await stream.until("events");
  groups = [];
  changeRights();
  expect(await stream.until("bye")).toEqual({ kind: "bye", reason: "denied" });
});

test("one account cannot take the places of all pages", async () => {
  const open = async () => get("/api/ui/v1/stream?namespace=shop&topic=events");
  const streams: Response[] = [];
  let refusal: Response;
  for (;;) {
    const response = await open();
    if (response.status !== 200) {
      refusal = response;
      break;
    }
    streams.push(response);
  }
  expect([streams.length, refusal.status]).toEqual([200, 503]);
  username = "omar";
  const other = await open();
  expect(other.status).toBe(200);
  await Promise.all([...streams, other].map((response) => response.body?.cancel()));
  username = "vera";
  await expect.poll(async () => (await open()).status, { timeout: 5000 }).toBe(200);
});

test("a session that was signed out elsewhere ends with the next look at rights", async () => {
  const stream = await open("topic=events&q=");
  await stream.until("events");
  signedOut = true;
  changeRights();
  expect(await stream.until("bye")).toEqual({ kind: "bye", reason: "token" });
});

test("a token that lasts longer than timers can wait does not end its stream at once", async () => {
  const claims = Buffer.from(JSON.stringify({ exp: now / 1000 + 30 * 86_400 })).toString("base64url");
  const stream = await open("topic=events&q=", { ...BROWSER, Authorization: `Bearer h.${claims}.s` });
  await stream.until("events");
  await happen(event("web-01", "disk", 2));
  expect((await stream.until("row")).event.entity).toBe("web-01");
  await stream.close();
});

test("rows come, change and go without asking; other namespaces stay out", async () => {
  await happen(event("web-01", "disk", 2));
  const stream = await open("topic=events&q=status:incident&limit=2");
  expect((await stream.until("events")).page.rows.map((row) => row.entity)).toEqual(["web-01"]);

  now += 1000;
  await happen(event("web-02", "disk", 2));
  expect(await stream.until("row")).toMatchObject({ at: 0, event: { entity: "web-02", output: "status 2" } });
  expect(await stream.until("count")).toMatchObject({ matches: 2, counts: { critical: 2 } });

  const other = { namespace: "other", entity: "spy", check: "disk" };
  await bus.publish("event", committedEvent(other, event("spy", "disk", 2), 1));
  now += 1000;
  const again = { history: [2, 2].map((status) => ({ status, executed: 1, flapping: false })), occurrences: 2 };
  await happen(event("web-01", "disk", 2, again));
  expect(await stream.until("row")).toMatchObject({ event: { entity: "web-01", occurrences: 2 } });

  now += 1000;
  const good = { history: [2, 0].map((status) => ({ status, executed: 1, flapping: false })) };
  await happen(event("web-02", "disk", 0, good));
  expect(await stream.until("gone")).toMatchObject({ entity: "web-02", check: "disk" });

  now += 1000;
  await store.events.delete({ namespace: "shop", entity: "web-01", check: "disk" });
  await bus.publish("eventDeleted", { namespace: "shop", entity: "web-01", check: "disk" });
  expect(await stream.until("gone")).toMatchObject({ entity: "web-01" });
  await stream.close();
});

test("many changes of one row within a moment are one frame with the last state", async () => {
  await happen(event("web-01", "disk", 1));
  const stream = await open("topic=events&q=");
  await stream.until("events");
  const value = (occurrences: number) =>
    event("web-01", "disk", 1, {
      occurrences,
      history: [1, 1].map((status) => ({ status, executed: 1, flapping: false })),
    });
  const key = { namespace: "shop", entity: "web-01", check: "disk" };
  for (let n = 2; n <= 500; n++) await bus.publish("event", committedEvent(key, value(n), n));
  expect((await stream.until("row")).event.occurrences).toBe(500);
  await stream.close();
});

test("a storm of changes becomes one page, not one frame each", async () => {
  const stream = await open("topic=events&q=status:incident&limit=25");
  await stream.until("events");
  now += 2000;
  for (let n = 0; n < 700; n++) {
    const value = event(`web-${String(n).padStart(3, "0")}`, "disk", 2);
    if (n < 30) await happen(value);
    else await bus.publish("event", committedEvent({ namespace: "shop", entity: `web-${n}`, check: "disk" }, value, 1));
  }
  const { page: after } = await stream.until("events");
  expect(after.rows).toHaveLength(25);
  expect(after.matches).toBe(30);
  await stream.close();
});

test("an event page is told of changes and of deletion", async () => {
  await happen(event("web-01", "disk", 0));
  const stream = await open("topic=event&entity=web-01&check=disk");
  await stream.until("hello");
  await happen(event("web-01", "disk", 2));
  expect((await stream.until("event")).event).toMatchObject({ check: { status: 2, output: "status 2" } });
  await bus.publish("eventDeleted", { namespace: "shop", entity: "web-01", check: "disk" });
  await stream.until("deleted");
  await stream.close();
});

test("entities show their worst status and follow their events", async () => {
  const add = (name: string) => entities.set(name, event(name, "x", 0).entity as Entity);
  add("web-01");
  add("web-02");
  await happen(event("web-01", "disk", 0));
  const stream = await open("topic=entities&q=web");
  const { page: first } = await stream.until("entities");
  expect(first.rows.map((row) => [row.name, row.status])).toEqual([
    ["web-01", 0],
    ["web-02", -1],
  ]);
  now += 2000;
  await happen(event("web-01", "disk", 2));
  const { row } = await stream.until("entity");
  expect(row).toMatchObject({ name: "web-01", status: 2, incidents: 1, lastSeen: now / 1000 });
  now += 2000;
  add("web-03");
  changeEntities("shop");
  expect((await stream.until("entities")).page.matches).toBe(3);
  await stream.close();
});

test("bad input is refused in words", async () => {
  expect((await get("/api/ui/v1/stream?namespace=shop&topic=weather")).status).toBe(400);
  expect((await get("/api/ui/v1/nothing")).status).toBe(404);
  for (const body of ["{", "[]", '{"ticket":1}', "x".repeat(70_000)]) {
    const response = await fetch(`${base}/api/ui/v1/signin`, { method: "POST", body, headers: BROWSER });
    expect(response.status).toBe(400);
  }
});

test("certificates: the backend's need get on clusters or config, agents' the list of entities there (U-325)", async () => {
  const chain = [new X509Certificate(TestCa.root().issueServer().pem)];
  const known = (role: KnownCertificate["role"], namespace = ""): KnownCertificate => ({
    ...{
      role,
      namespace,
      chain,
      fingerprint: `${role}${namespace}`,
      notAfter: 0,
      option: "",
      address: "",
      entity: "",
      file: "",
      keyFits: true,
      hosts: [],
      revoked: false,
    },
    seenAt: 0,
  });
  certificates = [known("server"), known("ca"), known("agent", "shop"), known("agent", "ops")];
  const seen = async (...allowed: readonly string[]) => {
    denied = ({ verb, resource, namespace }) => !allowed.includes(`${verb} ${resource} ${namespace}`.trim());
    const { rows } = (await (await get("/api/ui/v1/certificates")).json()) as CertificatesAnswer;
    return rows.map(({ role, namespace }) => `${role} ${namespace}`.trim());
  };
  expect(await seen("get clusters")).toEqual(["server", "ca"]);
  expect(await seen("get config", "list entities ops")).toEqual(["server", "ca", "agent ops"]);
  expect(await seen("list entities shop")).toEqual(["agent shop"]);
  const pem = async (sha256: string) => (await get(`/api/ui/v1/certificates/pem?sha256=${sha256}`)).json();
  expect(await pem("agentshop")).toEqual({ pem: String(chain[0]) });
  expect(await pem("agentops")).toMatchObject({ code: 2 });
  expect(await pem("server")).toMatchObject({ code: 2 });
  expect(await seen("list events shop")).toEqual([]);
  expect((await get("/api/ui/v1/certificates", { "User-Agent": "Mozilla/5.0" })).status).toBe(401);
});

test("sessions of agents need the list of entities, all of them that of all namespaces (S-418)", async () => {
  const row = (namespace: string, entity: string) => ({ namespace, entity, user: "agent" }) as AgentSessionRow;
  sessions = [row("ops", "db-01"), row("shop", "web-01"), row("shop", "web-02")];
  denied = ({ verb, resource, namespace }) => `${verb} ${resource} ${namespace}` !== "list entities shop";
  const names = async (query: string) => {
    const answer = await get(`/api/ui/v1/agent-sessions${query}`);
    return answer.status === 200
      ? ((await answer.json()) as AgentSessionRow[]).map(({ entity }) => entity)
      : answer.status;
  };
  expect(await names("?namespace=shop")).toEqual(["web-01", "web-02"]);
  expect(await names("?namespace=shop&entity=web-02")).toEqual(["web-02"]);
  expect(await names("?namespace=ops")).toBe(403);
  expect(await names("")).toBe(403);
  denied = () => false;
  expect(await names("")).toEqual(["db-01", "web-01", "web-02"]);
});
