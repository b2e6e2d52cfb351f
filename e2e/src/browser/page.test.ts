/** The page in a real browser against a real backend (U-373 to U-386, U-413 to U-435 as far as this release goes). */
import { ADMIN, Api, type Backend, startBackend, temporaryFolder } from "@sensu-ts/testing";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

const folder = temporaryFolder();
const EVENTS = "/api/core/v2/namespaces/default/events";
let backend: Backend;
let api: Api;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What the console must never say: errors, refusals of the content policy, requests to elsewhere. */
let complaints: string[] = [];

beforeAll(async () => {
  backend = await startBackend({ stateDir: folder.path });
  api = await new Api(backend).login();
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
});

afterAll(async () => {
  await browser?.close();
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

beforeEach(async () => {
  await openContext({ viewport: { width: 1280, height: 800 } });
});

afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

async function openContext(options: Parameters<Browser["newContext"]>[0]): Promise<void> {
  await context?.close();
  complaints = [];
  context = await browser.newContext(options);
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(backend.ui)) complaints.push(`request to ${request.url()}`);
  });
}

async function signIn(path = "/", user: string = ADMIN.user): Promise<void> {
  await page.goto(backend.ui + path);
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1 }).first().waitFor();
}

async function post(
  entity: string,
  check: string,
  status: number,
  output = `status ${status}`,
  namespace = "default",
): Promise<void> {
  const metadata = (name: string) => ({ name, namespace });
  const answer = await api.send("POST", `/api/core/v2/namespaces/${namespace}/events`, {
    entity: { entity_class: "proxy", metadata: metadata(entity) },
    check: { metadata: metadata(check), interval: 60, status, output, handlers: [] },
  });
  expect(answer.status).toBe(201);
}

const row = (name: string) => page.getByRole("row").filter({ hasText: name });

test("signing in leads to what was asked for; a wrong password says so", async () => {
  await post("sign-01", "disk", 2);
  await page.goto(`${backend.ui}/n/default/events/sign-01/disk`);
  await page.getByLabel("User").fill(ADMIN.user);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Bad user or password").waitFor();
  // The browser itself reports the 401.
  complaints = complaints.filter((text) => !text.includes("401"));
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "disk" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/n/default/events/sign-01/disk");
});

test("the events list changes by itself: a row comes, changes and goes", async () => {
  await signIn();
  await page.getByText("Live", { exact: true }).waitFor();
  await post("live-01", "load", 1, "getting busy");
  await row("live-01").getByText("Warning").waitFor();
  await post("live-01", "load", 2, "too busy\nreally");
  await row("live-01").getByText("Critical").waitFor();
  await row("live-01").getByText("too busy ↵ really").waitFor();
  await post("live-01", "load", 0);
  await row("live-01").waitFor({ state: "detached" });
  await page.getByRole("button", { name: /All$/ }).click();
  await row("live-01").getByText("Passing").waitFor();
});

test("an event page shows output as text with colours, and runs silence, clear and resolve", async () => {
  await post("web-01", "disk", 2, "\u001b[1;31mfull\u001b[0m <img src=x onerror=document.title='hacked'>");
  await signIn("/n/default/events/web-01/disk");
  const output = page.locator("pre.output").first();
  expect(await output.textContent()).toBe("full <img src=x onerror=document.title='hacked'>");
  expect(await output.locator("img").count()).toBe(0);
  expect(await output.locator("span", { hasText: "full" }).getAttribute("class")).toContain("a-fg1");

  await page.getByRole("button", { name: "Silence" }).click();
  await page.getByRole("dialog").getByText("15 minutes").click();
  await page.getByLabel("Reason").fill("disk swap");
  await page.getByRole("dialog").getByRole("button", { name: "Silence" }).click();
  await page.getByRole("button", { name: "Clear silence" }).waitFor();
  const [entry] = await api.get("/api/core/v2/namespaces/default/silenced");
  expect(entry).toMatchObject({ metadata: { name: "entity:web-01:disk" }, reason: "disk swap", creator: ADMIN.user });
  expect(entry.expire_at - entry.begin).toBe(900);
  await page.getByRole("button", { name: "Clear silence" }).click();
  await page.getByRole("button", { name: "Clear silence" }).waitFor({ state: "detached" });
  expect(await api.get("/api/core/v2/namespaces/default/silenced")).toEqual([]);

  await page.getByRole("button", { name: "Resolve" }).click();
  await page.locator(".event-head.passing").waitFor();
  expect((await api.get(`${EVENTS}/web-01/disk`)).check).toMatchObject({
    status: 0,
    output: "Resolved manually with Web UI",
  });

  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Events" }).waitFor();
  expect(await api.get(`${EVENTS}/web-01/disk`)).toBeUndefined();
});

test("a check is added by its form, which says what is missing", async () => {
  await signIn("/n/default/checks");
  await page.getByRole("button", { name: "Add a check" }).click();
  await page.getByRole("button", { name: "Add check" }).click();
  await page.getByText("What agents shall run").waitFor();
  await page.getByRole("textbox", { name: "Name" }).fill("from-page");
  await page.getByLabel("Command").fill("true");
  await page.getByLabel("Subscriptions").fill("linux web");
  await page.getByRole("button", { name: "Add check" }).click();
  await row("from-page").waitFor();
  expect(await api.get("/api/core/v2/namespaces/default/checks/from-page")).toMatchObject({
    command: "true",
    interval: 60,
    publish: true,
    subscriptions: ["linux", "web"],
  });
  await row("from-page").getByRole("button", { name: "Run now" }).click();
  await page.getByText("Asked for a run of from-page").waitFor();
});

test("a one-time link signs in once", async () => {
  const made = await api.send("POST", "/api/ui/v1/tickets", {});
  expect(made.status).toBe(201);
  const link = backend.ui + (made.body as { path: string }).path;
  await page.goto(link);
  await page.getByRole("heading", { name: "Events" }).waitFor();
  expect(page.url()).not.toContain("ticket");
  await openContext({ viewport: { width: 1280, height: 800 } });
  await page.goto(link);
  await page.getByText("this sign-in link was used already or is too old").waitFor();
  complaints = complaints.filter((text) => !text.includes("401"));
});

test("who may only look sees why actions are off, and nothing of other namespaces", async () => {
  await post("secret-01", "disk", 2);
  await api.put("/api/core/v2/namespaces/shop", { name: "shop" });
  await api.put("/api/core/v2/users/vera", { username: "vera", password: "test-P@ssw0rd!" });
  await api.put("/api/core/v2/namespaces/shop/rolebindings/viewers", {
    metadata: { name: "viewers", namespace: "shop" },
    subjects: [{ type: "User", name: "vera" }],
    role_ref: { type: "ClusterRole", name: "view" },
  });
  await post("web-01", "disk", 2, "full", "shop");
  await signIn("/n/shop/events", "vera");
  await row("web-01").getByRole("link", { name: "disk" }).click();
  const resolve = page.getByRole("button", { name: "Resolve" });
  await expect.poll(() => resolve.getAttribute("title")).toContain("update events");
  expect(await resolve.getAttribute("aria-disabled")).toBe("true");
  await post("web-01", "disk", 1, "better", "shop");
  await page.locator(".event-head.warning").waitFor();

  await page.goto(`${backend.ui}/n/default/events`);
  await page.getByRole("heading", { name: "No such namespace" }).waitFor();
  expect(await row("secret-01").count()).toBe(0);
  complaints = complaints.filter((text) => !text.includes("403"));
});

test("entities are listed and lead to their events", async () => {
  await post("box-01", "disk", 2);
  await signIn("/n/default/entities");
  await row("box-01").getByText("Critical").waitFor();
  await page.getByRole("searchbox").fill("box-0");
  await page.getByRole("link", { name: "box-01" }).click();
  await page.getByRole("link", { name: "disk" }).click();
  await page.getByRole("heading", { name: "disk" }).waitFor();
});

test("everything on the list by keyboard", async () => {
  await post("key-01", "disk", 2);
  await post("key-02", "disk", 2);
  await signIn();
  await row("key-01").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(" key-0");
  await expect.poll(() => new URL(page.url()).searchParams.get("q")).toContain("key-0");
  // The rows of the question before stay until the answer is there.
  await expect.poll(() => page.locator("tbody tr").count()).toBe(2);
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const check = await page.locator("[data-cursor] .c-entity").textContent();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "disk" }).waitFor();
  expect(page.url()).toContain(`/events/${check}/disk`);
  await page.keyboard.press("s");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.getByRole("heading", { name: "Checks" }).waitFor();
});

test("nothing scrolls sideways at 360 px, in the dark", async () => {
  await post("a-rather-long-name-of-an-entity.eu-west-1.example.com", "check-with-a-long-name", 2, "x".repeat(400));
  await openContext({ viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true });
  await signIn();
  const name = "a-rather-long-name-of-an-entity.eu-west-1.example.com";
  for (const path of [
    "events",
    `events/${name}/check-with-a-long-name`,
    "entities",
    "checks",
    "checks/new",
    "silences",
  ]) {
    await page.goto(`${backend.ui}/n/default/${path}`);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await page.locator(".loading").waitFor({ state: "detached" });
    expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(360);
  }
  expect(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")).toBe("rgb(18, 22, 26)");
});

test("where all is well, checks that invite to it say what to try first", async () => {
  await api.put("/api/core/v2/namespaces/steps", { name: "steps" });
  await post("steps-01", "touch-me", 0, "quiet", "steps");
  await signIn("/n/steps/events");
  await page.getByRole("heading", { name: "All is well" }).waitFor();
  expect(await page.getByRole("complementary", { name: "First steps" }).count()).toBe(0);
  const metadata = {
    ...{ name: "touch-me", namespace: "steps", labels: { first_steps: "true" } },
    annotations: { "sensu-ts/try": "Run: touch /tmp/<b>file</b>" },
  };
  const check = { metadata, command: "true", interval: 60, subscriptions: ["none"], publish: true };
  await api.put("/api/core/v2/namespaces/steps/checks/touch-me", check);
  await page.reload();
  const hint = page.getByRole("complementary", { name: "First steps" });
  await hint.getByText("Run: touch /tmp/<b>file</b>").waitFor();
  await hint.getByRole("link", { name: "Watch touch-me" }).click();
  await row("steps-01").getByText("Passing").waitFor();
});

test("a lost backend is said in a banner; the page keeps its rows and comes back by itself", async () => {
  await post("away-01", "disk", 2);
  await signIn();
  await row("away-01").waitFor();
  const port = (url: string) => Number(new URL(url).port);
  const { api: apiUrl, agents, ui } = backend;
  await backend.program.stop();
  await page.getByText("Backend away since").waitFor();
  expect(await row("away-01").count()).toBe(1);
  backend = await startBackend({
    stateDir: folder.path,
    resume: true,
    apiAddress: new URL(apiUrl).host,
    agentPort: port(agents),
    uiPort: port(ui),
  });
  api = await new Api(backend).login();
  await page.getByText("Backend away since").waitFor({ state: "detached", timeout: 40_000 });
  await page.getByText("Live", { exact: true }).waitFor();
  await post("away-02", "disk", 2);
  await row("away-02").waitFor();
  // Failed connections are the browser's own words for what the banner says.
  complaints = complaints.filter((text) => !/ERR_|Failed to load resource/.test(text));
});
