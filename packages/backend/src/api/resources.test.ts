import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, openApi } from "./api-fixture.ts";

let api: Awaited<ReturnType<typeof openApi>>;
let admin: Awaited<ReturnType<(typeof api)["login"]>>;
beforeAll(async () => {
  api = await openApi();
  admin = await api.login(ADMIN.username, ADMIN.password);
});
afterAll(() => api.stop());

const check = (name: string, more: object = {}, namespace = "default") => ({
  command: "true",
  interval: 60,
  subscriptions: ["linux"],
  ...more,
  metadata: { name, namespace },
});
const error = (code: number, message: string) => JSON.stringify({ message, code });

test("create, conflict, disagreement with the URL, missing namespace (A-349)", async () => {
  const checks = "namespaces/default/checks";
  const created = await admin("POST", checks, check("c1"));
  expect(created).toMatchObject({ status: 201, body: "" });
  expect(created.headers["content-type"]).toBe("application/json");
  expect(await admin("POST", checks, check("c1"))).toMatchObject({
    status: 409,
    body: error(3, "resource already exists"),
  });
  expect(await admin("PUT", `${checks}/c1`, check("c2"))).toMatchObject({
    status: 400,
    body: error(1, "the name of the resource (c2) does not match the name of the URI (c1)"),
  });
  expect(await admin("POST", checks, { interval: 1, metadata: { name: "x" } })).toMatchObject({
    status: 400,
    body: error(1, "the namespace of the resource () does not match the namespace of the URI (default)"),
  });
  expect(await admin("POST", "namespaces/ghost/checks", check("c", {}, "ghost"))).toMatchObject({
    status: 500,
    body: error(0, "the namespace ghost does not exist"),
  });
  expect(await admin("POST", checks, check("c9", { interval: 0 }))).toMatchObject({ status: 400 });
  expect((await admin("POST", checks, check("c9", { interval: 0 }))).body).toContain(
    "resource is invalid: check interval",
  );
  expect(await admin("POST", checks, "")).toMatchObject({ status: 400, body: error(1, "EOF") });
  expect((await admin("POST", checks, '{"interval":"60"}')).status).toBe(400);
  expect(await admin("GET", "namespaces/ghost/checks")).toMatchObject({ status: 200, body: "[]" });
  const read = JSON.parse((await admin("GET", `${checks}/c1`)).body);
  expect(read).toMatchObject({ command: "true", metadata: { name: "c1", created_by: "admin" } });
  expect((await admin("DELETE", `${checks}/c1`)).status).toBe(204);
  expect(await admin("DELETE", `${checks}/c1`)).toMatchObject({ status: 404, body: error(2, "not found") });
  expect((await admin("GET", `${checks}/c1`)).status).toBe(404);
});

test("patch with conditions (A-350)", async () => {
  const url = "namespaces/default/checks/p1";
  await admin("PUT", url, check("p1"));
  const before = await admin("GET", url);
  const etag = String(before.headers["etag"]);
  expect(etag).toMatch(/^"[0-9a-f]{1,16}"$/);
  const patched = await admin("PATCH", url, { interval: 30 }, { "if-match": etag });
  expect(patched.status).toBe(200);
  expect(JSON.parse(patched.body)).toEqual({ ...JSON.parse(before.body), interval: 30 });
  expect((await admin("GET", url)).headers["etag"]).toBe(patched.headers["etag"]);
  expect(patched.headers["etag"]).not.toBe(etag);
  expect(await admin("PATCH", url, { interval: 30 }, { "if-match": etag })).toMatchObject({
    status: 412,
    body: error(7, "at least one condition failed for the key p1"),
  });
  expect((await admin("PATCH", url, { interval: 5 }, { "if-none-match": "*" })).status).toBe(412);
  expect((await admin("PATCH", url, { interval: 5 }, { "if-match": `W/${patched.headers["etag"]}` })).status).toBe(412);
  expect(await admin("PATCH", url, {}, { "content-type": "application/json" })).toMatchObject({
    status: 400,
    body: error(1, "invalid Content-Type header: application/json.  Allowed values: application/merge-patch+json"),
  });
  expect((await admin("PATCH", url, { metadata: { name: "zz" } })).status).toBe(400);
  expect((await admin("PATCH", url, { interval: 0 })).status).toBe(400);
  const removed = await admin("PATCH", url, { command: null, metadata: { labels: { a: "b" }, created_by: "eve" } });
  expect(JSON.parse(removed.body)).toMatchObject({ metadata: { labels: { a: "b" }, created_by: "admin" } });
  expect(JSON.parse(removed.body)).not.toHaveProperty("command");
  expect((await admin("PATCH", "namespaces/default/checks/none", {})).status).toBe(404);
});

test("pages in name order, no header on the last (A-351)", async () => {
  for (const name of ["h3", "h1", "h5", "h2", "h4"]) {
    const handler = { type: "pipe", command: "cat", metadata: { name, namespace: "default" } };
    expect((await admin("POST", "namespaces/default/handlers", handler)).status).toBe(201);
  }
  const seen: string[][] = [];
  let token: string | undefined = "";
  while (token !== undefined) {
    const url: string = `namespaces/default/handlers?types=Handler&limit=2${token === "" ? "" : `&continue=${token}`}`;
    const page = await admin("GET", url);
    seen.push(JSON.parse(page.body).map((one: { metadata: { name: string } }) => one.metadata.name));
    token = page.headers["sensu-continue"] as string | undefined;
  }
  expect(seen).toEqual([["h1", "h2"], ["h3", "h4"], ["h5"]]);
  expect((await admin("GET", "handlers?limit=5")).headers).not.toHaveProperty("sensu-continue");
  expect(JSON.parse((await admin("GET", "handlers?limit=-1")).body)).toHaveLength(5);
  expect((await admin("GET", "handlers?limit=2&continue=***")).status).toBe(400);
});

test("selectors (A-352)", async () => {
  await admin("PUT", "namespaces", { name: "sel" });
  await admin("POST", "namespaces", { name: "sel" });
  const put = (name: string, subscriptions: string[], publish: boolean) =>
    admin("PUT", `namespaces/sel/checks/${name}`, check(name, { subscriptions, publish }, "sel"));
  await put("c1", ["linux"], true);
  await put("c2", ["linux", "web"], false);
  await put("w1", ["win"], true);
  const names = async (selector: string, more = "") => {
    const answer = await admin("GET", `namespaces/sel/checks?fieldSelector=${encodeURIComponent(selector)}${more}`);
    if (answer.status !== 200) return answer.status;
    return JSON.parse(answer.body).map((one: { metadata: { name: string } }) => one.metadata.name);
  };
  expect(await names("linux in check.subscriptions")).toEqual(["c1", "c2"]);
  expect(await names('check.subscriptions == "linux"')).toEqual(["c1"]);
  expect(await names('check.name matches "c" && check.publish == true')).toEqual(["c1"]);
  expect(await names("check.name == c-1")).toBe(400);
  expect(await names("check.publish == true", "&limit=1")).toEqual(["c1"]);
});

test("namespaces bring and take their pair; what is in one keeps it (A-357, S-465)", async () => {
  expect((await admin("POST", "namespaces", { name: "dev" })).status).toBe(201);
  expect((await admin("POST", "namespaces", { name: "dev" })).status).toBe(409);
  expect((await admin("GET", "namespaces/dev/roles/system:pipeline")).status).toBe(200);
  expect((await admin("GET", "namespaces/dev/rolebindings/system%3Apipeline")).status).toBe(200);
  await admin("POST", "namespaces/dev/checks", check("c", {}, "dev"));
  const role = { rules: [{ verbs: ["get,list"], resources: ["checks"] }], metadata: { name: "r", namespace: "dev" } };
  expect((await admin("POST", "namespaces/dev/roles", role)).status).toBe(201);
  expect(JSON.parse((await admin("GET", "namespaces/dev/roles/r")).body).rules[0].verbs).toEqual(["get", "list"]);
  expect(await admin("DELETE", "namespaces/dev")).toMatchObject({
    status: 409,
    body: error(3, "resource is invalid: namespace is not empty"),
  });
  await admin("DELETE", "namespaces/dev/checks/c");
  expect((await admin("DELETE", "namespaces/dev")).status).toBe(204);
  expect((await admin("DELETE", "namespaces/dev")).status).toBe(404);
  await admin("PUT", "namespaces/dev", { name: "dev" });
  const roles = JSON.parse((await admin("GET", "namespaces/dev/roles")).body);
  expect(roles.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual(["system:pipeline"]);
  expect((await admin("DELETE", "namespaces/sensu-system")).status).toBe(409);
  expect((await admin("PATCH", "namespaces/dev", { name: "other" })).status).toBe(400);
  expect(await admin("PATCH", "namespaces/dev", { name: "dev" })).toMatchObject({
    status: 200,
    body: '{"name":"dev"}',
  });
});

test("entities: class, managed ones, halves, redaction, deletion (A-173 to A-179, S-470)", async () => {
  const entities = "namespaces/default/entities";
  const proxy = { entity_class: "proxy", metadata: { name: "e1", namespace: "default", labels: { password: "s3" } } };
  const created = await admin("POST", entities, proxy);
  expect(created.status).toBe(200);
  expect(JSON.parse(created.body).metadata.labels).toEqual({ password: "REDACTED" });
  expect((await admin("POST", entities, proxy)).status).toBe(409);
  expect(
    (await admin("POST", entities, { entity_class: "proxy", metadata: { name: "e2", namespace: "dev2" } })).status,
  ).toBe(400);
  expect((await admin("POST", entities, { entity_class: "", metadata: { name: "e2" } })).status).toBe(400);
  const read = JSON.parse((await admin("GET", `${entities}/e1`)).body);
  read.metadata.labels.team = "ops";
  expect((await admin("PUT", `${entities}/e1`, read)).status).toBe(200);
  const stored = await api.kv.get("/sensu.io/entity_configs/default/e1");
  expect(new TextDecoder().decode(stored?.value)).toContain("s3");
  const patched = await admin("PATCH", `${entities}/e1`, { subscriptions: ["x"], last_seen: 5 });
  expect(JSON.parse(patched.body)).toMatchObject({ subscriptions: ["x", "entity:e1"], entity_class: "proxy" });
  expect(JSON.parse(patched.body)).not.toHaveProperty("last_seen");
  const tag = String((await admin("GET", `${entities}/e1`)).headers["etag"]);
  expect((await admin("PATCH", `${entities}/e1`, { deregister: true }, { "if-match": tag })).status).toBe(200);

  const agent = { entity_class: "agent", last_seen: 7, metadata: { name: "a1", labels: {} } };
  await admin("PUT", `${entities}/a1`, agent);
  await admin("PUT", `${entities}/a1`, { ...agent, last_seen: 9, user: "u" });
  expect(JSON.parse((await admin("GET", `${entities}/a1`)).body)).toMatchObject({
    last_seen: 7,
    user: "u",
    subscriptions: ["entity:a1"],
  });
  const managed = { ...agent, metadata: { name: "a1", labels: { "sensu.io/managed_by": "sensu-agent" } } };
  expect(await admin("PUT", `${entities}/a1`, managed)).toMatchObject({
    status: 409,
    body: error(3, "entity is managed by its agent"),
  });

  const event = { entity: {}, check: { status: 2, output: "down" } };
  expect((await admin("PUT", "namespaces/default/events/e1/app", event)).status).toBe(201);
  const silence = { subscription: "entity:e1", metadata: { namespace: "default" } };
  expect((await admin("POST", "namespaces/default/silenced", silence)).status).toBe(201);
  expect((await admin("DELETE", `${entities}/e1`)).status).toBe(204);
  expect(await admin("GET", "namespaces/default/events/e1")).toMatchObject({ status: 200, body: "[]" });
  expect((await admin("GET", "namespaces/default/silenced/entity:e1:%2A")).status).toBe(404);
  expect(api.forgotten).toContainEqual({ namespace: "default", entity: "e1", check: "app" });
  expect((await admin("DELETE", `${entities}/e1`)).status).toBe(404);
});

test("events: completed from the URL, exact names, pages (A-181 to A-188, A-353)", async () => {
  const events = "namespaces/default/events";
  const event = { entity: {}, check: { status: 2, output: "down" } };
  expect(await admin("PUT", `${events}/box/cpu-load`, event)).toMatchObject({ status: 201, body: "" });
  expect((await admin("GET", `${events}/box/cpu`)).status).toBe(404);
  const read = await admin("GET", `${events}/box/cpu-load`);
  expect(JSON.parse(read.body)).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/),
    entity: { entity_class: "proxy", metadata: { name: "box", namespace: "default", created_by: "admin" } },
    check: { status: 2, metadata: { name: "cpu-load", created_by: "admin" } },
  });
  for (const name of ["a", "b", "c"]) await admin("POST", `${events}/box/${name}`, event);
  const first = await admin("GET", `${events}?limit=3`);
  expect(JSON.parse(first.body)).toHaveLength(3);
  const second = await admin("GET", `${events}?limit=3&continue=${first.headers["sensu-continue"]}`);
  expect(JSON.parse(second.body)).toHaveLength(1);
  expect(second.headers).not.toHaveProperty("sensu-continue");
  const selected = await admin("GET", `events?limit=1&fieldSelector=${encodeURIComponent('event.check.name == "b"')}`);
  expect(
    JSON.parse(selected.body).map((one: { check: { metadata: { name: string } } }) => one.check.metadata.name),
  ).toEqual(["b"]);
  expect((await admin("PUT", `${events}/box/a`, { entity: { metadata: { name: "other" } }, check: {} })).status).toBe(
    400,
  );
  expect((await admin("POST", events, { check: { metadata: { name: "x" } } })).status).toBe(400);
  expect((await admin("POST", `${events}/box/a`, { entity: {}, metadata: { name: "named" }, check: {} })).status).toBe(
    400,
  );
  expect((await admin("DELETE", `${events}/box/a`)).status).toBe(204);
  expect((await admin("DELETE", `${events}/box/a`)).status).toBe(404);
});

test("silences (A-191 to A-195, A-354)", async () => {
  const silenced = "namespaces/default/silenced";
  const entry = { subscription: "entity:newbox", reason: "x", expire: 3600, metadata: { namespace: "default" } };
  expect(await admin("POST", silenced, entry)).toMatchObject({ status: 201, body: "" });
  expect((await admin("POST", silenced, entry)).status).toBe(409);
  const read = JSON.parse((await admin("GET", `${silenced}/entity:newbox:%2A`)).body);
  expect(read).toMatchObject({ creator: "admin", expire: 3600, metadata: { name: "entity:newbox:*" } });
  expect(read.expire_at).toBe(read.begin + 3600);
  expect(JSON.parse((await admin("GET", `${silenced}/subscriptions/entity:newbox`)).body)).toHaveLength(1);
  expect(JSON.parse((await admin("GET", `${silenced}/subscriptions/entity`)).body)).toHaveLength(0);
  expect(await admin("POST", silenced, { metadata: { namespace: "default" } })).toMatchObject({
    status: 400,
    body: error(1, "must provide check or subscription"),
  });
  const forever = { check: "cpu", metadata: { namespace: "default", name: "*:cpu" } };
  expect((await admin("PUT", `${silenced}/*:cpu`, forever)).status).toBe(201);
  expect(JSON.parse((await admin("GET", `${silenced}/checks/cpu`)).body)).toMatchObject([{ expire: -1, expire_at: 0 }]);
  expect(JSON.parse((await admin("GET", "silenced/checks/cpu")).body)).toHaveLength(1);
  await admin("POST", silenced, { ...entry, check: "past", begin: 1000 });
  expect(await admin("GET", `${silenced}/entity:newbox:past`)).toMatchObject({
    status: 404,
    body: error(2, "silenced entry not found"),
  });
  // Numbers of 64 bits are taken as they are; only what has no end that fits is refused.
  const longest = `{"metadata":{"namespace":"default"},"check":"far","begin":2000000000,"expire":9007199254740993}`;
  expect((await admin("POST", silenced, longest)).status).toBe(201);
  const far = await admin("GET", `${silenced}/*:far`);
  expect(far.body).toContain('"expire":9007199254740993,');
  expect(far.body).toContain('"expire_at":9007201254740993,');
  expect((await admin("DELETE", `${silenced}/*:far`)).status).toBe(204);
  expect(await admin("POST", silenced, longest.replace("9007199254740993", "9223372036854775807"))).toMatchObject({
    status: 400,
    body: error(1, "expire is too far away: begin and expire together do not fit into 64 bits"),
  });
  expect(JSON.parse((await admin("GET", `${silenced}?limit=1`)).body)).toHaveLength(2);
  expect((await admin("DELETE", `${silenced}/%2A:cpu`)).status).toBe(204);
});

test("checks: run now, hooks, assets (A-143, A-170 to A-172)", async () => {
  const url = "namespaces/default/checks/run";
  await admin("PUT", url, check("run"));
  const body = { metadata: { name: "ignored" }, subscriptions: ["entity:box"], reason: "why" };
  expect(await admin("POST", `${url}/execute`, body)).toMatchObject({ status: 202, body: '{"issued":1800000000}' });
  expect(api.runs.at(-1)).toEqual({ check: "run", subscriptions: ["entity:box"], reason: "why", creator: "admin" });
  expect((await admin("POST", "namespaces/default/checks/none/execute", {})).status).toBe(404);
  expect((await admin("PUT", `${url}/hooks/ignored`, { critical: ["h1", "h2"] })).status).toBe(201);
  expect((await admin("PUT", `${url}/hooks/critical`, { critical: ["h2", "h3"] })).status).toBe(201);
  const hooks = async () => JSON.parse((await admin("GET", url)).body).check_hooks;
  expect(await hooks()).toEqual([{ critical: ["h1", "h2", "h3"] }]);
  expect((await admin("PUT", `${url}/hooks/256`, { 256: ["h"] })).status).toBe(400);
  for (const hook of ["h1", "h2", "h3"]) {
    expect((await admin("DELETE", `${url}/hooks/critical/hook/${hook}`)).status).toBe(204);
  }
  expect((await admin("DELETE", `${url}/hooks/critical/hook/h1`)).status).toBe(404);
  expect(await hooks()).toBeNull();
  expect((await admin("PUT", url, check("run", { runtime_assets: ["no/such"] }))).status).toBe(400);
});

test("cluster, tessen (A-218 to A-227)", async () => {
  expect((await admin("GET", "cluster/members")).body).toBe(
    '{"header":{"cluster_id":4255616304056076734,"member_id":9882886658148554927,"raft_term":2},"members":[' +
      '{"ID":9882886658148554927,"name":"default","peerURLs":["http://127.0.0.1:2380"],"clientURLs":["http://127.0.0.1:2379"]}]}',
  );
  const id = (await admin("GET", "cluster/id")).body;
  expect(id).toMatch(/^"[0-9a-f-]{36}"\n$/);
  expect((await admin("GET", "cluster/id")).body).toBe(id);
  expect(await admin("POST", "cluster/members")).toMatchObject({
    status: 400,
    body: "missing peer-addrs form value\n",
  });
  expect(await admin("POST", "cluster/members?peer-addrs=http://b2:2380")).toMatchObject({
    status: 500,
    body: "operation not supported by the embedded single-node store\n",
  });
  expect((await admin("DELETE", "cluster/members/xyz")).status).toBe(400);
  expect((await admin("GET", "tessen")).body).toBe('{"opt_out":true}');
  expect(await admin("PUT", "tessen", { opt_out: false })).toMatchObject({ status: 200, body: '{"opt_out":false}' });
  expect((await admin("GET", "tessen")).body).toBe('{"opt_out":false}');
  expect(await api.send(undefined, "POST", "tessen/metrics", [{ name: "x" }])).toMatchObject({
    status: 200,
    body: '[{"name":"x"}]',
  });
});

test("a cluster-wide type has no namespace", async () => {
  const role = { rules: [{ verbs: ["get"], resources: ["checks"] }], metadata: { name: "r", namespace: "default" } };
  expect(await admin("POST", "clusterroles", role)).toMatchObject({
    status: 400,
    body: error(1, "resource is invalid: ClusterRole cannot have a namespace"),
  });
});

test("asset names hold slashes, percent-encoded once (A-11, A-335)", async () => {
  const asset = {
    url: "http://127.0.0.1/a",
    sha512: "0".repeat(128),
    metadata: { name: "sensu/a:1", namespace: "default" },
  };
  expect((await admin("PUT", "namespaces/default/assets/sensu%2Fa:1", asset)).status).toBe(201);
  expect((await admin("GET", "namespaces/default/assets/sensu%2fa%3A1")).status).toBe(200);
  expect((await admin("GET", "namespaces/default/assets/sensu%252Fa:1")).status).toBe(404);
  expect((await admin("GET", "namespaces/default/assets/sensu/a:1")).status).toBe(404);
});

test("selectors learn nothing of labels that are redacted (S-382)", async () => {
  const metadata = { name: "safe", namespace: "default", labels: { password: "hunter2", region: "eu" } };
  const entity = { entity_class: "proxy", metadata };
  await admin("PUT", "namespaces/default/entities/safe", entity);
  await admin("PUT", "namespaces/default/events/safe/disk", { entity, check: { metadata: { name: "disk" } } });
  const found = async (collection: string, selector: string) => {
    const { body } = await admin("GET", `namespaces/default/${collection}?${selector}`);
    return (JSON.parse(body) as unknown[]).length;
  };
  for (const collection of ["entities", "events"]) {
    const ask = (text: string) => found(collection, `labelSelector=${encodeURIComponent(text)}`);
    expect([await ask("password matches hunter"), await ask("password == hunter2")]).toEqual([0, 0]);
    expect([await ask("password == REDACTED && region == eu"), await ask("region == eu")]).toEqual([1, 1]);
  }
  const byField = encodeURIComponent("entity.labels.password == hunter2");
  expect(await found("entities", `fieldSelector=${byField}`)).toBe(0);
  const ofEvent = encodeURIComponent("event.labels.password == hunter2");
  expect(await found("events", `fieldSelector=${ofEvent}`)).toBe(0);
});
