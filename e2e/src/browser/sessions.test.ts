/** Sessions over several tabs, users and clocks (U-19 to U-31, U-376, U-383, U-390). */
import { ADMIN, Api } from "@sensu-ts/testing";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addUser, postEvent, signIn, type Visit, visit } from "./visit.ts";
import { startWorld } from "./world.ts";

const world = startWorld({ fill: (api) => postEvent(api, { entity: "web-01", check: "disk" }) });
let window: Visit;
let page: Page;

beforeEach(async () => {
  window = await visit(world.browser, world.site);
  page = window.page;
});

afterEach(async () => {
  await window.context.close();
});

const row = (tab: Page) => tab.getByRole("row").filter({ hasText: "web-01" });

test("nine tabs all show their page: some live, the others by asking, and one takes over when another closes", async () => {
  await signIn(page, world.site);
  const tabs = [page];
  for (let n = 1; n < 9; n++) {
    const tab = await window.context.newPage();
    tabs.push(tab);
    await tab.goto(`${world.site}/n/default/events`);
    await row(tab).waitFor();
  }
  const live = async (): Promise<number> => {
    const marks = await Promise.all(tabs.map((tab) => tab.locator(".live-mark").textContent()));
    return marks.filter((mark) => mark === "Live").length;
  };
  await expect.poll(live).toBe(4);
  await tabs.shift()?.close();
  await expect.poll(live, { timeout: 15_000 }).toBe(4);
});

test("signing out in one tab signs out the others, and Back shows nothing", async () => {
  await signIn(page, world.site);
  await row(page).waitFor();
  const other = await window.context.newPage();
  await other.goto(`${world.site}/n/default/events/web-01/disk`);
  await other.getByRole("heading", { name: "disk" }).waitFor();
  await page.getByLabel("User admin").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Password").waitFor();
  await other.getByLabel("Password").waitFor();
  await page.goBack();
  await page.getByLabel("Password").waitFor();
  expect(await page.getByText("web-01").count()).toBe(0);
});

test("another user who signs in from a second tab sees nothing of the first in either", async () => {
  await addUser(world.api, "vera", "shop", "view");
  await signIn(page, world.site, "/n/default/events/web-01/disk");
  await page.getByRole("heading", { name: "disk" }).waitFor();
  const other = await window.context.newPage();
  await other.goto(`${world.site}/n/shop/events`);
  await other.getByRole("heading", { name: "Events", exact: true }).waitFor();
  // As the sign-in of the second tab leaves it, without signing the first out before.
  const vera = await fetch(`${world.site}/auth`, {
    headers: { authorization: `Basic ${btoa(`vera:${ADMIN.password}`)}` },
  });
  const tokens = (await vera.json()) as object;
  await other.evaluate(
    `localStorage.setItem("sensu.session", ${JSON.stringify(JSON.stringify({ ...tokens, refresh_at: 4e9 }))})`,
  );
  await page.getByLabel("User vera").waitFor();
  await page.getByRole("heading", { name: "No such namespace" }).waitFor();
  expect(await page.getByText("web-01").count()).toBe(0);
});

test("a session that ended asks to sign in again over the page, and a half-filled form stays", async () => {
  await signIn(page, world.site, "/n/default/checks/new");
  await page.getByRole("textbox", { name: "Name" }).fill("half");
  await page.getByLabel("Command").fill("true");
  await page.getByLabel("Subscriptions").fill("linux");
  const { access_token, refresh_token } = JSON.parse(
    String(await page.evaluate(`localStorage.getItem("sensu.session")`)),
  ) as { access_token: string; refresh_token: string };
  await fetch(`${world.site}/auth/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
    body: JSON.stringify({ refresh_token }),
  });
  await page.getByRole("button", { name: "Add check" }).click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.getByLabel("User").fill(ADMIN.user);
  await dialog.getByLabel("Password").fill(ADMIN.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await page.getByRole("textbox", { name: "Name" }).inputValue()).toBe("half");
  await page.getByRole("button", { name: "Add check" }).click();
  await row(page)
    .or(page.getByRole("row").filter({ hasText: "half" }))
    .waitFor();
});

test("a user without any role is told who they are and whom to ask", async () => {
  await world.api.put("/api/core/v2/users/nobody", {
    username: "nobody",
    password: ADMIN.password,
    groups: ["guests"],
  });
  await signIn(page, world.site, "/", "nobody");
  await page.getByRole("heading", { name: "Nothing to see yet" }).waitFor();
  await page.getByText("You are signed in as nobody").waitFor();
  await page.getByText("Your groups: guests").waitFor();
});

test.each([
  ["ahead", 600_000],
  ["behind", -600_000],
])("a computer whose clock is ten minutes %s does not renew its token at every request", async (_, off) => {
  await page.clock.install({ time: Date.now() + off });
  let renewed = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/auth/token")) renewed++;
  });
  await signIn(page, world.site);
  await row(page).waitFor();
  await page.getByRole("link", { name: "Checks" }).click();
  await page.getByRole("heading", { name: "Checks" }).waitFor();
  await page.getByRole("link", { name: "Silences" }).click();
  await page.getByText("Nothing is silenced").waitFor();
  expect(renewed).toBe(0);
});

test("a tab that nobody sees lets go of its stream after a minute, asks every five, and is whole when seen again", async () => {
  await page.clock.install();
  const show = (seen: boolean) =>
    page.evaluate(`(() => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => ${!seen} });
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => ${seen ? '"visible"' : '"hidden"'} });
      document.dispatchEvent(new Event("visibilitychange"));
    })()`);
  await signIn(page, world.site);
  await page.getByText("Live", { exact: true }).waitFor();
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/ui/v1/events?")) asked++;
  });
  const ended = page.waitForEvent("requestfailed", (request) => request.url().includes("/stream?"));
  await show(false);
  await page.clock.fastForward(61_000);
  await ended;
  // One question at most, when the tab went out of sight; then none for five minutes.
  await page.clock.runFor(280_000);
  expect(asked).toBeLessThanOrEqual(1);
  asked = 0;
  await postEvent(world.api, { entity: "unseen-01", check: "disk" });
  // The five minutes begin when the page has drawn itself anew, which is later than the end of the stream.
  const row = page.getByRole("row").filter({ hasText: "unseen-01" });
  for (let seconds = 0; seconds < 300 && (await row.count()) === 0; seconds += 20) await page.clock.runFor(20_000);
  await row.waitFor();
  expect(asked).toBe(1);
  const opened = page.waitForRequest((request) => request.url().includes("/stream?"));
  await show(true);
  await opened;
  await postEvent(world.api, { entity: "unseen-02", check: "disk" });
  await page.getByRole("row").filter({ hasText: "unseen-02" }).waitFor();
});

test("a password is changed by its user, and the session goes on", async () => {
  await addUser(world.api, "paul", "shop", "view");
  await signIn(page, world.site, "/n/shop/events", "paul");
  const change = async (old: string, wanted: string, again: string): Promise<void> => {
    await page.getByLabel("Old password").fill(old);
    await page.getByLabel("New password, at least 8 characters").fill(wanted);
    await page.getByLabel("New password again").fill(again);
    await page.getByRole("button", { name: "Change password" }).click();
  };
  await page.getByLabel("User paul").click();
  await page.getByRole("button", { name: "Change password" }).click();
  await change(ADMIN.password, "another-1", "another-2");
  await page.getByText("differ").waitFor();
  await change("wrong", "another-1", "another-1");
  await page.getByRole("dialog").getByRole("alert").filter({ hasNotText: "differ" }).waitFor();
  await change(ADMIN.password, "another-1", "another-1");
  await page.getByText("Password changed").waitFor();
  await new Api(world.backend).login("paul", "another-1");
  await page.getByRole("link", { name: "Checks" }).click();
  await page.getByText("No checks yet").waitFor();
});
