/** What hosts and users may send, however odd, is shown as text and takes no page down (U-231, U-378, U-380). */
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { postEvent, signIn, type Visit, visit } from "./visit.ts";
import { startWorld } from "./world.ts";

const MARKUP =
  '<img src=x onerror="window.marker=1"></script><script>window.marker=1</script> javascript:window.marker=1 {{7*7}} __proto__ \u202Ereversed\u202C';
const LONG = "n".repeat(200);
/** Below a base path, so that every page here is seen there too (U-9). */
const world = startWorld({ basePath: "/ops/sensu" });
let window: Visit;
let page: Page;

beforeAll(async () => {
  window = await visit(world.browser, world.site);
  page = window.page;
  page.on("request", (request) => {
    if (!request.url().startsWith(`${world.site}/`)) window.complaints.push(`outside the base path: ${request.url()}`);
  });
  await signIn(page, world.site);
});

const open = async (path: string): Promise<void> => {
  await page.goto(`${world.site}/n/default/${path}`);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
};

test("a host whose clock is far beyond any calendar does not take the lists down", async () => {
  const far = 9_000_000_000_000_000;
  await postEvent(world.api, { entity: "clock", check: "far", ofCheck: { executed: far, issued: far, last_ok: far } });
  await postEvent(world.api, { entity: "clock", check: "before", ofCheck: { executed: -far } });
  const silence = { metadata: { namespace: "default" }, check: "far", expire_at: far, begin: 1 };
  expect((await world.api.send("POST", "/api/core/v2/namespaces/default/silenced", silence)).status).toBe(201);
  await open("events?q=entity:clock");
  await expect.poll(() => page.locator("tbody tr").count()).toBe(2);
  await open("events/clock/far");
  await page.getByRole("heading", { name: "far" }).waitFor();
  await open("silences");
  await page.getByRole("row").filter({ hasText: "*:far" }).getByText("expires in").waitFor();
  expect(window.complaints.splice(0)).toEqual([]);
});

test("markup, scripts and direction marks are text wherever they stand", async () => {
  const texts = {
    "<b>key</b>": MARKUP,
    link: "https://wiki.example/x",
    script: "javascript:window.marker=1",
    n: "1.10",
  };
  const hook = { metadata: { name: "look", namespace: "default" }, command: MARKUP, output: MARKUP, status: 1 };
  await postEvent(world.api, {
    entity: "markup",
    check: "disk",
    ofEntity: {
      metadata: { name: "markup", namespace: "default", labels: texts, annotations: texts },
      system: { hostname: MARKUP, platform: MARKUP, network: { interfaces: [{ name: "Host", addresses: [MARKUP] }] } },
    },
    ofCheck: {
      metadata: { name: "disk", namespace: "default", labels: texts, annotations: texts },
      command: MARKUP,
      output: `${MARKUP}\u001b]8;;javascript:window.marker=1\u0007link\u001b]8;;\u0007\u0000\u0008`,
      hooks: [hook, hook],
    },
  });
  const check = {
    metadata: { name: "odd", namespace: "default" },
    command: MARKUP,
    interval: 60,
    subscriptions: ["x"],
  };
  await world.api.put("/api/core/v2/namespaces/default/checks/odd", check);
  const silence = { metadata: { namespace: "default" }, check: "odd", begin: 1, reason: MARKUP };
  expect((await world.api.send("POST", "/api/core/v2/namespaces/default/silenced", silence)).status).toBe(201);
  for (const path of ["events?q=", "events/markup/disk", "entities/markup", "checks", "silences"]) {
    await open(path);
    await page.getByText("{{7*7}}").first().waitFor({ state: "attached" });
    const seen = await page.evaluate(
      "[window.marker, Object.keys(Object.prototype).length, document.querySelectorAll('main img, main script').length]",
    );
    expect(seen, path).toEqual([null, 0, 0].map((value) => value ?? undefined));
  }
  await open("events/markup/disk");
  expect(await page.getByRole("link", { name: "https://wiki.example/x" }).first().getAttribute("rel")).toBe(
    "noopener noreferrer",
  );
  expect(await page.locator("main a[href^='javascript:']").count()).toBe(0);
  await page
    .getByRole("listitem")
    .filter({ hasText: /^n 1\.10$/ })
    .first()
    .waitFor();
  const hooks = page.locator("summary").filter({ hasText: "Hook look: exit status 1" });
  expect(await hooks.count()).toBe(2);
  expect(window.complaints.splice(0)).toEqual([]);
});

test("half a megabyte of colours is shown in part, and in full when asked for, without stopping the browser", async () => {
  const parameters = `\u001b[${"38;5;1;".repeat(70_000)}mend`;
  await postEvent(world.api, { entity: "big", check: "parameters", ofCheck: { output: parameters } });
  const pieces = Array.from({ length: 20_000 }, (_, n) => `\u001b[3${n % 8}mpiece `).join("");
  await postEvent(world.api, { entity: "big", check: "pieces", ofCheck: { output: pieces } });
  await open("events/big/parameters");
  const output = page.locator("pre.output").first();
  expect(await output.textContent()).toBe("");
  await page.getByRole("button", { name: "Show all 491 KB" }).click();
  await expect.poll(() => output.textContent()).toBe("end");
  await open("events/big/pieces");
  expect(await output.locator("span").count()).toBeLessThan(6000);
  await page.getByRole("button", { name: "Show all 220 KB" }).click();
  await expect.poll(() => output.locator("span").count()).toBe(20_000);
  expect(window.complaints.splice(0)).toEqual([]);
});

test.each([1280, 360])("names of 200 characters stay inside the page at %i px", async (width) => {
  await postEvent(world.api, { entity: LONG, check: LONG, ofCheck: { output: LONG, subscriptions: [LONG] } });
  await page.setViewportSize({ width, height: 800 });
  for (const path of ["events?q=", `events/${LONG}/${LONG}`, `entities/${LONG}`, "entities"]) {
    await open(path);
    await page.getByText(LONG).first().waitFor({ state: "attached" });
    const outside = await page.evaluate(`[...document.querySelectorAll("main *")]
      .filter((element) => element.getBoundingClientRect().right > ${width} && !element.closest("pre, td *, .visually-hidden, thead"))
      .map((element) => element.outerHTML.slice(0, 80))`);
    expect(outside, path).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
});

test("addresses that lead nowhere say so, with the way back", async () => {
  await page.goto(`${world.site}/n/%/events`);
  await page.getByRole("heading", { name: "Not found" }).waitFor();
  await open("entities/nobody");
  await page.getByRole("heading", { name: "Not found" }).waitFor();
  await open("events/nobody/nothing");
  await page.getByRole("heading", { name: "No such event" }).waitFor();
  await page.goto(`${world.site}/n/nowhere/events`);
  await page.getByRole("heading", { name: "No such namespace" }).waitFor();
  await page.getByText("There is no namespace nowhere").waitFor();
  await page.getByLabel("Namespace").selectOption("default");
  await page.getByRole("heading", { name: "Events" }).waitFor();
  window.complaints.splice(0);
});
