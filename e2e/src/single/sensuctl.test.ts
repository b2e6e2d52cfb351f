/** sensuctl as people chain it: what one prints, the next one takes. */
import { ADMIN, type Backend, bundleCommand, run, startBackend, temporaryFolder } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = temporaryFolder();
const [command = ""] = bundleCommand("sensuctl");
const OK = { code: 0, stdout: "", stderr: "" };
let backend: Backend;

/** A line of the shell in which `sensuctl` is our bundle. */
function shell(line: string, input = "") {
  const env = { HOME: folder.path, SENSUCTL: command, SENSU_TIMEOUT: "10m" };
  return run(["sh", "-c", line.replaceAll("sensuctl", '"$SENSUCTL"')], { env, input, cwd: folder.path });
}

beforeAll(async () => {
  backend = await startBackend({ stateDir: folder.path });
  const login = `sensuctl configure -n --url ${backend.api} --username ${ADMIN.user} --password '${ADMIN.password}'`;
  expect(await shell(login)).toEqual(OK);
});

afterAll(async () => {
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

test.each(["yaml", "wrapped-json"])("a list in %s goes through a pipe into create", async (format) => {
  await shell("sensuctl check create piped -c true -s linux -i 60");
  // The reader is there long before the first byte: an empty pipe is not the end, nor an error.
  expect(await shell(`sensuctl check list --format ${format} | sensuctl create`)).toEqual(OK);
  expect(await shell(`sensuctl dump all --omit events,apikeys,users --format ${format} | sensuctl create`)).toEqual(OK);
  const { stdout } = await shell("sensuctl check info piped --format json");
  expect(JSON.parse(stdout)).toMatchObject({ metadata: { labels: { "sensu.io/managed_by": "sensuctl" } } });
});

test("resources that need no name in the file: the only one of its type, a silence, a user named by the metadata", async () => {
  const file = `type: TessenConfig
spec: {opt_out: false}
---
type: Silenced
spec: {subscription: linux, reason: night}
---
type: User
metadata: {name: eve}
spec: {password: P@ssw0rd!}
`;
  expect(await shell("sensuctl create", file)).toEqual(OK);
  expect((await shell("sensuctl tessen info --format yaml")).stdout).toContain("opt_out: false");
  expect((await shell("sensuctl silenced info 'linux:*'")).code).toBe(0);
  expect(await shell("sensuctl user test-creds eve -p 'P@ssw0rd!'")).toEqual(OK);
});

test("a filter that only newer engines can read is created with a warning (P-116)", async () => {
  expect(await shell("sensuctl filter create modern --action allow --expressions 'event.check?.status == 0'")).toEqual({
    code: 0,
    stdout: "Created\n",
    stderr: expect.stringMatching(/^Warning: EventFilter modern: expressions\[0\] is newer than ES5.*column 13\n$/),
  });
});

test("what cannot be parsed is told by number and line, and nothing is sent", async () => {
  const good =
    "type: CheckConfig\nmetadata: {name: unsent}\nspec: {command: x, interval: 1, subscriptions: [a]}\n---\n";
  expect(await shell("sensuctl create", `${good}type: Bogus\nspec: {}\n---\ntype: [\n`)).toEqual({
    code: 1,
    stdout: "",
    stderr: `resource 1: error parsing spec: api not found: "Bogus" in core/v2
resource 1: invalid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 9, column 1
Error: in stdin: some resources couldn't be parsed
`,
  });
  expect((await shell("sensuctl check info unsent")).code).toBe(1);
});

test.each(["configure", "check update piped", "silenced delete", "user create --interactive", "tessen opt-out"])(
  "%s without a terminal ends at once",
  async (words) => {
    const { code, stdout, stderr } = await shell(`sensuctl ${words}`);
    if (words === "tessen opt-out") expect({ code, stdout, stderr }).toEqual({ ...OK, stdout: "Canceled\n" });
    else {
      expect(stderr).toMatch(/^Error: EOF: there is no terminal to ask ".+" on; give arguments and flags instead\n$/);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    }
  },
);

test("auth can-i tells what you may do and what allows it (S-306)", async () => {
  const made = `sensuctl user create ann -p 'P@ssw0rd!'
sensuctl role create writer --verb get,update --resource checks --resource-name web
sensuctl role-binding create ann --role writer --user ann
sensuctl configure -n --config-dir ann --url ${backend.api} --username ann --password 'P@ssw0rd!'`;
  for (const line of made.split("\n")) expect(await shell(line)).toMatchObject({ code: 0, stderr: "" });
  const ann = async (words: string) => shell(`sensuctl auth can-i ${words} --config-dir ann`);
  const yes = "yes: RoleBinding ann in namespace default allows get,update on checks named web\n";
  expect(await ann("update checks web")).toEqual({ ...OK, stdout: yes });
  expect(await ann("update check web -n default")).toEqual({ ...OK, stdout: yes });
  const no = { code: 1, stdout: "no\n", stderr: "" };
  for (const words of ["update checks db", "update checks", "update checks web -n ''", "get checks web -n other"]) {
    expect([words, await ann(words)]).toEqual([words, no]);
  }
  expect(await ann("create users")).toEqual(no);
  expect(await ann("get users ann")).toEqual({
    ...OK,
    stdout: "yes: ClusterRoleBinding system:user allows get,update on localselfuser\n",
  });
  expect(JSON.parse((await shell("sensuctl auth can-i delete namespaces other --format json")).stdout)).toEqual({
    allowed: true,
    binding: { type: "ClusterRoleBinding", namespace: "", name: "cluster-admin" },
    rule: { verbs: ["*"], resources: ["*"], resource_names: null },
    reason: "",
  });
  expect(await ann("get chekcs")).toEqual({
    ...no,
    stderr: 'warning: there is no resource "chekcs": a rule about it grants nothing\n',
  });
  expect(await ann("grab checks")).toMatchObject({
    code: 1,
    stderr: 'Error: unknown verb "grab": use get, list, create, update or delete\n',
  });
});
