/** The page in a real browser against a real backend (U-373 to U-386, U-413 to U-435 as far as this release goes). */
import { ADMIN, Api, startBackend } from "@sensu-ts/testing";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { postEvent, signIn as signInAt, type Visit, visit } from "./visit.ts";
import { startWorld } from "./world.ts";

const EVENTS = "/api/core/v2/namespaces/default/events";
const world = startWorld();
let window: Visit;
let page: Page;

beforeEach(() => openContext());

afterEach(async () => {
  await window.context.close();
  expect(window.complaints).toEqual([]);
});

async function openContext(options: BrowserContextOptions = {}): Promise<void> {
  window = await visit(world.browser, world.site, options);
  page = window.page;
}

/** For a fresh window in the middle of a test. */
async function openAnother(options?: BrowserContextOptions): Promise<void> {
  await window.context.close();
  expect(window.complaints).toEqual([]);
  await openContext(options);
}

/** What the browser itself says of answers that the test provoked. */
function forgive(words: RegExp): void {
  window.complaints.splice(0, Number.POSITIVE_INFINITY, ...window.complaints.filter((text) => !words.test(text)));
}

const signIn = (path = "/", user: string = ADMIN.user) => signInAt(page, world.site, path, user);

const post = (entity: string, check: string, status: number, output = `status ${status}`, namespace = "default") =>
  postEvent(world.api, { namespace, entity, check, ofCheck: { status, output } });

const row = (name: string) => page.getByRole("row").filter({ hasText: name });

test("signing in leads to what was asked for; a wrong password says so", async () => {
  await post("sign-01", "disk", 2);
  await page.goto(`${world.site}/n/default/events/sign-01/disk`);
  await page.getByLabel("User").fill(ADMIN.user);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Bad user or password").waitFor();
  // The browser itself reports the 401.
  forgive(/401/);
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

test("rows stay where they are under the pointer and the keyboard, and move when asked or left", async () => {
  await post("hold-01", "disk", 2);
  await post("hold-02", "disk", 2);
  await signIn("/n/default/events?q=hold-0%20status:incident");
  await page.getByText("Live", { exact: true }).waitFor();
  const names = () => page.locator("tbody .c-entity").allTextContents();
  const pill = (text: string) => page.getByRole("button", { name: text, exact: true });
  await row("hold-01").hover();
  await post("hold-00", "disk", 2);
  await pill("1 change").waitFor();
  await post("hold-01", "disk", 1, "on the way");
  await row("hold-01").getByText("on the way").waitFor();
  await post("hold-02", "disk", 0);
  await pill("2 changes").waitFor();
  expect(await names()).toEqual(["hold-01", "hold-02"]);
  expect(await page.locator("tr.left").textContent()).toContain("hold-02");
  await pill("2 changes").click();
  await expect.poll(names).toEqual(["hold-00", "hold-01"]);
  await post("hold-03", "disk", 2);
  await pill("1 change").waitFor();
  await page.getByRole("heading", { name: "Events" }).hover();
  await expect.poll(names).toEqual(["hold-00", "hold-01", "hold-03"]);
  await page.keyboard.press("j");
  await post("hold-00", "disk", 0);
  await pill("1 change").waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect.poll(names).toEqual(["hold-01", "hold-03"]);
  await page.keyboard.press("j");
  await post("hold-03", "disk", 0);
  await pill("1 change").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(names).toEqual(["hold-01"]);
});

test("a long output is folded, searched, saved whole, says what was cut and why the status is what it is", async () => {
  const why = "The value of used exceeded the configured threshold (max: 90, actual: 95).";
  const lines = Array.from({ length: 300 }, (_, n) => `\u001b[3${n % 8}mline\u001b[0m ${n}`);
  const metadata = (name: string) => ({ name, namespace: "default" });
  const event = {
    metadata: { namespace: "default", annotations: { "sensu.io/notifications/critical": why } },
    entity: { entity_class: "proxy", metadata: metadata("long-01") },
    check: {
      ...{ metadata: metadata("dump"), interval: 60, status: 2, output: lines.join("\n"), max_output_size: 4000 },
      output_metric_format: "nagios_perfdata",
      output_metric_thresholds: [{ name: "used", thresholds: [{ max: "90", status: 2 }] }],
    },
    metrics: { points: [{ name: "used", value: 95, timestamp: 1_700_000_000_000 }] },
  };
  const send = async () => expect((await world.api.send("POST", EVENTS, event)).status).toBe(201);
  await send();
  const check = { metadata: metadata("dump"), command: "true", interval: 3600, subscriptions: ["none"], publish: true };
  await world.api.put("/api/core/v2/namespaces/default/checks/dump", check);
  await signIn("/n/default/events/long-01/dump");
  const output = page.locator("pre.output").first();
  await page.getByText("bytes more: its max_output_size").waitFor();
  await page.getByRole("list", { name: "Reasons" }).getByText(why).waitFor();
  await page.getByText(/next run in (\d+m|\d+s)/).waitFor();
  expect(await output.textContent()).not.toContain("line 210");
  const search = page.getByLabel("Search the output");
  await search.fill("LINE 21");
  await page.getByText("1 of 11").waitFor();
  expect(await output.textContent()).toContain("line 210");
  await search.press("Shift+Enter");
  await page.getByText("11 of 11").waitFor();
  expect(await output.evaluate((element) => (element as unknown as { scrollTop: number }).scrollTop)).toBeGreaterThan(
    1000,
  );
  await search.fill("nowhere");
  await page.getByText("not found").waitFor();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect((await saved).suggestedFilename()).toBe("long-01-dump.txt");
  // Points are not stored: they come with a result.
  await send();
  await page.getByRole("row").filter({ hasText: "used" }).getByText("max 90 (critical, exceeded)").waitFor();
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
  const [entry] = await world.api.get("/api/core/v2/namespaces/default/silenced");
  expect(entry).toMatchObject({ metadata: { name: "entity:web-01:disk" }, reason: "disk swap", creator: ADMIN.user });
  expect(entry.expire_at - entry.begin).toBe(900);
  await page.getByRole("button", { name: "Clear silence" }).click();
  await page.getByRole("button", { name: "Clear silence" }).waitFor({ state: "detached" });
  expect(await world.api.get("/api/core/v2/namespaces/default/silenced")).toEqual([]);

  await page.getByRole("button", { name: "Resolve" }).click();
  await page.locator(".event-head.passing").waitFor();
  expect((await world.api.get(`${EVENTS}/web-01/disk`)).check).toMatchObject({
    status: 0,
    output: "Resolved manually with Web UI",
  });

  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Events" }).waitFor();
  expect(await world.api.get(`${EVENTS}/web-01/disk`)).toBeUndefined();
});

test("a check is added by its form, which says what is missing", async () => {
  const metadata = { name: "agent-01", namespace: "default" };
  const agent = { metadata, entity_class: "agent", subscriptions: ["db"] };
  await world.api.put("/api/core/v2/namespaces/default/entities/agent-01", agent);
  await signIn("/n/default/checks");
  await page.getByRole("button", { name: "Add a check" }).click();
  await page.getByRole("button", { name: "Add check" }).click();
  await page.getByText("What agents shall run").waitFor();
  await page.getByRole("textbox", { name: "Name" }).fill("from-page");
  await page.getByLabel("Command").fill("true");
  await page.getByLabel("Subscriptions").fill("linux web");
  await page.getByText("No agent subscribes to that yet").waitFor();
  await page.getByRole("button", { name: "db", exact: true }).click();
  await page.getByText("No agent subscribes to that yet").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Add check" }).click();
  await row("from-page").waitFor();
  expect(await world.api.get("/api/core/v2/namespaces/default/checks/from-page")).toMatchObject({
    command: "true",
    interval: 60,
    publish: true,
    subscriptions: ["linux", "web", "db"],
  });
  // A proxy that is busy for a second.
  let refused = 0;
  await page.route("**/execute", (route) =>
    refused++ === 0 ? route.fulfill({ status: 429, headers: { "Retry-After": "1" } }) : route.continue(),
  );
  await row("from-page").getByRole("button", { name: "Run now" }).click();
  await page.getByText("Asked for a run of from-page").waitFor();
  expect(refused).toBe(2);
  forgive(/429/);
});

test("a one-time link signs in once", async () => {
  const made = await world.api.send("POST", "/api/ui/v1/tickets", {});
  expect(made.status).toBe(201);
  const link = world.site + (made.body as { path: string }).path;
  await page.goto(link);
  await page.getByRole("heading", { name: "Events" }).waitFor();
  expect(page.url()).not.toContain("ticket");
  forgive(/401/);
  await openAnother();
  await page.goto(link);
  await page.getByText("this sign-in link was used already or is too old").waitFor();
  forgive(/401/);
});

test("who may only look sees why actions are off, and nothing of other namespaces", async () => {
  await post("secret-01", "disk", 2);
  await world.api.put("/api/core/v2/namespaces/shop", { name: "shop" });
  await world.api.put("/api/core/v2/users/vera", { username: "vera", password: "test-P@ssw0rd!" });
  await world.api.put("/api/core/v2/namespaces/shop/rolebindings/viewers", {
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

  // A right that went while the page is open: refused, said, and the button is off from then on.
  const bind = (role: string) =>
    world.api.put("/api/core/v2/namespaces/shop/rolebindings/viewers", {
      metadata: { name: "viewers", namespace: "shop" },
      subjects: [{ type: "User", name: "vera" }],
      role_ref: { type: "ClusterRole", name: role },
    });
  await world.api.send("DELETE", "/api/core/v2/namespaces/shop/rolebindings/viewers");
  await bind("edit");
  await page.reload();
  await page.getByRole("button", { name: "Silence" }).waitFor();
  await expect.poll(() => resolve.getAttribute("aria-disabled")).toBe("false");
  await world.api.send("DELETE", "/api/core/v2/namespaces/shop/rolebindings/viewers");
  await bind("view");
  await resolve.click();
  await page.getByRole("alert").filter({ hasText: "unauthorized" }).waitFor();
  await expect.poll(() => resolve.getAttribute("aria-disabled")).toBe("true");

  await page.goto(`${world.site}/n/default/events`);
  await page.getByRole("heading", { name: "No such namespace" }).waitFor();
  expect(await row("secret-01").count()).toBe(0);
  forgive(/403/);
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
  await openAnother({ viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true });
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
    await page.goto(`${world.site}/n/default/${path}`);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await page.locator(".loading").waitFor({ state: "detached" });
    expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(360);
  }
  expect(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")).toBe("rgb(18, 22, 26)");
});

test("where all is well, checks that invite to it say what to try first", async () => {
  await world.api.put("/api/core/v2/namespaces/steps", { name: "steps" });
  await post("steps-01", "touch-me", 0, "quiet", "steps");
  await signIn("/n/steps/events");
  await page.getByRole("heading", { name: "All is well" }).waitFor();
  expect(await page.getByRole("complementary", { name: "First steps" }).count()).toBe(0);
  const metadata = {
    ...{ name: "touch-me", namespace: "steps", labels: { first_steps: "true" } },
    annotations: { "sensu-ts/try": "Run: touch /tmp/<b>file</b>" },
  };
  const check = { metadata, command: "true", interval: 60, subscriptions: ["none"], publish: true };
  await world.api.put("/api/core/v2/namespaces/steps/checks/touch-me", check);
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
  const { api: apiUrl, agents, ui } = world.backend;
  await world.backend.program.stop();
  await page.getByText("Backend away since").waitFor();
  expect(await row("away-01").count()).toBe(1);
  world.backend = await startBackend({
    stateDir: `${world.folder}/state`,
    resume: true,
    apiAddress: new URL(apiUrl).host,
    agentPort: port(agents),
    uiPort: port(ui),
  });
  world.api = await new Api(world.backend).login();
  await page.getByText("Backend away since").waitFor({ state: "detached", timeout: 40_000 });
  await page.getByText("Live", { exact: true }).waitFor();
  await post("away-02", "disk", 2);
  await row("away-02").waitFor();
  // Failed connections are the browser's own words for what the banner says.
  forgive(/ERR_|Failed to load resource/);
});
