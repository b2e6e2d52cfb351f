/** The certificate view in a real browser against a backend under TLS (U-325 to U-329). */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  ADMIN,
  Api,
  type Backend,
  bundleCommand,
  run,
  startAgent,
  startBackend,
  TestCa,
  temporaryFolder,
} from "@sensu-ts/testing";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

const DAY = 86_400_000;
const folder = temporaryFolder();
const inDays = (days: number) => new Date(Date.now() + days * DAY);
const ca = TestCa.root({ cn: "House CA", notAfter: inDays(300) });
const agentsCa = TestCa.root({ cn: "Agents CA", notAfter: inDays(300) });
const served = ca.issueServer({ cn: "b1.test", notAfter: inDays(5.5) });
let backend: Backend;
let api: Api;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What the console must never say: errors, refusals of the content policy. */
let complaints: string[] = [];
let files: { certFile: string; keyFile: string };

beforeAll(async () => {
  files = served.write(folder.path, "b1");
  const toAgents = ca.issueServer({ cn: "agents.test", notAfter: inDays(200) }).write(folder.path, "to-agents");
  const caFile = path.join(folder.path, "cas.pem");
  writeFileSync(caFile, ca.pem + TestCa.root({ notAfter: inDays(80) }).pem);
  backend = await startBackend({
    stateDir: path.join(folder.path, "state"),
    args: [
      ...["--cert-file", files.certFile, "--key-file", files.keyFile, "--trusted-ca-file", caFile],
      ...["--api-url", "https://localhost:8080"],
      ...["--agent-auth-cert-file", toAgents.certFile, "--agent-auth-key-file", toAgents.keyFile],
      ...["--agent-auth-trusted-ca-file", agentsCa.write(folder.path, "agents-ca")],
    ],
  });
  api = await new Api(backend, { ca: ca.pem }).login();
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
});

afterAll(async () => {
  await browser?.close();
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

async function signIn(user: string, at: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<void> {
  complaints = [];
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ignoreHTTPSErrors: true, ...options });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(backend.ui + at);
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1 }).first().waitFor();
}

const listener = () => group("Under 7 days").locator("summary").filter({ hasText: "b1.test" });
const group = (title: string) => page.getByRole("region", { name: title });

test("a listener's certificate with days to go is in the banner, in its group, and open to the keyboard", async () => {
  await signIn(ADMIN.user, "/");
  await page.getByRole("status").filter({ hasText: "A certificate ends soon: b1.test, 5 days left" }).waitFor();
  await page.locator("body").press("g");
  await page.locator("body").press("t");
  await group("Under 7 days").getByText("b1.test", { exact: true }).waitFor();
  // The agents' listener and three authorities.
  expect(await group("Later").locator("summary").count()).toBe(4);

  await group("Under 7 days").locator("summary").focus();
  await page.keyboard.press("Enter");
  const body = group("Under 7 days").locator(".certificate-body");
  await body.getByText(served.serial).waitFor();
  expect(await body.textContent()).toContain(files.certFile);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    body.getByRole("button", { name: "Download PEM" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("b1.test.pem");
  const saved = readFileSync(await download.path(), "utf8");
  expect(saved).toContain(served.pem.trim());
  expect(saved).not.toContain("PRIVATE KEY");
});

test("an agent with five days to go appears while one looks, and its entity tells of its session (U-329, S-418)", async () => {
  await signIn(ADMIN.user, "/certificates");
  await group("Later").waitFor();
  const pair = agentsCa.issue({ cn: "web-01-user", notAfter: inDays(5.2) });
  const shown = pair.write(folder.path, "web-01");
  const agent = startAgent(backend, {
    name: "web-01",
    stateDir: folder.path,
    args: [
      ...["--trusted-ca-file", ca.write(folder.path, "house")],
      ...["--cert-file", shown.certFile, "--key-file", shown.keyFile],
    ],
  });
  try {
    await group("Under 7 days").getByText("web-01-user", { exact: true }).waitFor({ timeout: 10_000 });
    await group("Under 7 days").getByText("default / web-01").waitFor();
    await page.goto(`${backend.ui}/n/default/entities/web-01`);
    const session = page.locator("section").filter({ has: page.getByRole("heading", { name: "Session" }) });
    await session.getByText(pair.serial).waitFor();
    expect(await session.textContent()).toMatch(/Usercertificate|Userweb-01-user/);
    expect(await session.textContent()).toContain("TLSv1.3");
    const certificates = page.locator("section").filter({ has: page.getByRole("heading", { name: "Certificates" }) });
    await certificates.getByText("5 days left").waitFor();

    const sensuctl = [
      ...bundleCommand("sensuctl"),
      "--api-url",
      backend.api,
      "--trusted-ca-file",
      path.join(folder.path, "house.pem"),
    ];
    const home = { XDG_CONFIG_HOME: path.join(folder.path, "home") };
    const login = ["configure", "-n", "--url", backend.api, "--username", ADMIN.user, "--password", ADMIN.password];
    expect(await run([...sensuctl, ...login], { env: home })).toMatchObject({ code: 0 });
    const { stdout } = await run([...sensuctl, "agent-session", "list", "--format", "json"], { env: home });
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        ...{ namespace: "default", entity: "web-01", user: "web-01-user", method: "certificate" },
        ...{ subject: "CN=web-01-user", serial: pair.serial, tls_version: "TLSv1.3" },
        not_after: Math.floor(pair.certificate.notAfter.getTime() / 1000),
      }),
    ]);
    const health = await run([...sensuctl, "cluster", "health"], { env: home });
    expect(health.stderr).toMatch(/^warning: cert-file: certificate b1\.test .* in 5 days$/m);
  } finally {
    await agent.stop();
  }
});

test("what a labelled check measures is shown beside them, and opens its entity's page (U-324)", async () => {
  const left = (days: number) => ({
    name: "cert_days_left",
    value: days,
    tags: [{ name: "host", value: "shop.test" }],
  });
  const measured = (check: string, days: number, labels: Record<string, string>) =>
    api.send("POST", "/api/core/v2/namespaces/default/events", {
      entity: { entity_class: "proxy", metadata: { name: "shop", namespace: "default" } },
      check: { interval: 60, metadata: { name: check, namespace: "default", labels } },
      metrics: { points: [left(days)] },
    });
  expect((await measured("tls", 9, { "io.sensu.ui/certificate": "true" })).status).toBe(201);
  expect((await measured("other", 3, {})).status).toBe(201);
  await signIn(ADMIN.user, "/certificates?role=check");
  const row = group("Under 14 days").locator("summary").filter({ hasText: "shop, host=shop.test" });
  await row.getByText("default / shop / tls").waitFor();
  expect(await page.locator(".certificate").count()).toBe(1);
  await row.click();
  const link = page.getByRole("link", { name: "shop", exact: true });
  expect(await link.getAttribute("href")).toBe("/n/default/entities/shop");
  await page.goto(`${backend.ui}/n/default/entities/shop`);
  await page.getByRole("heading", { name: "Certificates" }).waitFor();
  await page.getByText("8 days left").or(page.getByText("9 days left")).waitFor();
  await api.send("DELETE", "/api/core/v2/namespaces/default/events/shop/tls");
});

test("GlobalConfig moves the banner's beginning and the events of certificates (U-328)", async () => {
  await api.put("/api/core/v2/namespaces/ops", { name: "ops" });
  const config = "/api/enterprise/web/v1/config/page";
  await api.put(config, {
    ...{ type: "GlobalConfig", api_version: "web/v1", metadata: { name: "page" } },
    spec: { extensions: { certificate_expiry_reminder: "24h", certificate_events: { namespace: "ops" } } },
  });
  // Certificates are looked at now, not with the next turn.
  backend.program.signal("SIGHUP");
  await signIn(ADMIN.user, "/certificates");
  await listener().waitFor();
  expect(await page.getByRole("status").filter({ hasText: "ends soon" }).count()).toBe(0);
  const event = (namespace: string) => `/api/core/v2/namespaces/${namespace}/events`;
  type Stored = { check: { metadata: { name: string }; status: number; output: string } };
  const certificates = async (namespace: string) =>
    ((await api.get(event(namespace))) as Stored[]).find(({ check }) => check.metadata.name === "certificates")?.check;
  await expect.poll(() => certificates("ops"), { timeout: 40_000 }).toMatchObject({ status: 2 });
  await expect
    .poll(() => certificates("sensu-system"), { timeout: 10_000 })
    .toMatchObject({ status: 0, output: "told in namespace ops from now on\n" });
  await api.send("DELETE", config);
});

test("filters, the calendar and the tree narrow and order what is shown, and live in the address", async () => {
  await signIn(ADMIN.user, "/certificates?role=ca");
  await group("Later").getByText("Agents CA", { exact: true }).waitFor();
  expect(await page.getByText("b1.test", { exact: true }).count()).toBe(0);
  // Two authorities end on one day.
  await page.locator(".calendar-days i.many").getByText("2").waitFor();
  await page.getByRole("button", { name: /2 certificates end/ }).click();
  expect(await page.locator(".certificate").count()).toBe(2);
  expect(new URL(page.url()).search).toMatch(/role=ca&month=20\d\d-\d\d/);

  await page.goto(`${backend.ui}/certificates?view=tree`);
  const house = page.locator(".certificate-tree > li").filter({ hasText: "House CA" });
  await house.locator(".certificate-tree").getByText("b1.test", { exact: true }).waitFor();
});

test("a renewed file that is not in use shows both dates and what is wrong", async () => {
  const renewed = ca.issueServer({ cn: "b1.test", notAfter: inDays(60) });
  writeFileSync(files.certFile, renewed.pem);
  await signIn(ADMIN.user, "/certificates");
  await group("Under 7 days").getByText("that is not in use yet").waitFor();
  await listener().click();
  const body = group("Under 7 days").locator(".certificate-body");
  await body.getByText("the key file does not belong to the certificate file").waitFor();
  await body.getByText(renewed.serial).waitFor();
  await body.getByText(served.serial).waitFor();
  served.write(folder.path, "b1");
  await group("Under 7 days").getByText("that is not in use yet").waitFor({ state: "detached" });
});

test("SD-001-25 SD-003-51 with the CA in its own store a browser asks nothing, signs in and sees an event come", async () => {
  const home = path.join(folder.path, "browser-home");
  const database = path.join(home, ".pki/nssdb");
  mkdirSync(database, { recursive: true });
  const done = async (words: readonly string[]) =>
    expect(await run(words, { env: { HOME: home } })).toMatchObject({ code: 0 });
  await done(["certutil", "-d", `sql:${database}`, "-N", "--empty-password"]);
  const pki = path.join(folder.path, "pki");
  mkdirSync(pki);
  ca.write(pki);
  const env = { ...process.env, HOME: home } as Record<string, string>;
  const strict = { ignoreHTTPSErrors: false };
  const ownStore = async () => chromium.launch({ executablePath: "/usr/bin/chromium", env });
  const shared = browser;
  try {
    browser = await ownStore();
    await expect(signIn(ADMIN.user, "/", strict)).rejects.toThrow("ERR_CERT_AUTHORITY_INVALID");
    await browser.close();
    await done([...bundleCommand("sensu-pki"), "trust", "install", "--browser", "--dir", pki]);
    browser = await ownStore();
    await signIn(ADMIN.user, "/n/default/events", strict);
    await api.send("POST", "/api/core/v2/namespaces/default/events", {
      entity: { entity_class: "proxy", metadata: { name: "came-live", namespace: "default" } },
      check: { interval: 60, status: 2, metadata: { name: "c", namespace: "default" } },
    });
    await page.getByText("came-live").first().waitFor();
    await context.close();
  } finally {
    await browser.close();
    browser = shared;
    await api.send("DELETE", "/api/core/v2/namespaces/default/events/came-live/c");
  }
});

/** A user with this cluster role in namespace default. */
async function user(name: string, role: string): Promise<void> {
  await api.put(`/api/core/v2/users/${name}`, { username: name, password: ADMIN.password });
  await api.put(`/api/core/v2/namespaces/default/rolebindings/${name}`, {
    metadata: { name, namespace: "default" },
    role_ref: { type: "ClusterRole", name: role },
    subjects: [{ type: "User", name }],
  });
}

test("who may list entities sees what their agents have shown; who may not sees nothing of it all", async () => {
  await user("vera", "view");
  await signIn("vera", "/certificates");
  await page.getByText("web-01-user", { exact: true }).waitFor();
  expect(await page.locator(".certificate").count()).toBe(1);
  await context.close();

  await api.put("/api/core/v2/clusterroles/events-only", {
    metadata: { name: "events-only" },
    rules: [{ verbs: ["get", "list"], resources: ["events"] }],
  });
  await user("otto", "events-only");
  await signIn("otto", "/certificates");
  await page.getByText("No certificates to show").waitFor();
  expect(await page.getByRole("link", { name: "Events" }).count()).toBe(1);
  expect(await page.getByRole("link", { name: "Certificates" }).count()).toBe(0);
  expect(await page.getByText("ends soon").count()).toBe(0);
});

test("on a phone the page has no sideways scroll and every control is large enough to touch", async () => {
  await signIn(ADMIN.user, "/certificates", { viewport: { width: 360, height: 740 }, hasTouch: true });
  await listener().click();
  await page.getByText(served.serial).waitFor();
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  const heights = await page
    .locator("main button:visible, main select:visible, main summary:visible, nav a:visible")
    .evaluateAll((found) => found.map((element) => element.getBoundingClientRect().height));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(38);
});
