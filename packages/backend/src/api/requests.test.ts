/** How requests are read: what surrounds a good body, and bodies that are odd but good to the original. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../observe/silent-log.ts";
import { testLog } from "../observe/test-log.ts";
import { ADMIN, openApi } from "./api-fixture.ts";

let api: Awaited<ReturnType<typeof openApi>>;
let admin: Awaited<ReturnType<(typeof api)["login"]>>;
beforeAll(async () => {
  api = await openApi({
    actions: { scripts: { checkSyntax: async (code) => (code.includes("(") ? "SyntaxError: no end" : undefined) } },
  });
  admin = await api.login(ADMIN.username, ADMIN.password);
});
afterAll(() => api.stop());

const HANDLERS = "namespaces/default/handlers";
const handler = (name: string, more: object = {}) =>
  JSON.stringify({ type: "pipe", command: "cat", metadata: { name, namespace: "default" }, ...more });

test.each([
  ["another value", `${handler("trail")} {"type":"udp"}`],
  ["garbage", `${handler("trail")}]]x`],
  ["brackets and quotes in texts", `${handler("trail", { command: 'echo "}]{[" \\' })} more`],
])("what follows the first JSON value is not read: %s (A-17)", async (_what, body) => {
  expect(await admin("PUT", `${HANDLERS}/trail`, body)).toMatchObject({ status: 201, body: "" });
});

test("a body that never ends, or begins with garbage, stays an error", async () => {
  for (const body of ['{"a":[', `x${handler("trail")}`, '{"a":"}', "[]]"]) {
    expect(await admin("PUT", `${HANDLERS}/trail`, body)).toMatchObject({ status: 400 });
  }
});

test("null is an empty object (A-17)", async () => {
  expect((await admin("POST", HANDLERS, "null")).body).toContain("namespace of the resource () does not match");
  await admin("PUT", "namespaces/default/checks/now", {
    command: "true",
    interval: 60,
    metadata: { name: "now", namespace: "default" },
  });
  expect((await admin("POST", "namespaces/default/checks/now/execute", "null")).status).toBe(202);
});

test("a content type that cannot be read keeps no body from being read (A-15); a patch says which it wants", async () => {
  for (const type of ["x", "garbage;;", "application/json; charset=", "application/x-www-form-urlencoded"]) {
    const answer = await admin("PUT", `${HANDLERS}/typed`, handler("typed"), { "content-type": type });
    expect([type, answer.status]).toEqual([type, 201]);
  }
  expect((await admin("PATCH", `${HANDLERS}/typed`, {}, { "content-type": "x" })).body).toContain(
    "invalid Content-Type header: x.  Allowed values: application/merge-patch+json",
  );
});

test("a patch neither moves nor unnames a resource", async () => {
  const url = `${HANDLERS}/fixed`;
  await admin("PUT", url, handler("fixed"));
  await admin("PATCH", url, { metadata: { labels: { a: "b" } } });
  for (const metadata of [{ name: 5 }, { namespace: ["default"] }, { name: {} }, "x", []]) {
    expect([metadata, (await admin("PATCH", url, { metadata })).status]).toEqual([metadata, 400]);
  }
  for (const patch of [{ metadata: null }, { Metadata: { labels: null } }, { metadata: { name: null } }]) {
    const answer = await admin("PATCH", url, patch);
    expect(JSON.parse(answer.body).metadata).toEqual({ name: "fixed", namespace: "default", created_by: "admin" });
  }
  expect((await admin("PATCH", url, { METADATA: { NAME: "other" } })).status).toBe(400);
  expect((await admin("PATCH", url, {}, { "if-match": "" })).status).toBe(200);
});

test("answers without a body say what they are, or nothing", async () => {
  await admin("PUT", `${HANDLERS}/gone`, handler("gone"));
  const gone = await admin("DELETE", `${HANDLERS}/gone`);
  expect([gone.status, gone.headers["content-type"]]).toEqual([204, "application/json"]);
  const wrong = await admin("PUT", "/health");
  expect([wrong.status, wrong.headers["content-type"]]).toEqual([405, undefined]);
  for (const [path, status] of [
    ["namespaces/default/events/web", 405],
    ["namespaces/default/events/web/cpu/x", 404],
    ["namespaces/default/checks/cpu", 404],
  ] as const) {
    expect([path, (await admin("POST", path, {})).status]).toEqual([path, status]);
  }
  const tested = await api.send(api.basic(ADMIN.username, ADMIN.password), "GET", "/auth/test");
  expect([tested.status, tested.headers["content-type"]]).toEqual([200, undefined]);
});

test("GraphQL is refused by name", async () => {
  expect(await admin("POST", "/graphql", { query: "{viewer{user{username}}}" })).toMatchObject({
    status: 404,
    body: '{"message":"GraphQL is not served; use the REST API","code":2}',
  });
});

test("expressions that cannot be parsed are refused wherever they stand (P-116)", async () => {
  const namespaced = (name: string) => ({ metadata: { name, namespace: "default" } });
  const sha512 = "a".repeat(128);
  const asset = { url: "https://a.test/x", sha512, ...namespaced("a") };
  const build = { url: "https://a.test/x", sha512 };
  const cases = [
    ["assets/a", { ...asset, filters: ["true", "bad ("] }, "syntax error in expression 1: SyntaxError: no end"],
    ["assets/a", { ...asset, builds: [build, { ...build, filters: ["bad ("] }] }, "syntax error in expression 0"],
    [
      "checks/a",
      { command: "true", interval: 60, proxy_requests: { entity_attributes: ["bad ("] }, ...namespaced("a") },
      "syntax error in expression 0",
    ],
    ["filters/a", { action: "allow", expressions: ["bad ("], ...namespaced("a") }, "syntax error in expression 0"],
  ] as const;
  for (const [path, body, text] of cases) {
    const answer = await admin("PUT", `namespaces/default/${path}`, body);
    expect([path, answer.status]).toEqual([path, 400]);
    expect(answer.body).toContain(`resource is invalid: ${text}`);
  }
  // With builds, the filters outside them are not looked at.
  const unused = { ...asset, filters: ["bad ("], builds: [build] };
  expect((await admin("PUT", "namespaces/default/assets/a", unused)).status).toBe(201);
});

test("JavaScript that the original could not read is taken with a warning, returned and logged (P-116)", async () => {
  const logged: string[] = [];
  const log = { ...silentLog, warn: (_fields: object, text: string) => void logged.push(text) };
  const warned = await openApi({ log });
  try {
    const root = await warned.login(ADMIN.username, ADMIN.password);
    const named = { metadata: { name: "a", namespace: "default" } };
    const sha512 = "a".repeat(128);
    const asset = { url: "https://a.test/x", sha512, ...named };
    const check = { command: "true", interval: 60, ...named };
    const filter = { action: "allow", ...named };
    const cases = [
      ["PUT", "filters/a", { ...filter, expressions: ["true", "a ?? b"] }, "EventFilter a: expressions[1]"],
      [
        "POST",
        "filters",
        { ...filter, expressions: ["`x`"], metadata: { ...named.metadata, name: "b" } },
        "EventFilter b",
      ],
      ["PATCH", "filters/a", { expressions: ["x => 1"] }, "EventFilter a: expressions[0]"],
      ["PUT", "checks/a", { ...check, proxy_requests: { entity_attributes: ["let x"] } }, "entity_attributes[0]"],
      ["PUT", "assets/a", { ...asset, filters: ["a?.b"] }, "Asset a: filters[0]"],
      [
        "PUT",
        "assets/a",
        { ...named, builds: [{ url: "https://a.test/x", sha512, filters: ["a?.b"] }] },
        "builds[0].filters[0]",
      ],
      ["PUT", "mutators/a", { ...named, type: "javascript", eval: 'return `"\\é`' }, "Mutator a: eval"],
    ] as const;
    for (const [method, path, body, text] of cases) {
      const answer = await root(method, `namespaces/default/${path}`, body);
      expect([path, answer.status < 300]).toEqual([path, true]);
      expect(answer.headers["warning"]).toEqual([expect.stringMatching(/^299 - "[ -~]*"$/)]);
      expect(String(answer.headers["warning"])).toContain(text);
      expect(logged.at(-1)).toContain(text);
    }
    const count = logged.length;
    for (const [path, body] of [
      ["filters/a", { ...filter, expressions: ["/(?i)a/.test(event.check.name)"] }],
      ["mutators/a", { ...named, type: "javascript", eval: "return event" }],
      ["mutators/a", { ...named, command: "x => 1" }],
      ["checks/a", check],
    ] as const) {
      const answer = await root("PUT", `namespaces/default/${path}`, body);
      expect([path, answer.status, answer.headers["warning"]]).toEqual([path, 201, undefined]);
    }
    const many = Array.from({ length: 100 }, () => "a?.b");
    const answer = await root("PUT", "namespaces/default/filters/a", { ...filter, expressions: many });
    expect(answer.headers["warning"]).toHaveLength(6);
    expect(logged.length).toBe(count + 6);
  } finally {
    await warned.stop();
  }
});

test("a patch of an entity that makes it invalid is told as a write is", async () => {
  const url = "namespaces/default/entities/patched";
  await admin("PUT", url, { entity_class: "proxy", metadata: { name: "patched", namespace: "default" } });
  expect(await admin("PATCH", url, { entity_class: "" })).toMatchObject({
    status: 400,
    body: '{"message":"entity class must not be empty","code":1}',
  });
});

test("decisions about requests are told to the audit, with who asked from where (S-315)", async () => {
  const told: unknown[] = [];
  const audit = { record: (...decision: unknown[]) => void told.push(decision) };
  const audited = await openApi({ access: { audit } });
  try {
    const root = await audited.login(ADMIN.username, ADMIN.password);
    await root("PUT", `${HANDLERS}/a`, handler("a"));
    expect(told).toEqual([
      [
        expect.objectContaining({ username: "admin", address: "127.0.0.1", apiKey: false }),
        { verb: "update", resource: "handlers", namespace: "default", name: "a" },
        expect.objectContaining({ allowed: true, by: expect.objectContaining({ binding: "cluster-admin" }) }),
      ],
    ]);
    await root("POST", "users", { username: "eve", password: "longenough" });
    const eve = await audited.login("eve", "longenough");
    told.length = 0;
    expect((await eve("GET", HANDLERS)).status).toBe(403);
    expect(told).toEqual([
      [
        expect.objectContaining({ username: "eve" }),
        expect.objectContaining({ verb: "list" }),
        expect.objectContaining({ allowed: false }),
      ],
    ]);
  } finally {
    await audited.stop();
  }
});

test("an API key is in no line of the log, however its path is spelled (S-405)", async () => {
  const log = testLog();
  const logged = await openApi({ log });
  try {
    const root = await logged.login(ADMIN.username, ADMIN.password);
    await root("POST", "users", { username: "eve", password: "longenough" });
    const eve = await logged.login("eve", "longenough");
    const { headers } = await root("POST", "apikeys", { username: "eve" });
    const key = String(headers["location"]).split("/").at(-1) ?? "";
    log.lines.length = 0;
    const paths = [`apikeys/${key}`, `%61pikeys/${key}`, `apikeys//${key}`, `apikeys%2f${key}`, `apikeys/${key}/x`];
    for (const send of [root, eve]) {
      for (const method of ["GET", "DELETE", "PATCH"]) for (const path of paths) await send(method, path, {});
    }
    expect(log.lines.length).toBeGreaterThan(30);
    expect(log.lines.filter((line) => line.includes(key))).toEqual([]);
  } finally {
    await logged.stop();
  }
}, 60_000);
