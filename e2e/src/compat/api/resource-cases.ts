/** Requests that every type takes alike, and for each type bodies at the edges of its rules. */
import { type Case, get, own, patch, post, put, remove } from "./two-backends.ts";

interface Kind {
  readonly cluster?: boolean;
  readonly good: object;
  /** Replaces fields of the good body. */
  readonly odd: readonly Readonly<Record<string, unknown>>[];
}

const SHA = "a".repeat(128);
const reference = (type: string, api_version = "core/v2") => ({ name: "x", type, api_version });
const workflow = (more: object) => ({ workflows: [{ name: "w", handler: reference("Handler"), ...more }] });
const day = (begin: string, end: string) => ({ days: { monday: [{ begin, end }] } });
const repeated = (begin: string, end: string, ...repeat: string[]) => ({ subdues: [{ begin, end, repeat }] });

export const KINDS: Readonly<Record<string, Kind>> = {
  assets: {
    good: { url: "http://x.test/y.tgz", sha512: SHA },
    odd: [
      ...[{ url: "" }, { sha512: "" }, { sha512: "abc" }, { sha512: "z".repeat(200) }, { url: "::not a url" }],
      ...[
        { filters: ["entity.system.os == 'linux'"] },
        { filters: [""] },
        { headers: { a: "b" } },
        { headers: { a: 1 } },
      ],
      ...[
        { builds: [{}] },
        { builds: [], filters: null },
        { builds: [{ url: "x", sha512: SHA }], url: "", sha512: "" },
      ],
      ...[{ builds: [{ url: "x", sha512: "1" }] }, { builds: "x" }, { builds: [5] }],
    ],
  },
  checks: {
    good: { command: "true", interval: 10, subscriptions: ["a"] },
    odd: [
      ...[
        { interval: 0 },
        { interval: -1 },
        { interval: 4294967296 },
        { interval: 1.5 },
        { interval: "10" },
        { Interval: 9 },
      ],
      ...[
        { cron: "* * * * *" },
        ...[
          "* * * * *",
          "bad",
          "* * * * 7",
          "@every 5s",
          "@reboot",
          "TZ=Europe/Paris * * * * *",
          "CRON_TZ=UTC 0 0 * * MON",
          "TZ=No/Where * * * * *",
          "* * * * * *",
          "0-61 * * * *",
          "? ? ? ? ?",
        ].map((cron) => ({ interval: 0, cron })),
      ],
      ...[
        { ttl: 5 },
        { ttl: 10 },
        { ttl: 11 },
        { ttl: -1 },
        { subscriptions: [""] },
        { subscriptions: [] },
        { subscriptions: null },
      ],
      ...[
        { proxy_entity_name: "a b" },
        { proxy_entity_name: "a:b" },
        { proxy_requests: {} },
        { proxy_requests: { splay: true } },
      ],
      ...[{ proxy_requests: { splay: true, splay_coverage: 101 } }, { proxy_requests: { entity_attributes: [""] } }],
      ...[{ output_metric_format: "nope" }, { output_metric_format: "nagios_perfdata" }, { timeout: 5, ttl: 60 }],
      ...[
        { low_flap_threshold: 5, high_flap_threshold: 5 },
        { low_flap_threshold: 20, high_flap_threshold: 10 },
      ],
      ...["A=B", "A", "=B", "A=", "A=B=C", ""].map((line) => ({ env_vars: [line] })),
      ...[
        { runtime_assets: ["a b"] },
        { runtime_assets: [""] },
        { check_hooks: [{ critical: ["h"] }] },
        { check_hooks: [{}] },
      ],
      ...[
        { subdue: day("10:00AM", "11:00AM") },
        { subdue: day("10:00", "x") },
        { subdue: { days: {} } },
        { subdue: {} },
      ],
      ...[repeated("2020-01-01T00:00:00Z", "2020-01-01T01:00:00Z", "mondays"), repeated("x", "y")],
      ...[
        repeated("2020-01-01T01:00:00Z", "2020-01-01T00:00:00Z"),
        repeated("2020-01-01T00:00:00Z", "2020-01-01T01:00:00Z", "mondayz"),
      ],
      ...[
        { handlers: ["none"] },
        { pipelines: [{ name: "p" }] },
        { pipelines: [reference("Pipeline")] },
        { pipelines: [{}] },
      ],
      ...[
        { max_output_size: -1 },
        { discard_output: true },
        { secrets: [{ name: "A", secret: "b" }] },
        { scheduler: "x" },
      ],
      ...[
        { output_metric_thresholds: [{ name: "m", thresholds: [] }] },
        { command: "" },
        { command: "a\u0000<>&\u2028" },
      ],
    ],
  },
  filters: {
    good: { action: "allow", expressions: ["event.check.status == 0"] },
    odd: [
      ...[
        { action: "" },
        { action: "Allow" },
        { expressions: [] },
        { expressions: null },
        { expressions: [""] },
        { when: {} },
      ],
      ...[
        { expressions: ["// nothing"] },
        { when: day("3:00PM", "4:00PM") },
        { when: day("", "") },
        { runtime_assets: ["a b"] },
      ],
    ],
  },
  handlers: {
    good: { type: "pipe", command: "cat" },
    odd: [
      ...["", "Pipe", "transport", "tcp", "set", "grpc"].map((type) => ({ type })),
      ...[{ command: "" }, { command: "  " }, { type: "tcp", socket: {} }, { type: "tcp", socket: { host: "h" } }],
      ...[{ type: "tcp", socket: { port: 5 } }, { type: "udp", socket: { host: "h", port: 65536 } }, { socket: null }],
      ...[
        { filters: [""] },
        { env_vars: ["bad"] },
        { mutator: "x y" },
        { timeout: 4294967295 },
        { runtime_assets: ["a b"] },
      ],
    ],
  },
  hooks: {
    good: { command: "ls", timeout: 5 },
    odd: [{ command: "" }, { command: "  " }, { timeout: 0 }, { runtime_assets: ["x y"] }],
  },
  mutators: {
    good: { command: "cat" },
    odd: [
      ...[
        { command: "" },
        { type: "x" },
        { type: "pipe" },
        { type: "javascript" },
        { type: "javascript", command: "", eval: "(" },
      ],
      ...[
        { type: "javascript", command: "", eval: "" },
        { eval: "x" },
        { command: "", eval: "x" },
        { env_vars: ["x"] },
      ],
    ],
  },
  pipelines: {
    good: workflow({}),
    odd: [
      ...[
        { workflows: null },
        { workflows: [] },
        { workflows: [{}] },
        { workflows: [{ name: "w" }] },
        workflow({ name: "a b" }),
      ],
      ...[
        workflow({ handler: {} }),
        workflow({ handler: { name: "h" } }),
        workflow({ handler: { name: "h", type: "Handler" } }),
      ],
      ...[
        workflow({ handler: reference("Nope") }),
        workflow({ handler: reference("Handler", "core/v3") }),
        workflow({ filters: [{}] }),
      ],
      ...[
        workflow({ filters: [reference("EventFilter")], mutator: reference("Mutator") }),
        workflow({ filters: [reference("Filter")] }),
      ],
      ...[workflow({ mutator: reference("X") }), workflow({ mutator: {} })],
    ],
  },
  roles: {
    good: { rules: [{ verbs: ["get"], resources: ["checks"] }] },
    odd: [
      ...[[], null, [{}], [{ verbs: [], resources: [] }], [{ verbs: ["get,list"], resources: ["checks,events"] }]].map(
        (rules) => ({ rules }),
      ),
      ...["nope", "GET", "*", "", "get, list"].map((verb) => ({ rules: [{ verbs: [verb], resources: ["checks"] }] })),
      { rules: [{ verbs: ["get"], resources: ["nope"], resource_names: ["a,b"] }] },
    ],
  },
  rolebindings: {
    good: { role_ref: { type: "Role", name: "r" }, subjects: [{ type: "User", name: "u" }] },
    odd: [
      ...[[], null, [{}], [{ type: "User" }], [{ type: "user", name: "x" }], [{ type: "Robot", name: "x" }]].map(
        (subjects) => ({ subjects }),
      ),
      ...[{}, null, { type: "Role" }, { name: "x" }].map((role_ref) => ({ role_ref })),
      ...["role", "clusterRole", "clusterrole", "X"].map((type) => ({ role_ref: { type, name: "x" } })),
    ],
  },
  clusterroles: {
    cluster: true,
    good: { rules: [{ verbs: ["get"], resources: ["checks"] }] },
    odd: [
      { rules: [] },
      { rules: [{ verbs: ["x"], resources: ["y"] }] },
      { metadata: { name: "odd", namespace: "default" } },
    ],
  },
  clusterrolebindings: {
    cluster: true,
    good: { role_ref: { type: "ClusterRole", name: "view" }, subjects: [{ type: "Group", name: "nobody" }] },
    odd: [{ subjects: [] }, { role_ref: { type: "Role", name: "x" } }, { role_ref: {} }],
  },
};

const NAMES = ["a.b-c_D9", "a:b", "a b", "a/b", "ä", "a%b", ":", "a:b:c", "*", "system:x", ":a", "a:", "x".repeat(300)];
const NOT_A_RESOURCE = ["", "null", "[]", "{}", "5", '"x"', "{", "{} {}", "x", '{"metadata":', "\u0000", '{"a":1,}'];

export function resourceCases(collection: string): readonly Case[] {
  const { cluster, good, odd } = KINDS[collection] as Kind;
  const base = cluster ? collection : `NS/${collection}`;
  const at = (name: string) => `${base}/${encodeURIComponent(name)}`;
  const meta = (name: string) => (cluster ? { name } : { name, namespace: "default" });
  const make = (name: string, more: object = {}) => ({ metadata: meta(name), ...good, ...more });
  const about = (name: string, more: object) => make(name, { metadata: { ...meta(name), ...more } });
  const invalid = own("A-148", 400);
  const typed = (type: string) => ({ headers: { "content-type": type } });
  return [
    ...[get(base), get(at("one")), post(base, make("one")), post(base, make("one")), get(at("one")), get(base)],
    ...[
      put(at("one"), make("one")),
      put(at("new"), make("new")),
      put(at("new"), make("other")),
      get(`${base}?types=X&limit=100`),
    ],
    ...[put(at("new"), make("new", { metadata: {} })), put(at("new"), make("new", { metadata: null }))],
    ...[
      post(base, make("z", { metadata: "x" })),
      post(base, make("z", { metadata: [] })),
      put(at("new"), about("new", { namespace: "no" })),
    ],
    ...[
      put(
        at("lab"),
        about("lab", { labels: { a: "b", Z: "", "x y": "<&>" }, annotations: { q: "r" }, created_by: "eve" }),
      ),
      get(at("lab")),
    ],
    ...[
      post(base, about("lab2", { labels: null, more: 1 })),
      get(at("lab2")),
      post(base, about("lab3", { labels: { a: 1 } })),
    ],
    ...(cluster ? [] : elsewhere(collection, good)),
    ...NOT_A_RESOURCE.flatMap((body) => [post(base, body), put(at("one"), body)]),
    ...[
      `${JSON.stringify(make("one"))}, more`,
      { type: "X", api_version: "core/v2", metadata: meta("w"), spec: good },
    ].map((body) => post(base, body)),
    ...NAMES.flatMap((name) => [put(at(name), make(name)), get(at(name))]),
    ...odd.flatMap((more, i) => [put(at(`odd${i}`), make(`odd${i}`, more)), get(at(`odd${i}`))]),
    ...[
      patch(at("one"), { metadata: { labels: { p: "q" } } }),
      get(at("one")),
      patch(at("one"), {}),
      patch(at("one"), "{"),
      patch(at("one"), ""),
    ],
    ...[patch(at("one"), null, invalid), patch(at("missing"), {}, own("A-148", 404)), patch(base, {})],
    ...[
      patch(at("one"), { metadata: { name: "zz" } }),
      patch(at("one"), { metadata: { name: 5 } }),
      patch(at("one"), { metadata: "x" }),
    ],
    ...[
      patch(at("one"), { metadata: { name: null } }),
      patch(at("one"), { metadata: { name: "" } }, own("A-148", 200)),
      patch(at("one"), { more: 5 }),
    ],
    ...["application/json", "application/json-patch+json", "text/plain", "x"].map((type) =>
      patch(at("one"), {}, typed(type)),
    ),
    patch(at("one"), {}, { headers: { "content-type": "" }, ...own("A-144", 200) }),
    patch(at("one"), {}, { ...typed("application/merge-patch+json; charset=utf-8"), ...own("A-144", 200) }),
    ...['"no"', "*", "garbage"].map((tag) =>
      patch(at("one"), {}, { headers: { "if-match": tag }, ...(tag === "*" ? {} : own("A-147", 412)) }),
    ),
    ...['"no"', 'W/"no", "x"'].map((tag) => patch(at("one"), {}, { headers: { "if-none-match": tag } })),
    ...[
      get(at("one"), { headers: { "if-none-match": "*" } }),
      put(at("one"), make("one"), { headers: { "if-match": '"no"' } }),
    ],
    ...["HEAD", "OPTIONS", "PROPFIND"]
      .flatMap((method) => [
        { method, path: base },
        { method, path: at("one") },
      ])
      .map((one) => (one.method === "HEAD" ? { ...one, ...own("A-13", 404) } : one)),
    ...[
      put(base, make("one")),
      remove(base),
      post(at("one"), make("one")),
      get(`${base}/`),
      get(`${at("one")}/`),
      get(`${at("one")}/x`),
    ],
    ...[
      "limit=2",
      "limit=0",
      "limit=x",
      "limit=1.5",
      "limit=",
      "limit=100",
      "limit=2&limit=1",
      "continue=",
      "a=%32",
      "LIMIT=1",
    ].map((query) => get(`${base}?${query}`)),
    get(`${base}?limit=-1`, own("A-105", 200)),
    get(`${base}?continue=%21%21`, own("A-106", 400)),
    ...["a=%zz", "a=b;c=d"].map((query) => get(`${base}?${query}`, own("A-16", 400))),
    ...[
      put(at("t1"), make("t1"), typed("text/plain")),
      put(at("t2"), make("t2"), { headers: { accept: "text/html" } }),
    ],
    ...["", "application/x-www-form-urlencoded"].map((type) =>
      put(at("t3"), make("t3"), { ...typed(type), ...own("A-15", 201) }),
    ),
    put(at("t4"), make("t4"), { ...typed("garbage;;"), ...own("A-15", 201) }),
    ...[remove(at("one")), remove(at("one")), get(at("one")), remove(at("missing"))],
  ];
}

/** In a namespace that is not there, and outside of namespaces. */
function elsewhere(collection: string, good: object): readonly Case[] {
  const ghost = `namespaces/ghost/${collection}`;
  const body = { metadata: { name: "one", namespace: "ghost" }, ...good };
  return [
    ...[post(ghost, body), put(`${ghost}/one`, body), get(ghost), get(`${ghost}/one`), remove(`${ghost}/one`)],
    ...[get(collection), get(`${collection}/one`), post(collection, body), put(`${collection}/one`, body)],
    patch(`${ghost}/one`, {}, own("A-148", 404)),
  ];
}
