/** What the seeded roles let a user do with every registered type, asked of the real API over a real store (S-324). */
import { COMMON_RESOURCES, RESOURCE_TYPES, type ResourceType, type Verb } from "@sensu-ts/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, openApi } from "./api-fixture.ts";
import { allNamespacesPath, collectionPath } from "./resource-routes.ts";

type Send = Awaited<ReturnType<Awaited<ReturnType<typeof openApi>>["login"]>>;

const ROLES = ["view", "edit", "admin", "cluster-admin"] as const;
type RoleName = (typeof ROLES)[number];
type Scope = "namespace" | "cluster";

let api: Awaited<ReturnType<typeof openApi>>;
const users = new Map<string, Send>();

beforeAll(async () => {
  api = await openApi();
  const admin = await api.login(ADMIN.username, ADMIN.password);
  for (const role of ROLES) {
    for (const scope of ["namespace", "cluster"] as const) {
      const name = `${role}-${scope}`;
      await admin("POST", "users", { username: name, password: "longpass1" });
      const binding = {
        subjects: [{ type: "User", name }],
        role_ref: { type: "ClusterRole", name: role },
        metadata: scope === "cluster" ? { name } : { name, namespace: "default" },
      };
      const url = scope === "cluster" ? "clusterrolebindings" : "namespaces/default/rolebindings";
      expect((await admin("POST", url, binding)).status).toBe(201);
      users.set(name, await api.login(name, "longpass1"));
    }
  }
}, 60_000);
afterAll(() => api.stop());

/** The answer of S 5, written independently of the roles' data. */
function allowed(role: RoleName, scope: Scope, verb: Verb, type: ResourceType, inNamespace: string): boolean {
  if (scope === "namespace" && inNamespace !== "default") return false;
  if (role === "cluster-admin") return true;
  const reading = verb === "get" || verb === "list";
  if (type.rbac === "namespaces") return reading;
  const common = COMMON_RESOURCES.includes(type.rbac);
  if (role === "view") return common && reading;
  if (role === "edit") return common;
  return common || type.rbac === "roles" || type.rbac === "rolebindings";
}

interface Request {
  readonly verb: Verb;
  readonly method: string;
  readonly url: string;
  readonly namespace: string;
}

/** Every request the registry says the type has. The bodies are unreadable and the names unknown: only 403 matters. */
function requests(type: ResourceType): readonly Request[] {
  const has = (method: ResourceType["methods"][number]) => type.methods.includes(method);
  const out: Request[] = [];
  const places = type.scope === "namespaced" ? ["default", "sensu-system"] : [""];
  for (const namespace of places) {
    const collection = collectionPath(type).replace(":namespace", namespace);
    const singleton = type.name === "TessenConfig";
    const member = singleton ? collection : `${collection}/${type.name === "Event" ? "no/thing" : "nothing"}`;
    const add = (verb: Verb, method: string, url: string) => out.push({ verb, method, url, namespace });
    if (has("GET")) add("list", "GET", collection);
    if (has("GET")) add("get", "GET", member);
    if (has("POST")) add("create", "POST", collection);
    if (has("PUT")) add("update", "PUT", member);
    if (has("PATCH")) add("update", "PATCH", member);
    if (has("DELETE")) add("delete", "DELETE", member);
  }
  if (has("GET") && type.allNamespaces) {
    out.push({ verb: "list", method: "GET", url: allNamespacesPath(type), namespace: "" });
  }
  return out;
}

const cases = RESOURCE_TYPES.filter((type) => type.methods.length > 0).flatMap((type) =>
  ROLES.flatMap((role) => (["namespace", "cluster"] as const).map((scope) => ({ type, role, scope, name: type.name }))),
);

test.each(cases)("$role bound to the $scope on $name", async ({ type, role, scope }) => {
  const send = users.get(`${role}-${scope}`) as Send;
  for (const request of requests(type)) {
    const { status, body } = await send(request.method, request.url, request.method === "GET" ? undefined : "{");
    const what = `${request.method} ${request.url}`;
    const wanted = allowed(role, scope, request.verb, type, request.namespace);
    if (type.rbac === "namespaces" && (request.verb === "get" || request.verb === "list")) {
      // Reading namespaces goes by what is visible, not by rules on the request (S-316).
      expect([what, status]).toEqual([what, request.verb === "list" ? 200 : 404]);
      continue;
    }
    expect([what, status === 403], body).toEqual([what, !wanted]);
    if (status === 403) expect(body).toBe('{"Code":4,"Message":"unauthorized to perform action"}');
  }
});

test("every registered type is served", async () => {
  const admin = users.get("cluster-admin-cluster") as Send;
  for (const type of RESOURCE_TYPES.filter((one) => one.methods.includes("GET"))) {
    const url = collectionPath(type).replace(":namespace", "default");
    expect([url, (await admin("GET", url)).status]).toEqual([url, 200]);
  }
});
