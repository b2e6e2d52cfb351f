/** The original's agent with certificates: against our backend under mTLS (S-446 to S-450). */
import { writeFileSync } from "node:fs";
import path from "node:path";
import {
  Api,
  type Backend,
  originalCommand,
  type Program,
  startAgent,
  startBackend,
  TestCa,
  type TestPair,
  temporaryFolder,
  until,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = temporaryFolder();
/** Whom the agents trust, through the system's store alone (S-448). */
const publicRoot = TestCa.root({ cn: "Public root" });
const publicCa = publicRoot.intermediate({ cn: "Public CA" });
const privateCa = TestCa.root({ cn: "Agents CA" });
const roots = publicRoot.write(folder.path, "roots");
const trusted = privateCa.write(folder.path, "private-ca");
const server = publicCa.issueServer().write(folder.path, "server");
const crl = path.join(folder.path, "ca.crl");
const agents: Program[] = [];
let backend: Backend;
let api: Api;

beforeAll(async () => {
  writeFileSync(crl, privateCa.crl([]));
  backend = await startBackend({
    stateDir: path.join(folder.path, "state"),
    args: [
      ...["--agent-auth-cert-file", server.certFile, "--agent-auth-key-file", server.keyFile],
      ...["--agent-auth-trusted-ca-file", trusted, "--log-level", "info"],
      ...["--agent-auth-crl-urls", crl, "--agent-auth-crl-refresh-interval", "2s"],
    ],
  });
  api = await new Api(backend).login();
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

function agent(name: string, pair: TestPair | undefined, args: readonly string[] = []) {
  const files = pair?.write(folder.path, name);
  const program = startAgent(backend, {
    name,
    stateDir: path.join(folder.path, name),
    command: originalCommand("sensu-agent"),
    env: { SSL_CERT_FILE: roots, SSL_CERT_DIR: path.join(folder.path, "none") },
    args: [
      ...(files ? ["--cert-file", files.certFile, "--key-file", files.keyFile] : []),
      ...["--keepalive-interval", "1", "--disable-sockets", "--statsd-disable"],
      ...["--retry-min", "200ms", "--retry-max", "500ms", ...args],
    ],
  });
  agents.push(program);
  return program;
}

const NAMESPACE = "/api/core/v2/namespaces/default";
const connected = (name: string) =>
  until(`a keepalive of ${name}`, () => api.get(`${NAMESPACE}/events/${name}/keepalive`), 60_000);

test.each<[string, TestPair | undefined, RegExp]>([
  ["no certificate", undefined, /status 401: client certificate rejected: tls: client didn't provide a certificate/],
  [
    "another authority",
    TestCa.root({ cn: "Other CA" }).issue(),
    /status 401: client certificate rejected: tls: client didn't/,
  ],
  [
    "a namesake of the authority",
    TestCa.root({ cn: "Agents CA" }).issue(),
    /status 401: client certificate rejected: x509: certificate signed by unknown authority/,
  ],
  [
    "expired",
    privateCa.issue({ notAfter: new Date(Date.now() - 1000) }),
    /status 401: client certificate rejected: x509: certificate has expired/,
  ],
  [
    "for servers only",
    privateCa.issue({ usage: "server" }),
    /status 401: client certificate rejected: x509: certificate specifies an incompatible key usage/,
  ],
  [
    "no common name",
    privateCa.issue({ cn: "" }),
    /status 401: client certificate rejected: the certificate has no common name/,
  ],
])("refused with the reason in the agent's own log: %s", async (name, pair, line) => {
  const program = agent(name.replaceAll(" ", "-"), pair);
  await program.waitForLine(line, 60_000);
  await program.stop();
});

test("with the guide's certificate and through the system's store the agent works; a check runs", async () => {
  const program = agent("go-1", privateCa.issue({ cn: "agent", san: [""] }), ["--password", "wrong"]);
  await connected("go-1");
  await api.put(`${NAMESPACE}/checks/hello`, {
    metadata: { name: "hello", namespace: "default" },
    ...{ command: "echo hello", interval: 3600, publish: true, subscriptions: ["test"] },
  });
  await api.send("POST", `${NAMESPACE}/checks/hello/execute`, { check: "hello" });
  const event = await until("the result", () => api.get(`${NAMESPACE}/events/go-1/hello`), 60_000);
  expect(event.check.output).toBe("hello\n");
  await program.stop();
});

test("a revoked agent's session ends, and it is told why when it comes again", async () => {
  const pair = privateCa.issue({ cn: "gone" });
  const program = agent("go-2", pair);
  await connected("go-2");
  writeFileSync(crl, privateCa.crl([pair], { number: 2 }));
  await program.waitForLine(/status 401: client certificate rejected: certificate is revoked/, 60_000);
  await program.stop();
});

test("a name without rights is told 403", async () => {
  await api.send("POST", "/api/core/v2/users", { username: "powerless", password: "longpass1" });
  const program = agent("go-3", privateCa.issue({ cn: "powerless" }));
  await program.waitForLine(/handshake failed with status 403: Forbidden/, 60_000);
  await api.put("/api/core/v2/users/powerless/groups/system:agents", "");
  await connected("go-3");
  await program.stop();
});
