/**
 * `page`: with 50,000 events stored, how long the page's lists take: the answer alone, and in a browser until the rows
 * are drawn.
 */
import { Api, type Backend, startBackend, temporaryFolder, until } from "@sensu-ts/testing";
import { type Browser, chromium } from "playwright-core";
import { AgentSocket } from "./ingest/agent-socket.ts";
import { eventTemplate, FIRST_SEQUENCE, patch } from "./ingest/wire.ts";

const CHECKS = 20;
const AT_ONCE = 100;
/** One event in so many fails. */
const FAILING = 20;
const TIMES = 5;

/** Questions of the events list, by what a user would call them. */
const QUESTIONS: readonly (readonly [name: string, query: string])[] = [
  ["first rows (incidents)", ""],
  ["all, latest failure first", "q="],
  ["200 rows by severity", "q=&order=severity&limit=200"],
  ["200 rows by name", "q=&order=name&limit=200"],
  ["200 newest rows", "q=&order=newest&limit=200"],
  ["a word in any name", "q=agent-0077&order=severity&limit=200"],
  ["a check by name", "q=check:check-07&limit=200"],
  ["a page in the middle", "q=&order=severity&limit=200&offset=25000"],
  ["the last page", "q=&order=name_desc&limit=200&offset=49800"],
];

export interface PageResult {
  readonly question: string;
  readonly rows: number;
  readonly "answer, median ms": number;
  readonly "answer, most ms": number;
  readonly "drawn, median ms": number;
  readonly "drawn, most ms": number;
}

/** `events` stored, then each question {@link TIMES} times as a call and as a page opened anew. */
export async function measurePage(events: number): Promise<readonly PageResult[]> {
  using folder = temporaryFolder();
  const backend = await startBackend({ stateDir: folder.path });
  const api = await new Api(backend).login();
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
  try {
    await fill(backend, api, events);
    await api.login();
    const answers = new Map<string, { times: number[]; rows: number }>();
    for (const [name, query] of QUESTIONS) answers.set(name, await timeAnswers(backend, api, query));
    const drawn = await timeDrawing(backend, api, browser);
    return QUESTIONS.map(([name]) => {
      const { times = [], rows = 0 } = answers.get(name) ?? {};
      return {
        question: name,
        rows,
        "answer, median ms": median(times),
        "answer, most ms": Math.round(Math.max(...times)),
        "drawn, median ms": median(drawn.get(name) ?? []),
        "drawn, most ms": Math.round(Math.max(...(drawn.get(name) ?? []))),
      };
    });
  } finally {
    await browser.close();
    await backend.program.stop();
  }
}

/** By agents that report once. */
async function fill(backend: Backend, api: Api, events: number): Promise<void> {
  const target = { url: new URL(backend.agents), user: "agent", password: "P@ssw0rd!", tls: {} };
  const agents = Math.ceil(events / CHECKS);
  for (let from = 0; from < agents; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, agents - from);
    const sockets = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const name = `agent-${String(from + i).padStart(5, "0")}`;
        const socket = new AgentSocket({ name, namespace: "default", subscriptions: ["linux"], user: "agent" }, target);
        await socket.connect();
        for (let n = 0; n < CHECKS; n++) {
          const status = ((from + i) * CHECKS + n) % FAILING === 0 ? (n % 3) + 1 : 0;
          const shape = {
            name: `check-${String(n).padStart(2, "0")}`,
            subscription: "linux",
            status,
            outputBytes: 1000,
          };
          const event = eventTemplate(socket.agent, shape);
          patch(event, Math.floor(Date.now() / 1000), FIRST_SEQUENCE);
          socket.send(event.bytes);
        }
        return socket;
      }),
    );
    const sent = (from + count) * CHECKS;
    await until(`${sent} events are stored`, async () => ((await counted(backend, api)) >= sent ? true : undefined));
    await Promise.all(sockets.map((socket) => socket.close()));
  }
}

async function counted(backend: Backend, api: Api): Promise<number> {
  const answer = await ask(backend, api, "q=&limit=1");
  return answer.counts.total;
}

interface Answer {
  readonly rows: readonly unknown[];
  readonly counts: { readonly total: number };
}

async function ask(backend: Backend, api: Api, query: string): Promise<Answer> {
  const response = await fetch(`${backend.ui}/api/ui/v1/events?namespace=default&${query || "q=status:incident"}`, {
    headers: { authorization: `Bearer ${api.token}` },
  });
  if (!response.ok) throw new Error(`the list answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

async function timeAnswers(backend: Backend, api: Api, query: string): Promise<{ times: number[]; rows: number }> {
  const times: number[] = [];
  let rows = 0;
  for (let n = 0; n < TIMES; n++) {
    const begun = performance.now();
    rows = (await ask(backend, api, query)).rows.length;
    times.push(performance.now() - begun);
  }
  return { times, rows };
}

/** From the start of the navigation until the table is there, by the browser's own clock. */
async function timeDrawing(backend: Backend, api: Api, browser: Browser): Promise<ReadonlyMap<string, number[]>> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const session = JSON.stringify({ access_token: api.token, refresh_token: "none", refresh_at: 4e9 });
  await context.addInitScript(`localStorage.setItem("sensu.session", ${JSON.stringify(session)})`);
  const page = await context.newPage();
  const drawn = new Map<string, number[]>();
  for (let n = 0; n < TIMES; n++) {
    for (const [name, query] of QUESTIONS) {
      await page.goto(`${backend.ui}/n/default/events?${query}`, { waitUntil: "commit" });
      const ms = Number(await page.evaluate(DRAWN));
      drawn.set(name, [...(drawn.get(name) ?? []), ms]);
    }
  }
  return drawn;
}

/** Runs in the page, as text, because the benchmark knows no DOM: the time of the first frame that shows the rows. */
const DRAWN = `new Promise((resolve) => {
  const look = () => document.querySelector("tbody tr") ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look);
  look();
})`;

function median(times: readonly number[]): number {
  return Math.round([...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN);
}
