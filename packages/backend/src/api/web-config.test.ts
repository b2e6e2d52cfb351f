/** GlobalConfig over HTTP and who may do what with it (A-251, U-240). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, openApi } from "./api-fixture.ts";

const CONFIG = "/api/enterprise/web/v1/config";
let api: Awaited<ReturnType<typeof openApi>>;
let admin: Awaited<ReturnType<(typeof api)["login"]>>;
beforeAll(async () => {
  api = await openApi();
  admin = await api.login(ADMIN.username, ADMIN.password);
});
afterAll(() => api.stop());

const config = (spec: object, name = "custom") => ({
  ...{ type: "GlobalConfig", api_version: "web/v1", metadata: { name } },
  spec,
});

test("made by PUT or POST, listed as an array, put anew, taken away", async () => {
  const spec = { signin_message: "hello", later: { kept: [1] } };
  expect((await admin("PUT", `${CONFIG}/custom`, config(spec))).status).toBe(201);
  expect((await admin("POST", CONFIG, config({}, "other"))).status).toBe(201);
  const list = JSON.parse((await admin("GET", CONFIG)).body);
  expect(list).toMatchObject([config(spec), config({}, "other")]);
  expect(list[0].metadata.created_by).toBe(ADMIN.username);
  expect((await admin("PUT", `${CONFIG}/custom`, config({ disable_bsm: true }))).status).toBe(201);
  expect(JSON.parse((await admin("GET", `${CONFIG}/custom`)).body).spec).toEqual({ disable_bsm: true });
  expect(await admin("PUT", `${CONFIG}/custom`, config({ disable_bsm: "yes" }))).toMatchObject({
    status: 400,
    body: expect.stringContaining("disable_bsm must be true or false"),
  });
  for (const name of ["custom", "other"]) expect((await admin("DELETE", `${CONFIG}/${name}`)).status).toBe(204);
  expect((await admin("GET", CONFIG)).body).toBe("[]");
});

test("resource config of a cluster role opens it, the seeded view does not", async () => {
  await admin("POST", "users", { username: "vera", password: ADMIN.password });
  const bind = (name: string) =>
    admin("POST", "clusterrolebindings", {
      metadata: { name },
      role_ref: { type: "ClusterRole", name },
      subjects: [{ type: "User", name: "vera" }],
    });
  await bind("view");
  const vera = await api.login("vera", ADMIN.password);
  expect((await vera("GET", CONFIG)).status).toBe(403);
  await admin("POST", "clusterroles", {
    metadata: { name: "web" },
    rules: [{ verbs: ["list", "get"], resources: ["config"] }],
  });
  await bind("web");
  await expect.poll(async () => (await vera("GET", CONFIG)).status).toBe(200);
  expect((await vera("PUT", `${CONFIG}/custom`, config({}))).status).toBe(403);
});
