/** A window of the browser on the page of a backend, and what its console must never say. */
import { ADMIN, type Api } from "@sensu-ts/testing";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors, refusals of the content policy, requests to elsewhere, of every tab. */
  readonly complaints: string[];
}

/** `origin`: of the page. */
export async function visit(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  context.on("page", (page) => {
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(origin)) complaints.push(`request to ${request.url()}`);
    });
  });
  return { context, page: await context.newPage(), complaints };
}

export async function signIn(page: Page, origin: string, path = "/", user: string = ADMIN.user): Promise<void> {
  await page.goto(origin + path);
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  // Rows stay where they are under the pointer (U-302).
  await page.mouse.move(0, 0);
  // The sign-in page has a heading of its own.
  await page.locator(".signin-form").waitFor({ state: "detached" });
  await page.getByRole("heading", { level: 1 }).first().waitFor();
}

/** A user with the password of {@link ADMIN}, bound to a cluster role in one namespace. */
export async function addUser(api: Api, user: string, namespace: string, role: string): Promise<void> {
  await api.put(`/api/core/v2/namespaces/${namespace}`, { name: namespace });
  await api.put(`/api/core/v2/users/${user}`, { username: user, password: ADMIN.password });
  await api.put(`/api/core/v2/namespaces/${namespace}/rolebindings/${user}`, {
    metadata: { name: user, namespace },
    subjects: [{ type: "User", name: user }],
    role_ref: { type: "ClusterRole", name: role },
  });
}

export interface Posted {
  readonly namespace?: string;
  readonly entity: string;
  readonly check: string;
  /** Laid over the entity and the check. */
  readonly ofEntity?: object;
  readonly ofCheck?: object;
}

export async function postEvent(api: Api, event: Posted): Promise<void> {
  const { namespace = "default", entity, check, ofEntity = {}, ofCheck = {} } = event;
  const metadata = (name: string) => ({ name, namespace });
  const answer = await api.send("POST", `/api/core/v2/namespaces/${namespace}/events`, {
    entity: { entity_class: "proxy", metadata: metadata(entity), ...ofEntity },
    check: { metadata: metadata(check), interval: 60, status: 2, output: "full", handlers: [], ...ofCheck },
  });
  if (answer.status !== 201)
    throw new Error(`event ${entity}/${check}: ${answer.status} ${JSON.stringify(answer.body)}`);
}
