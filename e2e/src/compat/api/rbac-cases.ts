/** Who may what: users with the seeded roles and with roles of all kinds, each asking for everything. */

import { KINDS } from "./resource-cases.ts";
import { type Case, get, own, patch, post, put, remove } from "./two-backends.ts";

export const PASSWORD = "longenough";
const DEFAULT = "default";
const SEEDED = ["view", "edit", "admin", "cluster-admin"];
const VERBS = ["get", "list", "create", "update", "delete"];

interface Grant {
  /** Rules of a role of the user's own, or the name of a ClusterRole that is there. */
  readonly role: string | readonly object[];
  /** Absent: everywhere. */
  readonly namespace?: string;
}

const named = ["one", "one/c", "checks/one", "subscriptions/one"];
const all = { verbs: ["*"], resources: ["*"] };
const on = (verb: string, ...resources: string[]) => [{ verbs: [verb], resources }];

/** By user name: what each is given. */
export const USERS: Readonly<Record<string, readonly Grant[]>> = {
  nobody: [],
  ...Object.fromEntries(SEEDED.map((role) => [`${role}-here`, [{ role, namespace: DEFAULT }]])),
  ...Object.fromEntries(SEEDED.map((role) => [`${role}-everywhere`, [{ role }]])),
  ...Object.fromEntries(VERBS.map((verb) => [`${verb}-here`, [{ role: on(verb, "*"), namespace: DEFAULT }]])),
  ...Object.fromEntries(VERBS.map((verb) => [`${verb}-everywhere`, [{ role: on(verb, "*") }]])),
  "named-here": [{ role: [{ ...all, resource_names: named }], namespace: DEFAULT }],
  "named-everywhere": [{ role: [{ ...all, resource_names: ["one", DEFAULT] }] }],
  "commas-here": [{ role: on("get,list", "checks,events"), namespace: DEFAULT }],
  "two-places": [
    { role: "view", namespace: DEFAULT },
    { role: "edit", namespace: "other" },
  ],
  "some-namespaces": [{ role: [{ ...on("get", "namespaces")[0], resource_names: ["other"] }] }],
  "events-everywhere": [{ role: on("get", "events") }],
  "pipelines-everywhere": [{ role: on("*", "pipelines") }],
  "users-everywhere": [{ role: on("*", "users") }],
};

/** The objects of {@link USERS}, and one thing of each type to ask for. */
export function preparation(): readonly Case[] {
  const out: Case[] = [post("namespaces", { name: "other" })];
  for (const [username, grants] of Object.entries(USERS)) {
    out.push(post("users", { username, password: PASSWORD }));
    for (const [i, { role, namespace }] of grants.entries()) {
      const metadata = { name: `${username}-${i}`, ...(namespace === undefined ? {} : { namespace }) };
      const [roles, bindings] =
        namespace === undefined ? ["clusterroles", "clusterrolebindings"] : ["roles", "rolebindings"];
      const base = namespace === undefined ? "" : `namespaces/${namespace}/`;
      const own = typeof role !== "string";
      if (own) out.push(put(`${base}${roles}/${metadata.name}`, { metadata, rules: role }));
      const role_ref = {
        type: own && namespace !== undefined ? "Role" : "ClusterRole",
        name: own ? metadata.name : role,
      };
      const subjects = [{ type: "User", name: username }];
      out.push(put(`${base}${bindings}/${metadata.name}`, { metadata, role_ref, subjects }));
    }
  }
  for (const [collection, { cluster, good }] of Object.entries(KINDS)) {
    const metadata = { name: "one", ...(cluster ? {} : { namespace: DEFAULT }) };
    out.push(put(`${cluster ? "" : "NS/"}${collection}/one`, { metadata, ...good }));
  }
  const metadata = { name: "one", namespace: DEFAULT };
  return [
    ...out,
    put("NS/entities/one", { metadata, entity_class: "proxy" }),
    put("NS/events/one/c", { entity: {}, check: {} }),
  ];
}

/** Bodies are broken, so that whoever may write learns that and changes nothing. */
const BROKEN = "[";

export function questions(username: string): readonly Case[] {
  const as = { as: username };
  const everything = (base: string, patched = true): readonly Case[] => [
    ...[
      get(base, as),
      get(`${base}/one`, as),
      get(`${base}/none`, as),
      post(base, BROKEN, as),
      put(`${base}/one`, BROKEN, as),
    ],
    ...[put(`${base}/none`, BROKEN, as), remove(`${base}/none`, as)],
    ...(patched ? [patch(`${base}/one`, BROKEN, as), patch(`${base}/none`, BROKEN, as)] : []),
  ];
  const namespaced = Object.keys(KINDS).filter((collection) => !KINDS[collection]?.cluster);
  const clusterWide = Object.keys(KINDS).filter((collection) => KINDS[collection]?.cluster);
  return [
    ...namespaced.flatMap((collection) =>
      [DEFAULT, "other"].flatMap((namespace) => everything(`namespaces/${namespace}/${collection}`)),
    ),
    ...namespaced.map((collection) => get(collection, as)),
    ...clusterWide.flatMap((collection) => everything(collection)),
    ...everything("NS/silenced", false),
    ...["silenced", "NS/silenced/checks/one", "NS/silenced/checks/two", "NS/silenced/subscriptions/one"].map((path) =>
      get(path, as),
    ),
    ...[
      get("NS/entities", as),
      get("NS/entities/one", as),
      get("NS/entities/none", as),
      remove("NS/entities/none", as),
    ],
    ...["events", "NS/events", "NS/events/one", "NS/events/one/c", "NS/events/one/d", "namespaces/other/events"].map(
      (path) => get(path, as),
    ),
    ...["NS/events", "NS/events/one/c", "NS/events/two/c"].map((path) => post(path, BROKEN, as)),
    ...[put("NS/events/one/c", BROKEN, as), remove("NS/events/one/d", as)],
    ...["one", "none"].map((check) => remove(`NS/checks/${check}/hooks/ok/hook/x`, as)),
    ...[
      get("users", as),
      get(`users/${username}`, as),
      get("users/agent", as),
      post("users", BROKEN, as),
      put("users/agent", BROKEN, as),
    ],
    ...[
      remove("users/nope", as),
      put("users/nope/reinstate", undefined, as),
      put("users/nope/groups/g", undefined, as),
    ],
    ...[
      remove("users/nope/groups/g", as),
      get("apikeys/nope", as),
      patch("apikeys/nope", BROKEN, as),
      remove("apikeys/nope", as),
    ],
    ...[
      get("nope", as),
      get("NS/nope", as),
      remove("cluster/members/zz", { ...as, ...(mayClusters(username) ? own("B-635", 400) : {}) }),
    ],
  ];
}

/** Both refuse the id; each says why in its own words. */
function mayClusters(username: string): boolean {
  return ["cluster-admin-everywhere", "delete-everywhere"].includes(username);
}
