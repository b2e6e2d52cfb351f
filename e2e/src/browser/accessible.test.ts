/** Every page, in both themes, for those who read it otherwise or have no mouse (U-288 to U-291, U-387). */
import { ADMIN, type Api } from "@sensu-ts/testing";
import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { audit } from "./audit.ts";
import { postEvent, signIn, type Visit, visit } from "./visit.ts";
import { startWorld } from "./world.ts";

const world = startWorld({ fill });
let window: Visit;
let page: Page;

async function fill(api: Api): Promise<void> {
  const palette = Array.from({ length: 16 }, (_, n) => `\u001b[${n < 8 ? 30 + n : 82 + n}mcolour ${n}\u001b[0m`).join(
    " ",
  );
  for (const status of [0, 1, 2, 3]) {
    await postEvent(api, { entity: "web-01", check: `status-${status}`, ofCheck: { status, output: palette } });
  }
  const silence = { metadata: { namespace: "default" }, check: "status-2", begin: 1, reason: "disk swap" };
  await api.send("POST", "/api/core/v2/namespaces/default/silenced", silence);
  const check = {
    metadata: { name: "load", namespace: "default" },
    command: "true",
    interval: 60,
    subscriptions: ["x"],
  };
  await api.put("/api/core/v2/namespaces/default/checks/load", check);
}

afterEach(async () => {
  await window.context.close();
});

const go = async (path: string): Promise<void> => {
  await page.goto(world.site + path);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.locator(".loading").waitFor({ state: "detached" });
};

test.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 360],
  ["dark", 360],
] as const)("nothing is wrong with any page, menu or dialog: %s, %i px", async (colorScheme, width) => {
  window = await visit(world.browser, world.site, { colorScheme, viewport: { width, height: 740 } });
  page = window.page;
  const found: Record<string, readonly string[]> = {};
  const look = async (name: string): Promise<void> => {
    const problems = await audit(page);
    if (problems.length > 0) found[name] = problems;
  };
  await page.goto(`${world.site}/signin`);
  await page.getByLabel("User").fill(ADMIN.user);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await look("signin");
  await signIn(page, world.site);
  await go("/n/default/events?q=");
  await page.getByRole("row").nth(4).waitFor();
  await look("events");
  await page.keyboard.press("j");
  await look("events, a row chosen");
  await page.getByLabel("User admin").click();
  await look("menu");
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await look("help");
  await page.keyboard.press("Escape");
  for (const status of [0, 1, 2, 3]) {
    await go(`/n/default/events/web-01/status-${status}`);
    await look(`event of status ${status}`);
  }
  await page.getByText("Changes of status").click();
  await page.getByRole("button", { name: "Silence", exact: true }).click();
  await look("silence");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Delete" }).click();
  await look("delete");
  await page.keyboard.press("Escape");
  for (const path of ["entities", "entities/web-01", "checks", "silences", "events?q=nothing-like-it"]) {
    await go(`/n/default/${path}`);
    await page.locator(".rows, .empty").first().waitFor();
    await look(path);
  }
  await go("/n/default/checks/new");
  await page.getByRole("button", { name: "Add check" }).click();
  await look("checks/new");
  for (const path of ["/certificates", "/n/nowhere/events", "/n/default/events/web-01/none", "/x/y/z"]) {
    await page.goto(world.site + path);
    await page.locator(".empty").waitFor();
    await look(path);
  }
  expect(found).toEqual({});
});

test("by keyboard alone: sign in, find an event, silence it, clear it, add a check, sign out", async () => {
  window = await visit(world.browser, world.site);
  page = window.page;
  const { keyboard } = page;
  /** Presses Tab until the focus is on what is called so; a trap or a missing stop fails. */
  const tabTo = async (name: string | RegExp): Promise<void> => {
    const passed: string[] = [];
    for (let n = 0; n < 60; n++) {
      await keyboard.press("Tab");
      const at = String(
        await page.evaluate(`(() => {
          const at = document.activeElement;
          if (at !== document.body && !at.matches(":focus-visible")) return "not to be seen: " + at.outerHTML;
          return at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent;
        })()`),
      ).trim();
      if (typeof name === "string" ? at === name : name.test(at)) return;
      passed.push(at);
    }
    throw new Error(`Tab never comes to ${name}: ${passed.join(" | ")}`);
  };
  await page.goto(world.site);
  await page.getByLabel("User").waitFor();
  await keyboard.type(ADMIN.user);
  await tabTo("Password");
  await keyboard.type(ADMIN.password);
  await keyboard.press("Enter");
  await page.getByRole("row").nth(1).waitFor();

  // Past the navigation, to the content, and round the whole page without getting stuck.
  await page.evaluate("document.activeElement.blur()");
  await tabTo("Skip to content");
  await keyboard.press("Enter");
  expect(await page.evaluate("document.activeElement.id")).toBe("main");
  await keyboard.press("/");
  await keyboard.type(" status-1");
  await expect.poll(() => page.locator("tbody tr").count()).toBe(1);
  await keyboard.press("Escape");
  await keyboard.press("j");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("status-1");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "status-1" }).waitFor();
  // What was pressed is gone: the focus is at the content, not lost.
  await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("main");
  await tabTo("Silence");
  await keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await tabTo("Reason");
  await keyboard.type("by keyboard");
  await keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Silence");
  await tabTo("Clear silence");
  await keyboard.press("Enter");
  await page.getByRole("button", { name: "Clear silence" }).waitFor({ state: "detached" });
  // Back to the question that led here.
  await keyboard.press("u");
  await page.getByRole("heading", { name: "Events" }).waitFor();
  expect(await page.getByRole("searchbox").inputValue()).toContain("status-1");

  await keyboard.press("g");
  await keyboard.press("c");
  await page.getByRole("heading", { name: "Checks" }).waitFor();
  await tabTo("Add a check");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Add a check" }).waitFor();
  await tabTo("Name");
  await keyboard.type("typed");
  await tabTo("Command");
  await keyboard.type("true");
  await tabTo("Subscriptions");
  await keyboard.type("x");
  await keyboard.press("Enter");
  await page.getByRole("row").filter({ hasText: "typed" }).waitFor();

  await tabTo(/^User admin/);
  await keyboard.press("Enter");
  await keyboard.press("Escape");
  await page.getByRole("button", { name: "Sign out" }).waitFor({ state: "hidden" });
  await keyboard.press("Enter");
  await tabTo("Sign out");
  await keyboard.press("Enter");
  await page.getByLabel("Password").waitFor();
  expect(window.complaints.filter((text) => !text.includes("404"))).toEqual([]);
});
