import { hashSync } from "bcryptjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, openApi } from "./api-fixture.ts";

let api: Awaited<ReturnType<typeof openApi>>;
let admin: Awaited<ReturnType<(typeof api)["login"]>>;
beforeAll(async () => {
  api = await openApi();
  admin = await api.login(ADMIN.username, ADMIN.password);
});
afterAll(() => api.stop());

const test401 = async (username: string, password: string) =>
  (await api.send(api.basic(username, password), "GET", "/auth/test")).status;

test("rules of passwords (S-190 to S-195)", async () => {
  const create = (user: object) => admin("POST", "users", user);
  expect((await create({ username: "u1" })).body).toContain("a password or its hash is required");
  expect((await create({ username: "u1", password: "seven77" })).body).toContain("at least 8 characters");
  expect((await create({ username: "u1", password: "x".repeat(73) })).status).toBe(400);
  expect((await create({ username: "Upper", password: "longpass1" })).status).toBe(400);
  const hash = hashSync("longpass1", 4);
  expect((await create({ username: "u1", password: "longpass2", password_hash: hash })).body).toContain(
    "hashed password does not the match the cleartext password",
  );
  expect((await create({ username: "u1", password: "longpass1", password_hash: "longpass1" })).status).toBe(400);
  expect((await admin("PUT", "users/agent/reset_password", {})).body).toContain("a password or its hash is required");
  expect(await create({ username: "u1", password_hash: hash, groups: ["g"] })).toMatchObject({ status: 201, body: "" });
  expect((await create({ username: "u1", password: "longpass1" })).status).toBe(409);
  expect(await test401("u1", "longpass1")).toBe(200);
  expect((await admin("GET", "users/u1")).body).toBe('{"username":"u1","groups":["g"],"disabled":false}');
  const all = (await admin("GET", "users")).body;
  expect(all).not.toContain("password");
  expect(JSON.parse(all).map((user: { username: string }) => user.username)).toEqual(["admin", "agent", "u1"]);
  expect((await admin("PUT", "users/u1", { username: "u2", password: "longpass1" })).status).toBe(400);
  expect((await admin("PATCH", "users/u1", {})).status).toBe(404);
});

test("a user's life: own password, refusal, disabling, return (A-355, S-456)", async () => {
  expect((await admin("POST", "users", { username: "bob", password: "P4ssword!" })).status).toBe(201);
  const bob = await api.login("bob", "P4ssword!");
  const other = await api.login("bob", "P4ssword!");
  expect((await bob("GET", "users/bob")).status).toBe(200);
  expect(await bob("GET", "users")).toMatchObject({
    status: 403,
    body: '{"Code":4,"Message":"unauthorized to perform action"}',
  });
  expect((await bob("GET", "users/admin")).status).toBe(403);
  expect((await bob("GET", "namespaces/default/checks")).status).toBe(403);
  expect((await bob("PUT", "users/admin/reset_password", {})).status).toBe(403);
  expect((await bob("PUT", "users/bob/reset_password", {})).status).toBe(403);
  const change = (password: string, next: string) =>
    bob("PUT", "users/bob/change_password", { password, password_new: next });
  expect(await change("wrong", "N3wpassword")).toMatchObject({
    status: 400,
    body: '{"message":"resource is invalid: wrong password for user bob","code":1}',
  });
  expect((await change("P4ssword!", "short")).status).toBe(400);
  expect((await change("P4ssword!", "N3wpassword")).status).toBe(201);
  expect((await bob("GET", "users/bob")).status).toBe(200);
  expect((await other("GET", "users/bob")).status).toBe(401);
  const hash = hashSync("Th1rdpass", 4);
  expect((await bob("PUT", "users/bob/password", { password: "N3wpassword", password_hash: hash })).status).toBe(201);
  expect(await test401("bob", "N3wpassword")).toBe(401);
  expect(await test401("bob", "Th1rdpass")).toBe(200);

  const { headers } = await admin("POST", "apikeys", { username: "bob", metadata: { name: "mine" } });
  expect(headers["location"]).toMatch(/^\/api\/core\/v2\/apikeys\/[0-9a-f-]{36}$/);
  const key = String(headers["location"]).split("/").at(-1);
  expect((await api.send(`Key ${key}`, "GET", "users/bob")).status).toBe(403);
  expect((await admin("DELETE", "users/bob")).status).toBe(204);
  expect((await admin("DELETE", "users/bob")).status).toBe(204);
  expect((await admin("DELETE", "users/nobody")).status).toBe(404);
  expect((await bob("GET", "users/bob")).status).toBe(401);
  expect((await api.send(`Key ${key}`, "GET", "users/bob")).status).toBe(401);
  expect(await test401("bob", "Th1rdpass")).toBe(401);
  expect(JSON.parse((await admin("GET", "users/bob")).body).disabled).toBe(true);
  expect((await admin("PUT", "users/bob/reinstate")).status).toBe(201);
  expect(await test401("bob", "Th1rdpass")).toBe(200);
  expect((await bob("GET", "users/bob")).status).toBe(401);
});

test("groups (A-211, A-212)", async () => {
  await admin("POST", "users", { username: "gus", password: "longpass1" });
  for (const group of ["a", "b", "b", "ad:x y"]) {
    expect((await admin("PUT", `users/gus/groups/${encodeURIComponent(group)}`)).status).toBe(201);
  }
  const groups = async () => JSON.parse((await admin("GET", "users/gus")).body).groups;
  expect(await groups()).toEqual(["a", "b", "ad:x y"]);
  expect((await admin("DELETE", "users/gus/groups/a")).status).toBe(204);
  expect(await groups()).toEqual(["b", "ad:x y"]);
  expect((await admin("DELETE", "users/gus/groups")).status).toBe(204);
  expect(await groups()).toBeUndefined();
  expect((await admin("PUT", "users/nobody/groups/a")).status).toBe(404);
});

test("API keys (A-214 to A-217, A-356, S-457)", async () => {
  await admin("POST", "users", { username: "kay", password: "longpass1" });
  expect(await admin("POST", "apikeys", { username: "nobody" })).toMatchObject({
    status: 400,
    body: "user does not exist\n",
  });
  const { headers } = await admin("POST", "apikeys", { username: "kay" });
  const key = String(headers["location"]).split("/").at(-1) ?? "";
  const role = {
    rules: [{ verbs: ["get", "list"], resources: ["checks"] }],
    metadata: { name: "checks", namespace: "default" },
  };
  await admin("POST", "namespaces/default/roles", role);
  const binding = {
    subjects: [{ type: "user", name: "kay" }],
    role_ref: { type: "role", name: "checks" },
    metadata: { name: "kay", namespace: "default" },
  };
  expect((await admin("POST", "namespaces/default/rolebindings", binding)).status).toBe(201);
  const kay = (url: string) => api.send(`Key ${key}`, "GET", url);
  expect((await kay("namespaces/default/checks")).status).toBe(200);
  expect((await kay("checks")).status).toBe(403);
  expect(await kay("namespaces")).toMatchObject({ status: 200, body: '[{"name":"default"}]' });
  expect((await kay("namespaces/sensu-system")).status).toBe(404);
  expect((await kay("/api/enterprise/user-namespaces")).body).toBe('[{"name":"default"}]');
  expect(await api.send(`key ${key}`, "GET", "checks")).toMatchObject({ status: 401 });
  expect((await admin("PUT", `apikeys/${key}`, {})).status).toBe(404);
  expect((await admin("PATCH", `apikeys/${key}`, { metadata: {}, username: "admin" })).status).toBe(200);
  expect((await kay("checks")).status).toBe(200);
  expect((await admin("DELETE", `apikeys/${key}`)).status).toBe(204);
  expect((await kay("checks")).status).toBe(401);
});

test("nobody sees no namespace: 403 (S-318)", async () => {
  await admin("POST", "users", { username: "nil", password: "longpass1" });
  const nil = await api.login("nil", "longpass1");
  expect(await nil("GET", "namespaces")).toMatchObject({
    status: 403,
    body: '{"Code":4,"Message":"unauthorized to perform action"}',
  });
  expect((await nil("GET", "namespaces/default")).status).toBe(404);
});
