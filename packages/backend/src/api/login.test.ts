import { decodeJwt } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ADMIN, openApi } from "./api-fixture.ts";

let api: Awaited<ReturnType<typeof openApi>>;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.stop());

test("login, use, refresh, logout (A-346, A-347)", async () => {
  const { status, body, headers } = await api.send(api.basic(ADMIN.username, ADMIN.password), "GET", "/auth");
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("application/json");
  const pair = JSON.parse(body);
  expect(Object.keys(pair)).toEqual(["access_token", "expires_at", "refresh_token"]);
  expect(decodeJwt(pair.access_token)).toMatchObject({
    iss: "http://b1.test:8080",
    groups: ["cluster-admins", "system:users"],
  });
  const bearer = `Bearer ${pair.access_token}`;
  expect(await api.send(bearer, "GET", "namespaces")).toMatchObject({
    status: 200,
    body: '[{"name":"default"},{"name":"sensu-system"}]',
  });
  const renewed = await api.send(bearer, "POST", "/auth/token", { refresh_token: pair.refresh_token });
  expect(renewed.status).toBe(200);
  const next = JSON.parse(renewed.body);
  const logout = await api.send(`Bearer ${next.access_token}`, "POST", "/auth/logout", {
    refresh_token: next.refresh_token,
  });
  expect(logout).toMatchObject({ status: 200, body: "" });
  expect(await api.send(`Bearer ${next.access_token}`, "GET", "namespaces")).toMatchObject({
    status: 401,
    body: '{"Code":5,"Message":"invalid credentials"}',
  });
  const again = await api.send(`Bearer ${next.access_token}`, "POST", "/auth/token", {
    refresh_token: next.refresh_token,
  });
  expect(again).toMatchObject({ status: 401, body: "Unauthorized\n" });
});

test.each([
  [undefined, "bad credentials"],
  ["Bearer x", "invalid credentials"],
  ["Key x", "invalid credentials"],
  ["key x", "bad credentials"],
  ["Basic YWRtaW46bG9uZ3Bhc3Mx", "bad credentials"],
])("%s on a resource: 401 %s (A-348)", async (header, message) => {
  const answer = await api.send(header, "GET", "users");
  expect(answer).toMatchObject({ status: 401, body: `{"Code":5,"Message":"${message}"}` });
});

test("/auth and its siblings refuse in plain text (A-44)", async () => {
  expect(await api.send(undefined, "GET", "/auth")).toMatchObject({ status: 401, body: "Request unauthorized\n" });
  const wrong = api.basic("admin", "wrong");
  expect(await api.send("Basic !!", "GET", "/auth")).toMatchObject({ status: 401, body: "Unauthorized\n" });
  const lowerCase = api.basic("admin", "longpass1").replace("Basic", "basic");
  expect(await api.send(lowerCase, "GET", "/auth")).toMatchObject({ status: 401, body: "Request unauthorized\n" });
  expect(await api.send(wrong, "GET", "/auth")).toMatchObject({ status: 401, body: "Unauthorized\n" });
  expect(await api.send(wrong, "GET", "/auth/test")).toMatchObject({ status: 401, body: "Request unauthorized\n" });
  const right = api.basic("admin", "longpass1");
  expect(await api.send(right, "GET", "/auth/test")).toMatchObject({ status: 200, body: "" });
  expect(await api.send(right, "POST", "/auth/token", {})).toMatchObject({
    status: 400,
    body: "invalid access token\n",
  });
  expect((await api.send("Bearer x", "POST", "/auth/token", {})).status).toBe(401);
  const { access_token: token } = JSON.parse((await api.send(right, "GET", "/auth")).body);
  expect((await api.send(`Bearer ${token}`, "POST", "/auth/token", "{")).status).toBe(400);
  expect((await api.send(`Bearer ${token}`, "POST", "/auth/token", {})).status).toBe(401);
  expect((await api.send(`Bearer ${token}`, "POST", "/auth/token", '{"refresh_token":5}')).status).toBe(400);
  expect((await api.send(`Bearer ${token}`, "POST", "/auth/logout", "[]")).status).toBe(400);
});

test.each([
  ["GET", "/api/core/v2/nope", 404, '{"code":2,"message":"not found"}\n'],
  ["OPTIONS", "/api/core/v2/namespaces", 404, '{"code":2,"message":"not found"}\n'],
  ["HEAD", "/api/core/v2/namespaces", 404, ""],
  ["GET", "/api/core/v2/checks/foo", 404, '{"code":2,"message":"not found"}\n'],
  ["GET", "/api/core/v2/namespaces/default/checks/", 404, '{"code":2,"message":"not found"}\n'],
  ["POST", "/health", 405, ""],
  ["POST", "/auth", 405, ""],
  ["GET", "/api//core/v2/../v2/namespaces?limit=1", 301, ""],
  ["GET", "/api/core/v2/namespaces/%zz/checks", 400, '{"message":"malformed URL","code":1}'],
])("anonymous %s %s: %s (A-12 to A-16)", async (method, url, status, body) => {
  const answer = await api.send(undefined, method, url);
  expect(answer.status).toBe(status);
  if (method !== "HEAD") expect(answer.body).toBe(body);
  if (status === 301) expect(answer.headers.location).toBe("/api/core/v2/namespaces?limit=1");
});

test("health, ready, version, metrics without login (A-228 to A-232)", async () => {
  expect((await api.send(undefined, "GET", "/health")).body).toBe(
    '{"Alarms":null,"ClusterHealth":[{"MemberID":9882886658148554927,"MemberIDHex":"8927110dc66458af",' +
      '"Name":"default","Err":"","Healthy":true}],"Header":{"cluster_id":4255616304056076734,' +
      '"member_id":9882886658148554927,"raft_term":2}}',
  );
  expect((await api.send(undefined, "GET", "/health?timeout=x")).status).toBe(400);
  expect((await api.send(undefined, "GET", "/ready")).body).toBe("ready\n");
  const version = JSON.parse((await api.send(undefined, "GET", "/version")).body);
  expect(version).toMatchObject({ sensu_backend: "6.14.2", sensu_ts: "1.2.3" });
  const metrics = await api.send(undefined, "GET", "/metrics");
  expect(metrics.body).toContain("sensu_go_build_info{");
  expect(metrics.body).toContain('sensu_go_api_requests_total{method="GET",code="200"}');
});

test("closed during the start, but for health, version and metrics (A-19)", async () => {
  const closed = await openApi({ serveWaitSeconds: 20 });
  try {
    const text = "API unavailable during startup.\nSee api-serve-wait-time settings.\n";
    for (const url of ["/ready", "/auth"]) {
      const answer = await closed.send(closed.basic(ADMIN.username, ADMIN.password), "GET", url);
      expect(answer).toMatchObject({ status: 503, body: text });
      expect(answer.headers["retry-after"]).toBe("20");
    }
    expect((await closed.send(undefined, "GET", "/health")).status).toBe(200);
    expect((await closed.send(undefined, "GET", "users")).status).toBe(401);
  } finally {
    await closed.stop();
  }
});

test("the agents' well-known password is noticed until it is changed (S-221)", async () => {
  expect(await api.access.hasDefaultAgentPassword()).toBe(true);
  const admin = await api.login(ADMIN.username, ADMIN.password);
  await admin("PUT", "users/agent", { username: "agent", password: "another-one", groups: ["system:agents"] });
  expect(await api.access.hasDefaultAgentPassword()).toBe(false);
});

test("a body over the limit is refused (A-47)", async () => {
  const admin = await api.login(ADMIN.username, ADMIN.password);
  const answer = await admin("POST", "namespaces/default/checks", "x".repeat(600_000));
  expect(answer).toMatchObject({ status: 400, body: '{"message":"http: request body too large","code":1}' });
});
