/** `npm start` as a newcomer meets it: the whole story, then a second start with the same data. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { Api, freePort, Program, run, temporaryFolder, until } from "@sensu-ts/testing";
import { chromium } from "playwright-core";
import { afterAll, expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const EVENTS = "/api/core/v2/namespaces/default/events";
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const state = path.join(folder.path, "state");
const ports = { ui: await freePort(), api: await freePort(), agent: await freePort() };

function start(more: readonly string[] = []): Program {
  const args = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const script = path.join(ROOT, "scripts/start.ts");
  return new Program([process.execPath, script, "--state-dir", state, ...args, ...more], { cwd: folder.path });
}

/** Command lines of processes that belong to the state folder. */
function ours(): readonly string[] {
  const lines: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      if (line.includes(state)) lines.push(line);
    } catch {
      // It ended meanwhile.
    }
  }
  return lines;
}

async function admin(): Promise<Api> {
  const password = readFileSync(path.join(state, "admin-password"), "utf8").trim();
  return new Api({ api: `http://127.0.0.1:${ports.api}` }).login("admin", password);
}

/** The agent's result of a seeded check, once it fits. */
function result(api: Api, check: string, fits: (event: { check: Result }) => boolean = () => true) {
  return until(`the result of ${check}`, async () => {
    const events = (await api.get(EVENTS)) as { check: Result }[];
    return events.find((event) => event.check.metadata.name === check && fits(event));
  });
}

interface Result {
  readonly metadata: { readonly name: string };
  readonly status: number;
  readonly history: readonly { readonly status: number }[];
}

/** The link signs one browser in, and no second one. */
async function expectSignIn(link: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
  try {
    const page = await browser.newPage();
    await page.goto(link);
    await page.getByRole("heading", { level: 1, name: "Events" }).waitFor();
    // All checks of this machine, not only what is wrong, and what to try.
    await page.getByRole("row").filter({ hasText: "touch-me" }).getByText("Passing").waitFor();
    await page.getByRole("complementary", { name: "First steps" }).getByText(`touch ${state}/touch-me`).waitFor();
    const other = await (await browser.newContext()).newPage();
    await other.goto(link);
    await other.getByText("used already").waitFor();
    await other.getByLabel("Password").waitFor();
  } finally {
    await browser.close();
  }
}

test("from nothing to an alert that travels and resolves; Ctrl-C leaves no process; the next start goes on", async () => {
  const first = start();
  const [, link = ""] = await first.waitForLine(/^ *(http:\S+\/\S+)$/, 60_000);
  await first.waitForLine(/Ctrl-C stops everything/);
  expect(statSync(path.join(state, "admin-password")).mode & 0o777).toBe(0o600);

  await expectSignIn(link);

  // The printed command lines, as typed.
  const printed = first.lines.filter((line) => line.includes("bin/sensuctl")).map((line) => line.trim());
  const shell = await run(["sh", "-ec", printed.join("\n")], { cwd: ROOT, env: { HOME: folder.path } });
  expect(shell).toMatchObject({ code: 0, stderr: "" });

  const api = await admin();
  for (const check of ["cpu", "memory", "disk", "agent-port", "api-url"]) await result(api, check);
  await result(api, "touch-me", ({ check }) => check.status === 0);
  const touched = path.join(state, "touch-me");
  writeFileSync(touched, "");
  await result(api, "touch-me", ({ check }) => check.status !== 0);
  // Time goes by.
  utimesSync(touched, 1, 1);
  await result(api, "touch-me", ({ check }) => check.status === 0);
  const incidents = path.join(state, "incidents.jsonl");
  const told = await until("the incident and its end in the handler's file", () => {
    const lines = existsSync(incidents) ? readFileSync(incidents, "utf8").split("\n").filter(Boolean) : [];
    const statuses = lines
      .map((line) => JSON.parse(line).check as Result)
      .filter((one) => one.metadata.name === "touch-me");
    return statuses.length >= 2 ? statuses.map(({ status }) => status) : undefined;
  });
  expect([told[0] !== 0, told.at(-1)]).toEqual([true, 0]);

  first.signal("SIGINT");
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(ours()).toEqual([]);

  const second = start();
  await second.waitForLine(/Ctrl-C stops everything/, 60_000);
  expect(second.lines.join("\n")).not.toContain("loading checks");
  const { check } = await result(await admin(), "touch-me");
  expect(check.history.some(({ status }) => status !== 0)).toBe(true);
  second.signal("SIGTERM");
  expect(await second.exited).toEqual({ code: 0, signal: null });
  expect(ours()).toEqual([]);
}, 180_000);

test("a terminal that closes takes everything with it, although nobody reads what is said about it", async () => {
  const args = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const child = spawn(process.execPath, [path.join(ROOT, "scripts/start.ts"), "--state-dir", state, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until("the end of the start", () => (said.includes("Ctrl-C stops everything") ? true : undefined), 60_000);
  expect(ours().length).toBeGreaterThan(2);
  child.stdout.destroy();
  child.stderr.destroy();
  const ended = once(child, "exit");
  child.kill("SIGHUP");
  await ended;
  expect(ours()).toEqual([]);
}, 120_000);

test("a busy port is named with who holds it and what to set; nothing is started", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(ports.ui, "127.0.0.1", resolve));
  try {
    const program = start();
    expect((await program.exited).code).toBe(1);
    const [message = ""] = program.lines;
    expect(message).toMatch(new RegExp(`port ${ports.ui} is taken by .*\\(pid ${process.pid}\\): .*--ui-port N`));
    expect(ours()).toEqual([]);
  } finally {
    await new Promise((resolve) => taken.close(resolve));
  }
});

test.each([
  [["--help"], 0, /--state-dir DIR/],
  [["--ui-port", "x"], 1, /--ui-port x: want a port number/],
  [["--nonsense"], 1, /Unknown option '--nonsense'[\s\S]*--state-dir DIR/],
])("%j", async (args, code, text) => {
  const program = start(args);
  expect((await program.exited).code).toBe(code);
  expect(program.lines.join("\n")).toMatch(text);
});
