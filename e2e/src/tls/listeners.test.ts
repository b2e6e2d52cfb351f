import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import tls from "node:tls";
import {
  Api,
  type Backend,
  bundleCommand,
  Program,
  run,
  startAgent,
  startBackend,
  TestCa,
  type TestPair,
  temporaryFolder,
  until,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const DAY = 86_400_000;
const folder = temporaryFolder();
const ca = TestCa.root();
const caFile = ca.write(folder.path);
const issue = (days: number) =>
  ca.issueServer({ san: ["localhost", "127.0.0.1"], notAfter: new Date(Date.now() + days * DAY) });
const first = issue(20);
const second = issue(80);

/** What certbot leaves: `live/d` with links into `archive/d`. */
const live = path.join(folder.path, "live/d");
const archive = path.join(folder.path, "archive/d");
const certFile = path.join(live, "fullchain.pem");
const keyFile = path.join(live, "privkey.pem");

function put(generation: number, pair: TestPair): void {
  writeFileSync(path.join(archive, `fullchain${generation}.pem`), pair.chainPem);
  writeFileSync(path.join(archive, `privkey${generation}.pem`), pair.keyPem, { mode: 0o600 });
}
function point(name: string, generation: number): void {
  const link = path.join(live, `${name}.pem`);
  symlinkSync(`../../archive/d/${name}${generation}.pem`, `${link}.new`);
  renameSync(`${link}.new`, link);
}

let backend: Backend;
let agent: Program;
let api: Api;

beforeAll(async () => {
  for (const one of [live, archive]) mkdirSync(one, { recursive: true });
  put(1, first);
  point("fullchain", 1);
  point("privkey", 1);
  const args = ["--cert-file", certFile, "--key-file", keyFile, "--api-url", "https://localhost:8080"];
  backend = await startBackend({ stateDir: folder.path, args });
  api = await new Api(backend, { ca: ca.pem }).login();
  agent = startAgent(backend, { name: "web-1", stateDir: folder.path, args: ["--trusted-ca-file", caFile] });
});
afterAll(async () => {
  await agent?.stop();
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

const ports = () =>
  [backend.api, backend.agents, backend.ui].map((url) => Number(new URL(url.replace(/^ws/, "http")).port));

/** Serial of the certificate that a new connection meets. */
function serialOn(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: "127.0.0.1", port, ca: ca.pem }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

test("all three listeners speak TLS 1.2 and 1.3, and nothing else (S-444)", async () => {
  for (const port of ports()) {
    for (const [version, accepted] of [
      ["tls1_1", false],
      ["tls1_2", true],
      ["tls1_3", true],
    ] as const) {
      const target = ["-connect", `127.0.0.1:${port}`, "-CAfile", caFile, "-verify_return_error"];
      // Old protocols are switched off in OpenSSL itself at its default security level.
      const { code } = await run(["openssl", "s_client", ...target, `-${version}`, "-cipher", "DEFAULT@SECLEVEL=0"]);
      expect([port, version, code === 0]).toEqual([port, version, accepted]);
    }
    await backend.program.waitForLine(/TLS handshake error .*client offered only unsupported versions/);
    const plain = await run(["curl", "-s", "-w", "%{http_code}", `http://127.0.0.1:${port}/health`]);
    expect(plain.stdout).toBe("Client sent an HTTP request to an HTTPS server.\n400");
  }
});

test("curl refuses without the CA, and trusts with it (S-444)", async () => {
  for (const url of [`${backend.api}/health`, `${backend.api}/version`]) {
    expect((await run(["curl", "-s", url])).code).toBe(60);
    expect((await run(["curl", "-sf", "--cacert", caFile, url])).code).toBe(0);
  }
  const page = ["-sf", "-A", "browser", `${backend.ui}/`];
  expect((await run(["curl", ...page])).code).toBe(60);
  expect((await run(["curl", "--cacert", caFile, ...page])).code).toBe(0);
});

test("an agent with trusted-ca-file connects, and its keepalive arrives (S-444)", async () => {
  await agent.waitForLine(/using password auth/);
  await until("a keepalive", () => api.get("/api/core/v2/namespaces/default/events/web-1/keepalive"));
});

test("an agent that does not trust the CA says why and what to do; sensuctl likewise (S-411, S-416)", async () => {
  await using stranger = startAgent(backend, { name: "web-2", stateDir: path.join(folder.path, "web-2") });
  const text = /x509: certificate signed by unknown authority \[issuer \\"CN=Test CA\\" .*set trusted-ca-file/;
  await stranger.waitForLine(text);
  const configure = ["configure", "-n", "--url", backend.api, "--username", "admin", "--password", "test-P@ssw0rd!"];
  const env = { XDG_CONFIG_HOME: path.join(folder.path, "ctl") };
  const { code, stderr } = await run([...bundleCommand("sensuctl"), ...configure], { env });
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/x509: certificate signed by unknown authority \[issuer "CN=Test CA"/);
});

test("a certificate that ends in 20 days is told in log, metric, health and event (S-103)", async () => {
  await backend.program.waitForLine(/cert-file .*fullchain\.pem: certificate CN=localhost.* 19 days left/);
  const { body } = await api.send("GET", "/metrics");
  const until20 = Math.floor(first.certificate.notAfter.getTime() / 1000);
  expect(String(body)).toContain(
    `sensu_go_tls_certificate_not_after_seconds{option="cert-file",path="${certFile}",cn="localhost",serial="${first.serial}"} ${until20}`,
  );
  expect((await api.get("/health")).Certificates).toMatchObject([{ Option: "cert-file", Healthy: false }]);
  const [event] = await until("the event", async () => {
    const events = await api.get("/api/core/v2/namespaces/sensu-system/events");
    const found = events.filter(
      (one: { check: { metadata: { name: string } } }) => one.check.metadata.name === "certificates",
    );
    return found.length > 0 ? found : undefined;
  });
  expect(event.check.status).toBe(1);
  expect(event.entity.entity_class).toBe("backend");
});

test("a renewed pair whose links change one after the other is served by all listeners, without a restart (S-451)", async () => {
  const { pid } = backend.program;
  put(2, second);
  point("privkey", 2);
  await backend.program.waitForLine(/cert-file not reloaded, the present pair stays: .*private key does not match/);
  for (const port of ports()) expect(await serialOn(port)).toBe(first.serial);
  point("fullchain", 2);
  await backend.program.waitForLine(/cert-file reloaded/, 12_000);
  for (const port of ports()) expect(await serialOn(port)).toBe(second.serial);
  expect(backend.program.lines.filter((line) => /not reloaded/.test(line))).toHaveLength(1);
  expect(backend.program.pid).toBe(pid);
  // The session from before the renewal is still the one.
  expect(agent.lines.filter((line) => /using password auth/.test(line))).toHaveLength(1);
  expect((await api.get("/health")).Certificates).toMatchObject([{ Serial: second.serial, Healthy: true }]);
});

test("SIGHUP takes a new pair at once, and says so with both dates (S-163)", async () => {
  const third = issue(40);
  put(2, third);
  backend.program.signal("SIGHUP");
  const date = (pair: TestPair) => `${pair.certificate.notAfter.toISOString().slice(0, 19)}Z`;
  await backend.program.waitForLine(
    new RegExp(`cert-file reloaded.*"new_not_after":"${date(third)}","old_not_after":"${date(second)}"`),
    5000,
  );
  expect(await serialOn(ports()[0] as number)).toBe(third.serial);
});

/** How a backend that must not start ends. */
async function refused(...args: string[]) {
  using state = temporaryFolder();
  const loopback = ["--api-listen-address", "127.0.0.1:0", "--agent-host", "127.0.0.1", "--agent-port", "0"];
  const began = performance.now();
  const command = [...bundleCommand("sensu-backend"), "start", "--state-dir", state.path, ...loopback];
  const program = new Program([...command, "--dashboard-host", "127.0.0.1", "--dashboard-port", "0", ...args]);
  const { code } = await program.exited;
  return { code, seconds: (performance.now() - began) / 1000, text: program.lines.join("\n") };
}

test.each([
  [["--cert-file", certFile], "tls configuration error, both flags --cert-file & --key-file are required"],
  [["--dashboard-cert-file", certFile], "both flags --dashboard-cert-file and --dashboard-key-file are required"],
  [["--dashboard-key-file", keyFile], "both flags --dashboard-cert-file and --dashboard-key-file are required"],
  [["--cert-file", caFile, "--key-file", keyFile], "tls: private key does not match public key"],
  [["--cert-file", "/none.pem", "--key-file", keyFile], "open /none.pem: no such file or directory"],
  [["--etcd-cert-file", caFile, "--etcd-key-file", keyFile], "etcd-cert-file: Error loading tls server certificate"],
])("%j: no start, exit 1 in time, with the reason (S-445, SD-001-23)", async (args, reason) => {
  const { code, seconds, text } = await refused(...args);
  expect([code, text]).toEqual([1, expect.stringContaining(reason)]);
  expect(seconds).toBeLessThan(5);
});

test("SD-001-23 the page alone under TLS, the api-url of a plaintext API https: a warning, and everything works (S-120, S-445)", async () => {
  using state = temporaryFolder();
  const pair = issue(90).write(folder.path, "page");
  const args = ["--dashboard-cert-file", pair.certFile, "--dashboard-key-file", pair.keyFile];
  const mixed = await startBackend({ stateDir: state.path, args: [...args, "--api-url", "https://b1.test:8080"] });
  try {
    await mixed.program.waitForLine(/api-url https:\/\/b1\.test:8080 is https, but without cert-file/);
    await new Api(mixed).login();
    const login = ["-sf", "-A", "browser", "--cacert", caFile, "-u", "admin:test-P@ssw0rd!", `${mixed.ui}/auth`];
    expect((await run(["curl", ...login])).stdout).toContain("access_token");
  } finally {
    await mixed.program.stop();
  }
});
