/** Certificates for people (S-486, SD-003-23): curl-like clients and sensuctl against ports that ask for one. */
import path from "node:path";
import {
  ADMIN,
  type Backend,
  bundleCommand,
  httpRequest,
  run,
  startAgent,
  startBackend,
  TestCa,
  type TestPair,
  temporaryFolder,
} from "@sensu-ts/testing";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

const DAY = 86_400_000;
const folder = temporaryFolder();
const servers = TestCa.root({ cn: "Servers CA" });
const people = TestCa.root({ cn: "People CA" });
const ada = people.issue({ cn: "ada" });
const basic = `Basic ${Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString("base64")}`;
let backend: Backend;
let caFile: string;

beforeAll(async () => {
  const { certFile, keyFile } = servers.issueServer().write(folder.path, "b1");
  caFile = servers.write(folder.path, "servers");
  const peopleFile = people.write(folder.path, "people");
  backend = await startBackend({
    stateDir: path.join(folder.path, "state"),
    args: [
      ...["--cert-file", certFile, "--key-file", keyFile, "--api-url", "https://localhost:8080"],
      ...["--api-auth-trusted-ca-file", peopleFile, "--dashboard-auth-trusted-ca-file", peopleFile],
      ...["--log-level", "info"],
    ],
  });
});
afterAll(async () => {
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

const tls = (pair?: TestPair) => ({ ca: servers.pem, ...(pair ? { cert: pair.chainPem, key: pair.keyPem } : {}) });

async function get(url: string, pair?: TestPair) {
  const { status, text } = await httpRequest(url, { headers: { authorization: basic }, tls: tls(pair) });
  return { status, text };
}

test.each<[string, TestPair | undefined, RegExp]>([
  ["no certificate", undefined, /didn't provide a certificate/],
  ["one of another authority", servers.issue({ cn: "ada" }), /signed by unknown authority/],
  [
    "an expired one",
    people.issue({ notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) }),
    /expired/,
  ],
  ["one for servers only", people.issue({ usage: "server" }), /key usage/],
])("%s is refused with the reason, health and the page included", async (_, pair, reason) => {
  for (const url of [`${backend.api}/auth`, `${backend.api}/health`, `${backend.api}/metrics`, `${backend.ui}/`]) {
    const { status, text } = await get(url, pair);
    expect(status).toBe(401);
    expect(text).toMatch(/^client certificate rejected: /);
    expect(text).toMatch(reason);
  }
});

test("SD-003-23 with a certificate the usual login is still asked for, and its name is logged, not used", async () => {
  expect((await get(`${backend.api}/auth`, ada)).status).toBe(200);
  expect((await get(`${backend.ui}/`, ada)).status).toBe(200);
  expect((await get(`${backend.api}/health`, ada)).status).toBe(200);
  const bare = await httpRequest(`${backend.api}/api/core/v2/namespaces`, { tls: tls(ada) });
  expect(bare.status).toBe(401);
  await backend.program.waitForLine(/"cn":"ada".*client certificate accepted|client certificate accepted.*"cn":"ada"/);
});

test("sensuctl needs its pair, and works with it after the login", async () => {
  const env = { XDG_CONFIG_HOME: path.join(folder.path, "home") };
  const login = ["configure", "-n", "--url", backend.api, "--username", ADMIN.user, "--password", ADMIN.password];
  const sensuctl = (...argv: string[]) => run([...bundleCommand("sensuctl"), ...argv], { env });
  const refused = await sensuctl(...login, "--trusted-ca-file", caFile);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("client certificate rejected: tls: client didn't provide a certificate");
  const { certFile, keyFile } = ada.write(folder.path, "ada");
  const configured = await sensuctl(
    ...login,
    "--trusted-ca-file",
    caFile,
    "--cert-file",
    certFile,
    "--key-file",
    keyFile,
  );
  expect(configured).toMatchObject({ code: 0, stderr: "" });
  expect(await sensuctl("namespace", "list", "--format", "json")).toMatchObject({ code: 0 });
});

test("a browser with the certificate signs in as usual, one without is told what is missing", async () => {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
  try {
    const { certFile: certPath, keyFile: keyPath } = ada.write(folder.path, "browser");
    const clientCertificates = [{ origin: backend.ui, certPath, keyPath }];
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true, clientCertificates })).newPage();
    await page.goto(backend.ui);
    await page.getByLabel("User").fill(ADMIN.user);
    await page.getByLabel("Password").fill(ADMIN.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Events", level: 1 }).waitFor();

    const bare = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    const answer = await bare.goto(backend.ui);
    expect(answer?.status()).toBe(401);
    await bare.getByText("client certificate rejected: tls: client didn't provide a certificate").waitFor();
  } finally {
    await browser.close();
  }
});

test("agents on the same pair are not asked for one", async () => {
  const agent = startAgent(backend, {
    name: "web-01",
    stateDir: folder.path,
    args: ["--trusted-ca-file", caFile],
  });
  await agent.waitForLine(/successfully connected/);
  await agent.stop();
});
