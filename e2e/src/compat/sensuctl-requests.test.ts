/** What our sensuctl and the original's ask of the API: the same words give the same requests. No backend is needed. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { bundleCommand, originalCommand, run, temporaryFolder } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = temporaryFolder();
let server: Server;
let url: string;
let seen: string[] = [];

const META = { name: "c", namespace: "default" };
/** Enough of a check, an event and a cluster's member for either client. */
const ANSWER = JSON.stringify({
  metadata: META,
  interval: 60,
  check: { metadata: META },
  entity: { metadata: META },
});
const SILENCE = JSON.stringify({ metadata: META });

/** Null, an empty list and an absent field are the same to both backends; so are fields that only newer ones know. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "number" && Math.abs(value - Date.now() / 1000) < 600) return "now";
  if (typeof value === "string") return value.replace(/^\$2a\$10\$.{53}$/, "hash");
  if (typeof value !== "object" || value === null) return value;
  const newer = ["fallback_pipeline", "default_silenced_expiry", "max_silenced_expiry_allowed"];
  const entries = Object.entries(value).filter(
    ([key, item]) => item !== null && !(Array.isArray(item) && item.length === 0) && !newer.includes(key),
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, plain(item)]));
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { accept, authorization, "content-type": type } = request.headers;
      const path = new URL(request.url ?? "", "http://x");
      path.searchParams.sort();
      const asked = request.url?.includes("?") ? `${path.pathname}${path.search}` : request.url;
      const sent = body === "" ? "" : JSON.stringify(plain(JSON.parse(body)));
      seen.push(`${request.method} ${asked} [${accept}, ${type}, ${authorization}] ${sent}`);
      const list =
        /\/(apikeys|checks|events|silenced|users|namespaces|handlers)(\?|$)|\/silenced\/(subscriptions|checks)\//;
      const one = request.url?.includes("/silenced/") ? SILENCE : ANSWER;
      response.end(request.method === "GET" && list.test(request.url ?? "") ? "[]" : one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  folder[Symbol.dispose]();
});

async function requests(command: readonly string[], line: string, input: string) {
  seen = [];
  // Through cat: the original takes standard input only from a pipe, and a child of Node has a socket.
  const env = {
    HOME: folder.path,
    SENSUCTL: command[0] ?? "",
    SENSU_API_URL: url,
    SENSU_API_KEY: "key",
    SENSU_TIMEOUT: "10m",
  };
  const { code } = await run(["sh", "-c", `cat | "$SENSUCTL" ${line}`], { env, input });
  return { code, seen };
}

async function same(line: string, input = ""): Promise<void> {
  const original = await requests(originalCommand("sensuctl"), line, input);
  expect(await requests(bundleCommand("sensuctl"), line, input), line).toEqual(original);
}

test.each(
  `check list
check list --namespace 'a b' --chunk-size 5 --field-selector 'a == b && c in [d]' --label-selector 'x != "y"'
check list --all-namespaces
check info 'a b/c:d*~+,;@'
check create c -c 'echo <x> & y' -s 'a , b' --cron '*/5 * * * *' -t 5 --ttl 100 --handlers 'h1, h2' -r sensu/cpu --high-flap-threshold 60 --low-flap-threshold 20 --output-metric-format nagios_perfdata --round-robin
check create c -c x -s a -i abc
check set-interval c 5
check set-ttl c 9223372036854775807
check set-ttl c 9223372036854775808
check set-hooks c -t non-zero -k 'a, b'
check set-hooks c -t 256 -k a
check remove-hook c non-zero 'a b'
check remove-proxy-requests c
check execute c -r why -s 'a, b'
check delete c --skip-confirm
check delete c
entity create e -c proxy -s a,b
handler create h -t tcp --socket-host 1.2.3.4 --socket-port 99 --filters f -m m -i 5
handler create h -t set --handlers 'a, b'
handler create h --command cat --env-vars 'A=1,B=2'
hook create h -c ps -t 5 -s
mutator create m -c cat -t 5
filter create f -a allow -s 'a == 1, b'
asset create a -u http://h/x.tgz --sha512 ${"0".repeat(128)} --filter 'a,b' --filter c
namespace create n
role create r -v get,list -v create -r checks -n a,b
cluster-role create r -v '*' -r '*'
role-binding create b -c view -r r -u al,bo -g g
cluster-role-binding create b -c view -u al
user create u -p P@ssw0rd! -g 'a, b'
user disable u --skip-confirm
user reinstate 'a b'
user add-group u 'a b'
user set-groups u 'a, b'
user remove-groups u
user change-password u -c old -p P@ssw0rd!
user reset-password u -p P@ssw0rd!
user test-creds u -p secret
api-key grant u
api-key revoke k --skip-confirm
api-key list --all-namespaces
silenced create -s s -c c -r why -b '2030-01-02 15:04:05 -07:00' -e 3600 -x
silenced create -s s -r why -b 'Jan 02 2030 3:04PM America/New_York'
silenced create -s s -r why -b 'Jan 02 2030 13:04PM UTC'
silenced create -s s -r why -e 5m
silenced list -s 'a b' --chunk-size 2
silenced list -c c --all-namespaces
silenced list -s s -c c
silenced info -s s
silenced delete -c c --skip-confirm
event resolve c c
event delete 'a b' c --skip-confirm
tessen opt-out --skip-confirm
cluster id
cluster member-update FF http://a:1
cluster member-remove ff
dump checks,handlers,checks --omit handlers
dump silenced --all-namespaces`.split("\n"),
)("%s", (line) => same(line));

test.each([
  "type: TessenConfig\nspec: {opt_out: true}\n",
  "type: User\nmetadata: {name: a}\nspec: {username: b, password: x}\n",
  "type: Namespace\nmetadata: {name: a}\nspec: {name: b}\n",
  "type: Silenced\nspec: {subscription: s}\n",
  "type: Silenced\nmetadata: {name: 'p:q'}\nspec: {check: c}\n",
  "type: CheckConfig\nspec: {command: x}\n",
  "type: Asset\nmetadata: {name: 'a/b c'}\nspec: {}\n",
  "type: Event\nspec: {entity: {metadata: {name: e}}, check: {metadata: {name: c}}}\n",
  "type: EntityConfig\napi_version: core/v3\nspec: {metadata: {name: e, labels: {sensu.io/managed_by: sensu-agent}}}\n",
  "type: check_config\nmetadata: {name: a, labels: {x: out}}\nspec: {metadata: {name: b, labels: {x: in, z: in}}, interval: 5}\n",
  '{"type":"Handler","metadata":{"name":"a"},"spec":{"type":"set"}}{"type":"Handler","metadata":{"name":"b"},"spec":{"bogus":1}}',
  "type: Namespace\nspec: {name: a}\n---\ntype: Bogus\nspec: {}\n",
])("create and delete with %j", async (text) => {
  await same("create", text);
  await same("create --namespace other", text);
  await same("delete", text);
});
