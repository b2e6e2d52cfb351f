/**
 * The original's agent and sensuctl against our backend over wss and https, with certificates from cfssl and from
 * sensu-pki, by password and by certificate (S-444, S-446).
 */
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import {
  ADMIN,
  Api,
  type Backend,
  bundleCommand,
  freePort,
  originalCommand,
  type Program,
  run,
  startAgent,
  startBackend,
  TestCa,
  temporaryFolder,
  until,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MATERIALS, type Material } from "../tls/materials.ts";
import { agentAuthArgs, type Files, pairArgs, prepareState, startCopy, writeCrl, writeFiles } from "../tls/world.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const NAMES = "localhost,127.0.0.1,::1,b1";
const [PKI = ""] = bundleCommand("sensu-pki");

/** Shell lines that leave ca.pem, b1.pem, b1-key.pem, agent.pem and agent-key.pem. */
const ISSUERS = {
  cfssl: `
cat > ca-config.json <<END
{"signing": {"default": {"expiry": "17520h", "usages": ["signing", "key encipherment", "client auth"]}, "profiles": {
  "backend": {"usages": ["signing", "key encipherment", "server auth", "client auth"], "expiry": "4320h"},
  "agent": {"usages": ["signing", "key encipherment", "client auth"], "expiry": "4320h"}}}}
END
echo '{"CN":"Compat CA","key":{"algo":"rsa","size":2048}}' | /usr/bin/cfssl gencert -initca - | /usr/bin/cfssljson -bare ca -
issue() {
  echo '{"CN":"'$1'","hosts":[""],"key":{"algo":"rsa","size":2048}}' |
    /usr/bin/cfssl gencert -config=ca-config.json -profile=$2 -ca=ca.pem -ca-key=ca-key.pem -hostname="$3" - |
    /usr/bin/cfssljson -bare $1
}
issue b1 backend "${NAMES}"
issue agent agent ""
`,
  "sensu-pki": `
export SENSU_PKI_DIR=$PWD
${PKI} init
${PKI} issue backend b1 --san "${NAMES}"
${PKI} issue agent
`,
};

async function startOriginalAgent(backend: Backend, name: string, args: readonly string[]): Promise<Program> {
  const [apiPort, socketPort] = await Promise.all([freePort(), freePort()]);
  return startAgent(backend, {
    name,
    stateDir: path.join(folder.path, name),
    command: originalCommand("sensu-agent"),
    args: ["--api-port", String(apiPort), "--socket-port", String(socketPort), "--statsd-disable", ...args],
  });
}

const NAMESPACE = "/api/core/v2/namespaces/default";
const keepaliveOf = (api: Api, name: string) =>
  until(`the keepalive of ${name}`, () => api.get(`${NAMESPACE}/events/${name}/keepalive`), 30_000);

describe.each(Object.keys(ISSUERS) as (keyof typeof ISSUERS)[])("certificates from %s", (issuer) => {
  const place = path.join(folder.path, issuer);
  const file = (name: string) => path.join(place, name);
  const pair = ["--cert-file", file("b1.pem"), "--key-file", file("b1-key.pem")];
  const agentAuth = [
    ...["--agent-auth-cert-file", file("b1.pem"), "--agent-auth-key-file", file("b1-key.pem")],
    ...["--agent-auth-trusted-ca-file", file("ca.pem")],
  ];
  const trust = ["--trusted-ca-file", file("ca.pem")];
  const certificate = ["--cert-file", file("agent.pem"), "--key-file", file("agent-key.pem")];
  const foreign = TestCa.root({ cn: "Another CA" }).issue();
  const backends: Backend[] = [];
  let byPassword: Backend;
  let byCertificate: Backend;
  let strict: Backend;
  let api: Api;
  let mtlsApi: Api;

  beforeAll(async () => {
    mkdirSync(place);
    const made = await run(["sh", "-ec", ISSUERS[issuer]], { cwd: place });
    expect(made).toMatchObject({ code: 0 });
    const start = async (name: string, args: readonly string[]) => {
      const backend = await startBackend({ stateDir: path.join(place, name), args });
      backends.push(backend);
      return backend;
    };
    byPassword = await start("password", pair);
    byCertificate = await start("certificate", [...pair, ...agentAuth]);
    strict = await start("strict", [...pair, ...agentAuth, "--agent-auth-strict-handshake"]);
    const ca = readFileSync(file("ca.pem"));
    api = await new Api(byPassword, { ca }).login();
    mtlsApi = await new Api(byCertificate, { ca }).login();
  });

  afterAll(async () => {
    await Promise.all(backends.map(({ program }) => program.stop()));
  });

  test("sensuctl signs in over https by the private CA, and not without it", async () => {
    const sensuctl = (name: string, ...args: string[]) =>
      run([...originalCommand("sensuctl"), ...args], { env: { HOME: file(name), XDG_CONFIG_HOME: file(name) } });
    const login = ["configure", "-n", "--url", byPassword.api, "--username", ADMIN.user, "--password", ADMIN.password];
    const refused = await sensuctl("without", ...login);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/x509: certificate signed by unknown authority/);
    expect(await sensuctl("with", ...login, ...trust)).toMatchObject({ code: 0 });
    const listed = await sensuctl("with", "namespace", "list", "--format", "json");
    expect(JSON.parse(listed.stdout)).toContainEqual({ name: "default" });
  });

  test("the agent connects over wss by password", async () => {
    await using agent = await startOriginalAgent(byPassword, `${issuer}-password`, trust);
    await agent.waitForLine(/using password auth/);
    await keepaliveOf(api, `${issuer}-password`);
  });

  test("the agent trusts no backend of an unknown CA", async () => {
    await using agent = await startOriginalAgent(byPassword, `${issuer}-untrusting`, []);
    await agent.waitForLine(/x509: certificate signed by unknown authority/);
  });

  test("an agent with a certificate has no credentials where passwords are asked", async () => {
    await using agent = await startOriginalAgent(byPassword, `${issuer}-mixed`, [...trust, ...certificate]);
    await agent.waitForLine(/handshake failed with status 401: missing credentials/);
  });

  test.each([
    ["by certificate", () => byCertificate, []],
    ["by certificate, whatever its password", () => byCertificate, ["--password", "wrong"]],
    ["by certificate in a strict handshake", () => strict, []],
  ] as const)("the agent connects %s", async (title, backend, more) => {
    const name = `${issuer} ${title}`.replace(/\W+/g, "-");
    await using agent = await startOriginalAgent(backend(), name, [...trust, ...certificate, ...more]);
    await agent.waitForLine(/using tls client auth/);
    await keepaliveOf(
      backend() === strict ? await new Api(strict, { rejectUnauthorized: false }).login() : mtlsApi,
      name,
    );
  });

  test("without a certificate the agent is refused, and its log says why", async () => {
    await using agent = await startOriginalAgent(byCertificate, `${issuer}-none`, trust);
    const reason = /client certificate rejected: tls: client didn't provide a certificate/;
    await agent.waitForLine(new RegExp(`handshake failed with status 401: ${reason.source}`));
    await byCertificate.program.waitForLine(/client didn't provide a certificate".*"source":"127\.0\.0\.1:\d+"/);
    expect(await mtlsApi.get(`${NAMESPACE}/entities/${issuer}-none`)).toBeUndefined();
  });

  test("with another CA's certificate the agent is refused", async () => {
    const { certFile, keyFile } = foreign.write(place, "foreign");
    const own = ["--cert-file", certFile, "--key-file", keyFile];
    await using agent = await startOriginalAgent(byCertificate, `${issuer}-foreign`, [...trust, ...own]);
    // Go sends no certificate whose issuer the server did not name (S-181).
    await agent.waitForLine(/handshake failed with status 401: client certificate rejected: /);
    expect(await mtlsApi.get(`${NAMESPACE}/entities/${issuer}-foreign`)).toBeUndefined();
  });

  test("in a strict handshake the agent gets the alert", async () => {
    await using agent = await startOriginalAgent(strict, `${issuer}-alert`, trust);
    await agent.waitForLine(/remote error: tls: (?:certificate required|bad certificate)/);
  });
});

describe("a strict handshake tells the original's agent what is wrong (S-181)", () => {
  let files: Files;
  let strict: Backend;
  beforeAll(async () => {
    files = writeFiles(folder.path);
    writeCrl(folder.path, 2, ["revoked"]);
    const template = await prepareState(folder.path);
    strict = await startCopy(template, "alerts", [
      ...[...pairArgs(files), ...agentAuthArgs(files)],
      "--agent-auth-strict-handshake",
    ]);
  });
  afterAll(() => strict.program.stop());

  test.each<[Material, string]>([
    ["expired", "expired certificate"],
    ["not yet valid", "expired certificate"],
    ["server usage", "unsupported certificate"],
    ["revoked", "revoked certificate"],
    ["forged CA", "unknown certificate authority"],
    // Go sends no certificate whose issuer the server did not name.
    ["wrong CA", "certificate required"],
    ["no name", "unknown certificate"],
    ["disabled user", "access denied"],
  ])("%s: %s", async (material, alert) => {
    const name = `alert-${material.replaceAll(" ", "-")}`;
    const { certFile, keyFile } = MATERIALS[material].write(folder.path, name);
    await using agent = await startOriginalAgent(strict, name, [
      ...["--trusted-ca-file", files.serverCaFile, "--cert-file", certFile, "--key-file", keyFile],
    ]);
    await agent.waitForLine(new RegExp(`remote error: tls: ${alert}"`));
  });
});
