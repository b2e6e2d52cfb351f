/** Requests to what is not like the other types: entities, events, silences, users, keys, namespaces, the rest. */
import { type Answer, type Case, get, own, patch, post, put, remove } from "./two-backends.ts";

const BODIES = ["", "[]", "{}", "5", '"x"', "{", "x", "{} {}"];
const DEFAULT = { namespace: "default" };
const basic = (text: string) => ({
  as: "",
  headers: { authorization: `Basic ${Buffer.from(text).toString("base64")}` },
});
const stored = { until: ({ status }: Answer) => status === 200 };
/** Bodies that the original answers with 500 where ours says 400. */
const unread = (send: (body: string) => Case): readonly Case[] =>
  BODIES.filter((body) => !body.startsWith("{}")).map((body) => ({ ...send(body), ...own("A-213", 400) }));

function entities(): readonly Case[] {
  const base = "NS/entities";
  const entity = (name: string, more: object = {}) => ({
    entity_class: "proxy",
    metadata: { ...DEFAULT, name },
    ...more,
  });
  const full = {
    subscriptions: ["a", "b"],
    deregister: true,
    deregistration: { handler: "h" },
    user: "u",
    redact: ["secret"],
    keepalive_handlers: ["k"],
    last_seen: 5,
    sensu_agent_version: "1.2.3",
    system: { hostname: "h", os: "linux", arm_version: 7, network: { interfaces: [{ name: "lo", addresses: ["a"] }] } },
  };
  const labelled = (name: string, labels: object) => ({ metadata: { ...DEFAULT, name, labels } });
  const managed = labelled("m1", { "sensu.io/managed_by": "sensu-agent" });
  const odd = [
    ...[
      { entity_class: "" },
      { entity_class: "a b" },
      { subscriptions: [""] },
      { subscriptions: null },
      { system: null },
    ],
    ...[{ system: { network: null, processes: null } }, { deregistration: null }, { redact: [] }, { last_seen: -1 }],
    ...[{ keepalive_handlers: null }, { more: 1 }],
  ];
  const patches = [
    ...[{ subscriptions: ["p"] }, {}, { metadata: { labels: { a: "b" } } }, { system: { os: "x" } }, { last_seen: 7 }],
    ...[
      { entity_class: "agent" },
      { deregister: true },
      { user: 5 },
      { metadata: { name: "zz" } },
      { metadata: { namespace: "z" } },
    ],
    ...[{ redact: ["x"] }, { deregistration: { handler: "d" } }, { subscriptions: [] }, { keepalive_handlers: ["x"] }],
  ];
  return [
    ...unread((body) => post(base, body)),
    ...[
      get(base),
      get(`${base}/e1`),
      post(base, entity("e1", full)),
      post(base, entity("e1")),
      get(`${base}/e1`),
      get(base),
    ],
    ...[put(`${base}/e1`, entity("e1", { subscriptions: ["z"] })), get(`${base}/e1`)],
    ...["agent", "backend", "service", "foo"].flatMap((entity_class) => [
      ...[put(`${base}/c`, entity("c", { ...full, entity_class })), get(`${base}/c`)],
      ...[put(`${base}/c`, entity("c", { entity_class, subscriptions: ["n"], last_seen: 9 })), get(`${base}/c`)],
      ...[put(`${base}/c`, entity("c", full)), get(`${base}/c`), remove(`${base}/c`), remove(`${base}/c`)],
    ]),
    ...odd.flatMap((more, i) => [put(`${base}/odd${i}`, entity(`odd${i}`, more)), get(`${base}/odd${i}`)]),
    ...[{ last_seen: "x" }, { deregister: "true" }, { system: { os: 5 } }, { system: [] }].map((more) =>
      put(`${base}/x`, entity("x", more), own("A-173", 400)),
    ),
    ...[
      put(`${base}/r`, { ...entity("r"), ...labelled("r", { password: "x", a: "z" }) }, own("R-58", 200)),
      get(`${base}/r`),
    ],
    post(base, { entity_class: "proxy", metadata: { namespace: "default" } }, own("A-173", 400)),
    put(`${base}/d1`, { entity_class: "proxy", metadata: {} }, own("A-174", 200)),
    put(`${base}/d2`, entity("other"), own("A-174", 400)),
    put(`${base}/d3`, { ...entity("d3"), metadata: { name: "d3", namespace: "other" } }, own("A-174", 400)),
    ...[post("namespaces/ghost/entities", { ...entity("g"), metadata: { name: "g", namespace: "ghost" } })],
    ...[put(`${base}/m1`, { ...entity("m1"), ...managed, entity_class: "agent" })],
    ...[
      post(base, { ...entity("m1"), ...managed, entity_class: "agent" }),
      put(`${base}/m1`, entity("m1", { entity_class: "agent" })),
    ],
    patch(`${base}/m1`, { subscriptions: ["q"] }, own("A-324", 409)),
    ...patches.flatMap((body) => [patch(`${base}/e1`, body), get(`${base}/e1`)]),
    patch(`${base}/e1`, { entity_class: "" }, own("A-148", 400)),
    ...[get(`entities/e1`), put(base, {}), { method: "OPTIONS", path: `${base}/e1` }],
  ];
}

/** Both run on this host. */
function ownEntity(): readonly Case[] {
  return [get("namespaces/sensu-system/entities")];
}

function events(): readonly Case[] {
  const base = "NS/events";
  const entity = { metadata: { ...DEFAULT, name: "e1" } };
  const check = (more: object = {}) => ({ metadata: { ...DEFAULT, name: "c1" }, interval: 10, ...more });
  const at = (timestamp: number) => ({
    until: ({ status, body }: Answer) => status === 200 && (body as { timestamp: number }).timestamp === timestamp,
  });
  const checks = [
    ...[
      { publish: true },
      { publish: true, interval: 5 },
      { publish: true, cron: "bad" },
      { publish: true, interval: 5, cron: "* * * * *" },
    ],
    ...[
      { interval: -1 },
      { ttl: 4 },
      { ttl: 30, interval: 30 },
      { ttl: 30, interval: 10 },
      { ttl: -1 },
      { status: 4294967295 },
    ],
    ...[
      { status: 4294967296 },
      { status: 1.5 },
      { status: "1" },
      { output: "\u0000\ufffd<>" },
      { output: null },
      { output: 5 },
    ],
    ...[{ subscriptions: [""] }, { proxy_entity_name: "a b" }, { output_metric_format: "x" }, { env_vars: ["x"] }],
    ...[
      { low_flap_threshold: 30, high_flap_threshold: 20 },
      { max_output_size: -1 },
      { max_output_size: 3, output: "abcdef" },
    ],
    ...[
      { runtime_assets: ["none"] },
      { check_hooks: [{ critical: ["h"] }] },
      { history: [{ status: 1, executed: 2 }] },
    ],
    ...[
      { executed: 5 },
      { duration: -1.5 },
      { occurrences: 5, occurrences_watermark: 9 },
      { last_ok: 44 },
      { state: "passing" },
    ],
    ...[
      { pipelines: [{ name: "p" }] },
      { output_metric_thresholds: [{ name: "m", thresholds: [] }] },
      { discard_output: true },
    ],
    ...[
      { hooks: [{ metadata: { name: "h" }, command: "x", status: 1, output: "q" }] },
      { processed_by: "x" },
      { scheduler: "s" },
    ],
  ].map((more) => ({ check: { status: 1, ...more } }));
  const parts = [
    ...[{ entity: null }, { check: null }, { entity: [] }, { check: "x" }, { entity: { metadata: { name: "other" } } }],
    ...[
      { entity: { metadata: { namespace: "other" } } },
      { check: { metadata: { name: "zz" } } },
      { metadata: { name: "named" } },
    ],
    ...[
      { metadata: { labels: { a: "b" } } },
      { metadata: null },
      { id: "" },
      { id: null },
      { id: 5 },
      { timestamp: "x" },
      { sequence: 5 },
    ],
    ...[{ id: "{aabbccdd-0001-0203-0405-060708090a0b}" }, { id: "aabbccdd000102030405060708090a0b" }, { more: 1 }],
    ...[{ pipelines: [{ name: "p", type: "Pipeline", api_version: "core/v2" }] }, { pipelines: [{}] }],
    ...[
      { entity: { entity_class: "a b" } },
      { entity: { metadata: { labels: { password: "p" } } } },
      { entity: { system: { os: "l" } } },
    ],
  ];
  const bodies = [...checks, ...parts].map((more) => ({
    entity: {},
    check: { status: 1, output: "x" },
    timestamp: 1_700_000_000,
    ...more,
  }));
  return [
    ...BODIES.flatMap((body) => [post(base, body), put(`${base}/e/c`, body)]),
    ...[get(base), get(`${base}/none`), get(`${base}/none/none`), remove(`${base}/none/none`)],
    ...[
      post(base, { entity, check: check({ status: 1 }), timestamp: 1_700_000_000 }),
      get(`${base}/e1/c1`, stored),
      get("NS/entities/e1"),
    ],
    ...[1, 2, 0, 0].flatMap((status, i) => [
      put(`${base}/e1/c1`, { entity, check: check({ status, executed: i }), timestamp: 1_700_000_001 + i }),
      get(`${base}/e1/c1`, at(1_700_000_001 + i)),
    ]),
    ...[put(`${base}/e2/c2`, { entity: {}, check: { status: 2 } }), get(`${base}/e2/c2`, stored), get(`${base}/e2`)],
    ...[
      put(`${base}/e3/c3`, { entity: {}, check: { proxy_entity_name: "p3" } }),
      get(`${base}/p3/c3`, stored),
      get("NS/entities/p3"),
    ],
    ...bodies.flatMap((body, i) => [put(`${base}/b${i}/k`, body), post(base, body)]),
    // By now the last of them is stored, or was refused by both.
    ...bodies.map((_body, i) => get(`${base}/b${i}/k`)),
    ...[
      get(`${base}?limit=x`),
      get("namespaces/ghost/events"),
      get("namespaces/ghost/events/e/c"),
      get("events/e1"),
      put(base, {}),
    ],
    put("namespaces/ghost/events/e/c", { entity: {}, check: {} }, own("A-48", 500)),
    ...["PATCH", "OPTIONS"].flatMap((method) => [
      { method, path: base },
      { method, path: `${base}/e1/c1` },
    ]),
    ...["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"].map((method) => ({ method, path: `${base}/e1` })),
    ...[
      remove(`${base}/e1/c1`),
      get(`${base}/e1/c1`),
      remove(`${base}/e1/c1`),
      remove("NS/entities/e2"),
      get(`${base}/e2/c2`),
    ],
  ];
}

function silences(): readonly Case[] {
  const base = "NS/silenced";
  const bodies = [
    ...[
      { subscription: "linux" },
      { check: "cpu" },
      { subscription: "linux", check: "cpu" },
      { subscription: "*", check: "*" },
    ],
    ...[
      { subscription: "*", check: "c1" },
      {},
      { subscription: "", check: "" },
      { subscription: "a b" },
      { subscription: "a:b:c" },
    ],
    ...[
      { subscription: "entity:web-1" },
      { check: "a b" },
      { check: "a:b" },
      { subscription: ":x" },
      { check: "c*" },
      { subscription: 5 },
    ],
    ...[
      { subscription: "no", expire: 0 },
      { subscription: "never", expire: -1 },
      { subscription: "at", expire_at: 4_000_000_000 },
    ],
    ...[
      { subscription: "both", expire: 60, expire_at: 4_000_000_000 },
      { subscription: "past", expire_at: 5 },
    ],
    ...[
      { subscription: "later", begin: 4_000_000_000 },
      { subscription: "r", expire_on_resolve: true, reason: "because", creator: "eve" },
    ],
    ...[
      { subscription: "lab", metadata: { ...DEFAULT, name: "ignored", labels: { a: "b" } } },
      { subscription: "t", expire: "60" },
    ],
    ...[
      { subscription: "wrong", metadata: { namespace: "other" } },
      { subscription: "none", metadata: {} },
      { subscription: "t", expire: 1.5 },
    ],
  ];
  return [
    ...BODIES.flatMap((body) => [post(base, body), put(`${base}/a:b`, body)]),
    ...[get(base), get("silenced"), get(`${base}/x:y`)],
    ...bodies.flatMap((more: { subscription?: unknown; check?: string; metadata?: object }) => {
      const body = { metadata: DEFAULT, ...more };
      const name = `${more.subscription || "*"}:${more.check || "*"}`;
      const url = `${base}/${encodeURIComponent(name)}`;
      return [
        post(base, body),
        get(url),
        put(url, body),
        put(url, { ...body, metadata: { ...body.metadata, name } }),
        get(url),
      ];
    }),
    post(base, { metadata: DEFAULT, subscription: "exp", expire: 60 }, own("A-193", 201)),
    ...[
      get(`${base}/linux:cpu`),
      get(`${base}/linux:*`),
      get(`${base}/linux%3A%2A`),
      get(`${base}/subscriptions/none`),
    ],
    ...[
      get(`${base}/subscriptions/lin`, own("A-195", 200)),
      get(`${base}/subscriptions/entity%3Aweb-1`, own("A-195", 200)),
    ],
    ...[get(`${base}/checks/cpu`, own("A-194", 200)), get("silenced/checks/none"), get("silenced/subscriptions/linux")],
    ...[
      patch(`${base}/linux:cpu`, {}),
      put(base, {}),
      remove(`${base}/linux:cpu`),
      remove(`${base}/linux:cpu`),
      remove(`${base}/linux:%2A`),
    ],
  ];
}

function users(): readonly Case[] {
  const hash = "$2a$04$gRQFvVDRZ.lRFzR9gWdAUOKkNKzUU9Ue9YDf0mlPaEPBEbCrJyY6W";
  const odd = [
    ...[
      { password: "longenough" },
      { password: "short" },
      { password: "" },
      {},
      { password_hash: hash },
      { password_hash: "none" },
    ],
    ...[
      { password: "longenough", password_hash: hash },
      { password: "longenough", password_hash: "longenough" },
    ],
    ...[["a", "b"], [], null, [""], ["a", "a"], "a"].map((groups) => ({ password: "longenough", groups })),
    ...[
      { password: "longenough", disabled: true },
      { password: "x".repeat(72) },
      { password: "ääää" },
      { password: 12345678 },
    ],
  ];
  const names = ["Upper", "", "a.b-c_1", "x".repeat(300)];
  return [
    ...BODIES.flatMap((body) => [post("users", body), put("users/u1", body)]),
    ...["password", "change_password"].flatMap((route) => unread((body) => put(`users/agent/${route}`, body))),
    ...[get("users"), get("users/admin"), get("users/nope")],
    ...odd.flatMap((more, i) => [
      ...[post("users", { username: `u${i}`, ...more }), get(`users/u${i}`)],
      ...[put(`users/p${i}`, { username: `p${i}`, ...more }), get(`users/p${i}`)],
    ]),
    post("users", { username: "long", password: "x".repeat(73) }, own("S-190", 400)),
    ...[
      post("users", { username: "u0", password: "longenough" }),
      put("users/u0", { username: "u1", password: "longenough" }),
    ],
    ...names.flatMap((username) => [post("users", { username, password: "longenough" }), get(`users/${username}`)]),
    ...[
      remove("users/u0"),
      get("users/u0"),
      remove("users/u0"),
      remove("users/nope"),
      put("users/u0/reinstate"),
      get("users/u0"),
    ],
    ...[
      put("users/nope/reinstate"),
      put("users/u0/groups/g1"),
      put("users/u0/groups/g1"),
      put("users/u0/groups/g2"),
      get("users/u0"),
    ],
    ...[
      remove("users/u0/groups/g1"),
      remove("users/u0/groups/none"),
      get("users/u0"),
      remove("users/u0/groups"),
      get("users/u0"),
    ],
    ...[
      put("users/nope/groups/g"),
      remove("users/nope/groups/g"),
      put("users/u0/groups"),
      get("users/u0/groups"),
      patch("users/u0", {}),
    ],
    put("users/u0/password", { password: "wrong", password_hash: hash }, own("A-208", 400)),
    put("users/nope/password", { password: "wrong", password_hash: hash }, own("S-203", 404)),
    ...[put("users/u0/password", { password: "longenough" }), put("users/u0/reset_password", {})],
    ...[put("users/u0/change_password", { password: "longenough", password_new: "short" })],
    ...[
      put("users/u0/change_password", { password: "longenough", password_new: "brandnewpw" }),
      put("users/u0/reset_password", { password_hash: hash }),
    ],
    ...["u0:longenough", "u0:brandnewpw", "u4:x", "nope:x", ":", "u0:"].flatMap((pair) => [
      get("/auth/test", basic(pair)),
      get("users", basic(pair)),
    ]),
  ];
}

function namespaces(): readonly Case[] {
  const role = { rules: [{ verbs: ["get"], resources: ["checks"] }], metadata: { name: "r", namespace: "n1" } };
  const inside: readonly (readonly [string, object])[] = [
    ["checks/x", { command: "true", interval: 1 }],
    ["handlers/x", { type: "set" }],
    ["hooks/x", { command: "true", timeout: 1 }],
    ["mutators/x", { command: "true" }],
    ["filters/x", { action: "allow", expressions: ["true"] }],
    ["entities/x", { entity_class: "proxy" }],
  ];
  return [
    ...BODIES.flatMap((body) => [post("namespaces", body), put("namespaces/n1", body)]),
    ...[
      get("namespaces"),
      get("namespaces/default"),
      get("namespaces/nope"),
      post("namespaces", { name: "n1" }),
      post("namespaces", { name: "n1" }),
    ],
    ...[
      put("namespaces/n1", { name: "n1" }),
      put("namespaces/n2", { name: "other" }),
      put("namespaces/n2", { name: "n2", more: 1 }),
    ],
    ...["Upper", "a b", "a/b", "a:b", "ä", "*"].flatMap((name) => {
      const url = `namespaces/${encodeURIComponent(name)}`;
      return [post("namespaces", { name }), put(url, { name }), get(url), remove(url)];
    }),
    ...[
      get("namespaces/n1/roles"),
      get("namespaces/n1/rolebindings"),
      get("clusterroles"),
      get("clusterrolebindings"),
      patch("namespaces/n1", {}),
    ],
    ...[
      patch("namespaces/nope", {}, own("A-148", 404)),
      patch("namespaces/n1", {}, { headers: { "content-type": "application/json" } }),
    ],
    ...inside.flatMap(([path, body]) => [
      put(
        `namespaces/n1/${path}`,
        { ...body, metadata: { name: "x", namespace: "n1" } },
        path.startsWith("entities") ? own("R-44", 200) : {},
      ),
      remove("namespaces/n1", own("A-199", 409)),
      remove(`namespaces/n1/${path}`),
    ]),
    ...[
      put("namespaces/n1/roles/r", role),
      remove("namespaces/n1"),
      get("namespaces/n1"),
      remove("namespaces/n1"),
      get("namespaces/n1/checks"),
    ],
    // The original leaves the role to whoever makes the namespace again (S-321).
    get("namespaces/n1/roles/r", own("S-321", 404)),
    ...[get("namespaces?limit=1"), get("namespaces/default/nothing"), put("namespaces", {}), remove("namespaces")],
  ];
}

function theRest(): readonly Case[] {
  const check = { command: "true", interval: 10, metadata: { ...DEFAULT, name: "c1" } };
  const hooks = [
    { critical: ["h1"] },
    { critical: ["h2", "h1"] },
    { "255": ["h"] },
    { "0": ["z"] },
    { "non-zero": ["a"] },
  ];
  const paths = [
    "/",
    "/nope",
    "/api",
    "/api/core/v2",
    "/api/core/v1/checks",
    "/api/core/v3/namespaces",
    "/API/core/v2/namespaces",
  ];
  const roots = ["/health", "/version", "/ready", "/auth", "/auth/test", "/auth/token", "/auth/logout"];
  const untidy = [
    "/api//core/v2/namespaces",
    "/api/core/v2/./namespaces",
    "/api/core/v2/x/../namespaces?limit=1",
    "//health",
  ];
  const credentials = [
    "Bearer x",
    "Bearer ",
    "Bearer",
    "bearer {{token}}",
    "Bearer  {{token}}",
    "Bearer {{token}}x",
    "Key x",
    "key x",
    "Token x",
  ];
  const login = `admin:${"x"}`;
  return [
    ...[
      put("NS/checks/c1", check),
      post("NS/checks/c1/execute", {}),
      post("NS/checks/none/execute", {}),
      post("NS/checks/c1/execute", "null"),
    ],
    ...[
      { subscriptions: ["a"] },
      { check: "c1", subscriptions: [] },
      { metadata: { name: "other" }, creator: "x", reason: "y" },
    ].map((body) => post("NS/checks/c1/execute", body)),
    ...hooks.flatMap((body) => [put("NS/checks/c1/hooks/critical", body), get("NS/checks/c1")]),
    put("NS/checks/c1/hooks/critical", { never: ["h"] }, own("A-171", 400)),
    ...["critical/hook/h1", "critical/hook/h1", "critical/hook/h2", "0/hook/z"].map((path) =>
      remove(`NS/checks/c1/hooks/${path}`),
    ),
    ...[put("NS/checks/none/hooks/critical", { ok: ["h"] }), remove("NS/checks/none/hooks/ok/hook/h")],
    ...[
      get("apikeys/nope"),
      post("apikeys", { username: "admin" }),
      post("apikeys", { username: "nobody" }),
      put("apikeys/x", {}),
      remove("apikeys/nope"),
    ].map((one) =>
      one.path === "apikeys" && one.body && (one.body as { username: string }).username === "admin"
        ? { ...one, ...own("A-24", 201) }
        : one,
    ),
    ...BODIES.filter((body) => !body.startsWith("{}")).map((body) => post("apikeys", body, own("A-215", 400))),
    ...["true", "false", "null"].map((opt) => put("tessen", `{"opt_out":${opt}}`)),
    ...[
      get("tessen"),
      put("tessen", "{}"),
      get("tessen"),
      post("tessen", {}),
      post("tessen/metrics", "[]", { as: "" }),
    ],
    ...[post("cluster/members"), get("cluster/members/1"), { method: "PATCH", path: "cluster/id" }],
    ...paths.flatMap((path) =>
      ["GET", "POST"].flatMap((method) => [
        { method, path },
        { method, path, as: "" },
      ]),
    ),
    ...roots.flatMap((path) => ["PUT", "DELETE", "OPTIONS"].map((method) => ({ method, path, as: "" }))),
    ...untidy.map((path) => get(path)),
    ...[
      get("/ready"),
      get("/health/"),
      get("NS/checks/%C3%A4"),
      get("NS/checks/a+b"),
      get("NS/def%61ult"),
      get("namespaces/default%2Fchecks"),
    ],
    ...credentials.flatMap((authorization) =>
      ["users", "nope"].map((path) => get(path, { headers: { authorization } })),
    ),
    ...["users", "nope", "NS/checks"].map((path) => get(path, { as: "" })),
    ...["/auth", "/auth/test"].flatMap((path) => [
      get(path, basic(login)),
      get(path, basic(":")),
      get(path, { as: "" }),
    ]),
    ...["Basic", "Basic !!", "basic YWRtaW46eA==", "Bearer x", "Key x"].map((authorization) =>
      get("/auth", { as: "", headers: { authorization } }),
    ),
    ...["/auth/token", "/auth/logout"].flatMap((path) => [
      ...['{"refresh_token":"x"}', '{"refresh_token":""}', '{"refresh_token":"a.b.c"}', "{}", "{} {}", "null"].map(
        (body) => post(path, body),
      ),
      ...[
        post(path, "{}", { as: "" }),
        post(path, "{}", { headers: { authorization: "Bearer x" } }),
        post(path, "{}", basic(login)),
      ],
    ]),
  ];
}

export const OTHERS: Readonly<Record<string, readonly Case[]>> = {
  "the backend's own entity": ownEntity(),
  entities: entities(),
  events: events(),
  silences: silences(),
  users: users(),
  namespaces: namespaces(),
  "checks, keys, routes, credentials": theRest(),
};

/** The original does not say who wrote an entity or an event's part. */
export const UNNAMED = new Set(["entities", "events"]);
