/** `rbac-escalation-check` (S-292), asked of the real API over a real store. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, openApi } from "./api-fixture.ts";

type Api = Awaited<ReturnType<typeof openApi>>;
type Send = Awaited<ReturnType<Api["login"]>>;

let api: Api;
const callers = new Map<string, Send>();

const rule = (verbs: string, resources: string, names: readonly string[] = []) => ({
  verbs: verbs.split(","),
  resources: resources.split(","),
  resource_names: names,
});
const meta = (name: string, namespace?: string) => (namespace === undefined ? { name } : { name, namespace });
const role = (name: string, rules: readonly object[], namespace?: string) => ({
  rules,
  metadata: meta(name, namespace),
});
const binding = (name: string, ref: string, subject: string, namespace?: string) => {
  const [type, refName] = ref.split("/");
  return {
    subjects: [{ type: "User", name: subject }],
    role_ref: { type, name: refName },
    metadata: meta(name, namespace),
  };
};

beforeAll(async () => {
  api = await openApi({ actions: { escalationCheck: true } });
  const admin = await api.login(ADMIN.username, ADMIN.password);
  callers.set("root", admin);
  const made = async (url: string, body: unknown) =>
    expect(await admin("POST", url, body)).toMatchObject({ status: 201 });
  await made("namespaces", { name: "shop" });
  for (const username of ["owner", "names", "globe"]) await made("users", { username, password: "longpass1" });
  // owner: everything in default. names: some checks by name. globe: writes all roles, reads checks everywhere.
  await made("clusterroles", role("owner", [rule("*", "checks,roles,rolebindings"), rule("get", "events")]));
  await made("namespaces/default/rolebindings", binding("owner", "ClusterRole/owner", "owner", "default"));
  await made(
    "clusterroles",
    role("names", [rule("*", "rolebindings,roles"), rule("get,update", "checks", ["web", "db"])]),
  );
  await made("namespaces/default/rolebindings", binding("names", "ClusterRole/names", "names", "default"));
  await made(
    "clusterroles",
    role("globe", [
      rule("*", "clusterroles,clusterrolebindings,roles,rolebindings"),
      rule("get", "checks"),
      rule("list", "checks"),
    ]),
  );
  await made("clusterrolebindings", binding("globe", "ClusterRole/globe", "globe"));
  await made("namespaces/shop/roles", role("keeper", [rule("delete", "checks")], "shop"));
  await made("namespaces/default/roles", role("reader", [rule("get", "checks")], "default"));
  for (const name of ["owner", "names", "globe"]) callers.set(name, await api.login(name, "longpass1"));
}, 60_000);
afterAll(() => api.stop());

const IN_DEFAULT = "namespaces/default";

test.each<readonly [caller: string, what: string, url: string, body: object, missing: string | undefined]>([
  ["root", "a cluster role of everything", "clusterroles", role("all", [rule("*", "*")]), undefined],
  ["root", "cluster-admin", "clusterrolebindings", binding("b1", "ClusterRole/cluster-admin", "x"), undefined],
  ["root", "more names than can be compared", "clusterroles", role("big", [rule("get", "checks", big())]), undefined],
  ["owner", "what they hold", `${IN_DEFAULT}/roles`, role("r1", [rule("*", "checks")], "default"), undefined],
  ["owner", "less", `${IN_DEFAULT}/roles`, role("r2", [rule("get", "checks", ["web"])], "default"), undefined],
  [
    "owner",
    "verbs they lack",
    `${IN_DEFAULT}/roles`,
    role("r3", [rule("get,update,delete", "events")], "default"),
    "update events in namespace default, delete events in namespace default",
  ],
  [
    "owner",
    "all verbs",
    `${IN_DEFAULT}/roles`,
    role("r4", [rule("*", "handlers")], "default"),
    "* handlers in namespace default",
  ],
  [
    "owner",
    "all resources",
    `${IN_DEFAULT}/roles`,
    role("r5", [rule("get", "*")], "default"),
    "get * in namespace default",
  ],
  [
    "owner",
    "cluster-admin in their namespace",
    `${IN_DEFAULT}/rolebindings`,
    binding("b2", "ClusterRole/cluster-admin", "owner", "default"),
    "* * in namespace default",
  ],
  [
    "owner",
    "their own role",
    `${IN_DEFAULT}/rolebindings`,
    binding("b3", "ClusterRole/owner", "x", "default"),
    undefined,
  ],
  [
    "owner",
    "a role that is not there yet",
    `${IN_DEFAULT}/rolebindings`,
    binding("b4", "ClusterRole/later", "owner", "default"),
    "cluster role not found: later",
  ],
  [
    "names",
    "both names",
    `${IN_DEFAULT}/roles`,
    role("r6", [rule("get", "checks", ["db", "web"])], "default"),
    undefined,
  ],
  [
    "names",
    "a third name",
    `${IN_DEFAULT}/roles`,
    role("r7", [rule("get", "checks", ["db", "mail"])], "default"),
    "get checks mail in namespace default",
  ],
  [
    "names",
    "every name",
    `${IN_DEFAULT}/roles`,
    role("r8", [rule("get", "checks")], "default"),
    "get checks in namespace default",
  ],
  ["globe", "two rules together", "clusterroles", role("c1", [rule("get,list", "checks")]), undefined],
  ["globe", "one verb more", "clusterroles", role("c2", [rule("get,create", "checks")]), "create checks"],
  ["globe", "a Role each namespace fills in", "clusterrolebindings", binding("b5", "Role/reader", "x"), undefined],
  [
    "globe",
    "such a Role of another namespace",
    "clusterrolebindings",
    binding("b6", "Role/keeper", "globe"),
    "delete checks in namespace shop",
  ],
  [
    "globe",
    "the administrators' role",
    "clusterrolebindings",
    binding("b7", "ClusterRole/cluster-admin", "globe"),
    "* *",
  ],
  [
    "globe",
    "more names than can be compared",
    "clusterroles",
    role("c3", [rule("*", "checks,events,assets,hooks,filters,mutators,handlers", big())]),
    "a rule of too many rights to compare",
  ],
])("%s grants %s", async (caller, _what, url, body, missing) => {
  const answer = await callers.get(caller)?.("POST", url, body);
  if (missing === undefined) expect(answer).toMatchObject({ status: 201 });
  else {
    const Message = `rbac-escalation-check: you cannot grant what you may not do yourself: ${missing}`;
    expect(answer).toMatchObject({ status: 403, body: JSON.stringify({ Code: 4, Message }) });
  }
});

test("replacing and patching a role or a binding is judged like making it", async () => {
  const globe = callers.get("globe") as Send;
  const more = role("globe", [rule("*", "*")]);
  expect(await globe("PUT", "clusterroles/globe", more)).toMatchObject({ status: 403 });
  expect(await globe("PATCH", "clusterroles/globe", { rules: more.rules })).toMatchObject({ status: 403 });
  const bound = { subjects: [{ type: "User", name: "globe" }] };
  expect(await globe("PATCH", "clusterrolebindings/cluster-admin", bound)).toMatchObject({ status: 403 });
  expect(await globe("PATCH", "clusterrolebindings/globe", { metadata: { labels: { a: "b" } } })).toMatchObject({
    status: 200,
  });
});

test("a body that cannot be read or is invalid is still told so", async () => {
  const globe = callers.get("globe") as Send;
  expect(await globe("POST", "clusterroles", "{")).toMatchObject({ status: 400 });
  expect(await globe("POST", "clusterroles", role("c9", []))).toMatchObject({ status: 400 });
});

test("without the option whoever writes bindings may bind anything, as in the original", async () => {
  const open = await openApi();
  try {
    const admin = await open.login(ADMIN.username, ADMIN.password);
    await admin("POST", "users", { username: "ada", password: "longpass1" });
    await admin("POST", `${IN_DEFAULT}/rolebindings`, binding("ada", "ClusterRole/admin", "ada", "default"));
    const ada = await open.login("ada", "longpass1");
    const grab = binding("grab", "ClusterRole/cluster-admin", "ada", "default");
    expect(await ada("POST", `${IN_DEFAULT}/rolebindings`, grab)).toMatchObject({ status: 201 });
  } finally {
    await open.stop();
  }
}, 60_000);

function big(): readonly string[] {
  return Array.from({ length: 30_000 }, (_, at) => `check-${at}`);
}
