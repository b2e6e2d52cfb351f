/** Real backend, real agents, certificates instead of passwords: S-446 to S-450. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import {
  Api,
  type Backend,
  type Program,
  startAgent,
  startBackend,
  TestCa,
  type TestPair,
  temporaryFolder,
  until,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";

const folder = temporaryFolder();
/** Whom the agents trust: the public authority with its intermediate (S-448). */
const publicRoot = TestCa.root({ cn: "Public root" });
const publicCa = publicRoot.intermediate({ cn: "Public CA" });
const privateCa = TestCa.root({ cn: "Agents CA" });
const publicRoots = publicRoot.write(folder.path, "public-roots");
const privateFile = privateCa.write(folder.path, "private-ca");
const server = publicCa.issueServer().write(folder.path, "server");
const DAY = 86_400_000;

let crl = privateCa.crl([]);
const publisher = http.createServer((_, response) => response.end(crl));
let backend: Backend;
let api: Api;
const agents: Program[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => publisher.listen(0, "127.0.0.1", resolve));
  const port = (publisher.address() as { port: number }).port;
  backend = await startBackend({
    stateDir: path.join(folder.path, "state"),
    args: [
      ...["--agent-auth-cert-file", server.certFile, "--agent-auth-key-file", server.keyFile],
      ...["--agent-auth-trusted-ca-file", privateFile, "--log-level", "info"],
      ...["--agent-auth-crl-urls", `http://127.0.0.1:${port}/ca.crl`, "--agent-auth-crl-refresh-interval", "2s"],
    ],
  });
  api = await new Api(backend).login();
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await backend.program.stop();
  publisher.close();
  folder[Symbol.dispose]();
});

let pairs = 0;

/** An agent that trusts the system's roots, which are the public authority's alone, unless told otherwise. */
function agent(name: string, pair: TestPair | undefined, more: { args?: readonly string[] } = {}) {
  const files = pair?.write(folder.path, `agent-${pairs++}`);
  const program = startAgent(backend, {
    name,
    stateDir: path.join(folder.path, name),
    env: { SSL_CERT_FILE: publicRoots, SSL_CERT_DIR: path.join(folder.path, "none") },
    args: [
      ...(files ? ["--cert-file", files.certFile, "--key-file", files.keyFile] : []),
      ...["--keepalive-interval", "1", "--retry-min", "200ms", "--retry-max", "500ms"],
      ...(more.args ?? []),
    ],
  });
  agents.push(program);
  return { program, files };
}

/** A frame as agents send it, in JSON. */
function eventOf(namespace: string, check: string): string {
  const entity = { entity_class: "agent", metadata: { name: "forger", namespace } };
  const result = { metadata: { name: check, namespace }, interval: 60, status: 0, output: "" };
  return `event\n${JSON.stringify({ entity, check: result, timestamp: 1_700_000_000, metadata: { namespace } })}`;
}

/** Sends frames in a session of agent `forger`, and ends it. */
async function sentInSession(pair: TestPair, namespace: string, frames: readonly string[]): Promise<void> {
  const socket = new WebSocket(backend.agents, {
    headers: { "Sensu-AgentName": "forger", "Sensu-Namespace": namespace, Accept: "application/json" },
    ...{ ca: publicRoot.pem, cert: pair.chainPem, key: pair.keyPem },
  });
  await once(socket, "open");
  for (const frame of frames) socket.send(frame);
  const closed = once(socket, "close");
  socket.close();
  await closed;
}

const event = (entity: string, check: string, namespace = "default") =>
  api.get(`/api/core/v2/namespaces/${namespace}/events/${entity}/${check}`);
const connected = (name: string) => until(`a keepalive of ${name}`, () => event(name, "keepalive"));
const refused = (program: Program, reason: string) =>
  program.waitForLine(new RegExp(`handshake failed with status 401: client certificate rejected: ${reason}`));

test("with a certificate in, without or with another authority's out, and the reason on both sides (S-446)", async () => {
  const none = agent("none", undefined, { args: ["--password", "P@ssw0rd!"] });
  await refused(none.program, "tls: client didn't provide a certificate");
  const foreign = agent("foreign", TestCa.root({ cn: "Agents CA" }).issue());
  await refused(foreign.program, "x509: certificate signed by unknown authority");
  const line = await backend.program.waitForLine(/"agent":"foreign".*"msg":"client certificate rejected"/);
  expect(JSON.parse(line.input)).toMatchObject({
    ...{ component: "agentd", level: "error", common_name: "agent" },
    reason: "x509: certificate signed by unknown authority",
    source: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  });
  agent("right", privateCa.issue({ cn: "agent", san: [""] }), { args: ["--user", "agent", "--password", "wrong"] });
  await connected("right");
  await backend.program.waitForLine(/"agent":"right".*"msg":"using tls client auth".*/);
  for (const name of ["none", "foreign"]) {
    expect(await api.get(`/api/core/v2/namespaces/default/entities/${name}`)).toBeUndefined();
  }
  await Promise.all([none, foreign].map(({ program }) => program.stop()));
});

test("a server certificate without its intermediate is told as an unknown authority (S-448)", async () => {
  const truncated = publicCa.issueServer().write(folder.path, "truncated", { truncated: true });
  await using other = await startBackend({
    stateDir: path.join(folder.path, "state-2"),
    args: [
      ...["--agent-auth-cert-file", truncated.certFile, "--agent-auth-key-file", truncated.keyFile],
      ...["--agent-auth-trusted-ca-file", privateFile],
    ],
  }).then(({ program, agents: url }) => ({ url, [Symbol.asyncDispose]: async () => void (await program.stop()) }));
  const files = privateCa.issue().write(folder.path, "to-truncated");
  const program = startAgent(
    { agents: other.url },
    {
      name: "lost",
      stateDir: path.join(folder.path, "lost"),
      env: { SSL_CERT_FILE: publicRoots, SSL_CERT_DIR: path.join(folder.path, "none") },
      args: ["--cert-file", files.certFile, "--key-file", files.keyFile],
    },
  );
  await program.waitForLine(/x509: certificate signed by unknown authority/);
  await program.stop();
});

test("SD-002-25 revoked at the published list: this session ends with its cause, the other stays; no list, no change (S-449)", async () => {
  const [bad, good] = [privateCa.issue({ cn: "bad" }), privateCa.issue({ cn: "good" })];
  const leaving = agent("leaving", bad);
  const staying = agent("staying", good);
  await Promise.all([connected("leaving"), connected("staying")]);
  crl = privateCa.crl([bad], { number: 2 });
  await leaving.program.waitForLine(/client certificate rejected: certificate is revoked \(serial /);
  await refused(leaving.program, "certificate is revoked");
  crl = Buffer.from("gone");
  await backend.program.waitForLine(/error refreshing a revocation list, using the last copy/);
  const before = (await event("staying", "keepalive")).timestamp;
  await until("another keepalive", async () =>
    (await event("staying", "keepalive")).timestamp > before ? true : undefined,
  );
  expect(staying.program.lines.filter((line) => line.includes("successfully connected"))).toHaveLength(1);
  const late = agent("late", privateCa.issue({ cn: "late" }));
  await connected("late");
  await Promise.all([leaving, staying, late].map(({ program }) => program.stop()));
});

test("expired in flight: warned before, ended with its cause, told, and back with a new pair by itself (S-450)", async () => {
  const short = privateCa.issue({ cn: "short", notAfter: new Date(Date.now() + 15_000) });
  const { program, files } = agent("short", short);
  const warned = await until("agent-certificate", () => event("short", "agent-certificate"));
  expect(warned.check).toMatchObject({ status: 2, output: expect.stringContaining(`serial ${short.serial}`) });
  const logged = await backend.program.waitForLine(/"agent":"short".*agent's certificate is valid until /);
  expect(JSON.parse(logged.input)).toMatchObject({ level: "error", serial: short.serial });
  const health = (await api.get("/health")) as { AgentCertificates: { Status: string; Count: number }[] };
  expect(health.AgentCertificates).toContainEqual(expect.objectContaining({ Status: "critical", Count: 1 }));
  await program.waitForLine(/client certificate expired at /, 90_000);
  await refused(program, "x509: certificate has expired or is not yet valid");
  const told = await until("agent-tls-refused", () => event("short", "agent-tls-refused", "sensu-system"));
  expect(told.check.status).toBe(2);
  const fresh = privateCa.issue({ cn: "short", notAfter: new Date(Date.now() + 90 * DAY) });
  writeFileSync(files?.keyFile ?? "", fresh.keyPem);
  writeFileSync(files?.certFile ?? "", fresh.chainPem);
  await until("both events resolved", async () => {
    const [own, system] = await Promise.all([
      event("short", "agent-certificate"),
      event("short", "agent-tls-refused", "sensu-system"),
    ]);
    return own.check.status === 0 && system.check.status === 0 ? true : undefined;
  });
  await program.stop();
}, 180_000);

test("SD-002-26 without the common binding a certificate is confined to what its name may (S-447)", async () => {
  await api.send("DELETE", "/api/core/v2/clusterrolebindings/system:agent");
  await api.put("/api/core/v2/namespaces/default/roles/send", {
    rules: [{ verbs: ["create"], resources: ["events"] }],
    metadata: { name: "send", namespace: "default" },
  });
  await api.put("/api/core/v2/namespaces/default/rolebindings/send", {
    subjects: [{ type: "User", name: "web-agent" }],
    role_ref: { type: "Role", name: "send" },
    metadata: { name: "send", namespace: "default" },
  });
  await api.put("/api/core/v2/namespaces/other", { name: "other" });
  const unbound = agent("unbound", privateCa.issue({ cn: "agent" }));
  await unbound.program.waitForLine(/handshake failed with status 403: Forbidden/);
  const bound = agent("bound", privateCa.issue({ cn: "web-agent" }));
  await connected("bound");
  const elsewhere = agent("elsewhere", privateCa.issue({ cn: "web-agent" }), { args: ["--namespace", "other"] });
  await elsewhere.program.waitForLine(/handshake failed with status 403: Forbidden/);
  const line = await backend.program.waitForLine(/"agent":"elsewhere".*"msg":"agent refused: Forbidden"/);
  expect(JSON.parse(line.input)).toMatchObject({ user: "web-agent", groups: ["system:agents"], namespace: "other" });
  // A program with the agent's pair that says, in a session of default, its entity were of the other namespace.
  await sentInSession(privateCa.issue({ cn: "web-agent" }), "default", [
    eventOf("other", "stray"),
    eventOf("default", "proper"),
  ]);
  await until("the event of the session's own namespace", () => event("forger", "proper"));
  const dropped = await backend.program.waitForLine(/"agent":"forger".*"msg":"error handling message"/);
  expect(JSON.parse(dropped.input)).toMatchObject({ namespace: "default", error: expect.stringContaining("other") });
  expect(await event("forger", "stray", "other")).toBeUndefined();
  expect(await event("forger", "stray")).toBeUndefined();
  // A user of that name takes the common group away, and its being disabled everything.
  await api.send("POST", "/api/core/v2/users", { username: "web-agent", password: "longpass1" });
  await api.send("DELETE", "/api/core/v2/users/web-agent");
  await bound.program.waitForLine(/user web-agent is gone or disabled/);
  await refused(bound.program, "user web-agent is disabled");
  await Promise.all([unbound, bound, elsewhere].map(({ program }) => program.stop()));
});
