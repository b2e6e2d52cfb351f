/**
 * Measures ingest: starts a backend or the floor, opens a page's live feed, plays agents, reads what the server used,
 * and checks that every event is stored.
 *
 *   node bench/src/ingest/run.ts --program bin/sensu-backend --agents 1000 --rate 20000 --seconds 60
 *   node bench/src/ingest/run.ts --floor --rate 20000 --seconds 60
 *   node bench/src/ingest/run.ts --mtls --agents 1000 --rate 20000 --seconds 60
 */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Api, LiveFeed, Program, startBackend, startOriginalBackend } from "@sensu-ts/testing";
import { writeMtlsFiles } from "../mtls-files.ts";
import { askStored, committed } from "./stored.ts";
import { FIRST_SEQUENCE } from "./wire.ts";

const { values: options } = parseArgs({
  options: {
    /** The backend: our launcher, or another build's. */
    program: { type: "string", default: path.resolve(import.meta.dirname, "../../../bin/sensu-backend") },
    floor: { type: "boolean", default: false },
    /** The original's backend, from the folder that ORIGINAL names. It has no live feed. */
    original: { type: "boolean", default: false },
    /** Agents come over TLS and are known by certificate; API and page stay plaintext. */
    mtls: { type: "boolean", default: false },
    agents: { type: "string", default: "1000" },
    rate: { type: "string", default: "20000" },
    seconds: { type: "string", default: "60" },
    /** Flags of Node for the floor. */
    "node-flag": { type: "string", multiple: true, default: [] },
  },
});

/** Clock ticks of /proc a second on Linux. */
const TICKS = 100;
/** What is on its way when the generator ends may take this long. */
const SETTLE_MS = 10_000;
const folder = mkdtempSync(path.join(tmpdir(), "sensu-bench-"));
const sink = createSocket("udp4");
let handled = 0;
sink.on("message", () => handled++);

const mtls = options.mtls ? writeMtlsFiles(folder) : undefined;

interface Server {
  readonly name: string;
  readonly program: Program;
  readonly agents: string;
  /** Absent for the floor. */
  readonly api?: Api;
  /** Origin of the page; absent where there is none. */
  readonly ui?: string;
}

async function startServer(): Promise<Server> {
  if (options.floor) {
    const script = path.join(import.meta.dirname, "floor.ts");
    const file = path.join(folder, "floor.sqlite");
    const program = new Program([process.execPath, ...options["node-flag"], script, "--file", file]);
    const [, port] = await program.waitForLine(/"port":(\d+)/);
    return { name: "floor", program, agents: `ws://127.0.0.1:${port}` };
  }
  if (options.original) {
    const { program, agents, api } = await startOriginalBackend({ stateDir: folder });
    return { name: "original", program, agents, api: await new Api({ api }).login() };
  }
  const command = [path.resolve(options.program)];
  const args = mtls?.agentAuthArgs ?? [];
  const { program, agents, api, ui } = await startBackend({ stateDir: folder, command, args });
  return { name: options.program, program, agents, api: await new Api({ api }).login(), ui };
}

/** One pipeline with both usual filters, whose handler sends incidents to a socket of ours. */
async function createPipeline(api: Api): Promise<void> {
  const port = await new Promise<number>((resolve) => sink.bind(0, "127.0.0.1", () => resolve(sink.address().port)));
  const put = (kind: string, name: string, body: object) =>
    api.put(`/api/core/v2/namespaces/default/${kind}/${name}`, { metadata: { name, namespace: "default" }, ...body });
  const reference = (type: string, name: string) => ({ api_version: "core/v2", type, name });
  await put("handlers", "sink", { type: "udp", socket: { host: "127.0.0.1", port } });
  await put("pipelines", "incidents", {
    workflows: [
      {
        name: "incidents",
        filters: [reference("EventFilter", "is_incident"), reference("EventFilter", "not_silenced")],
        handler: reference("Handler", "sink"),
      },
    ],
  });
}

interface Usage {
  readonly cpuMs: number;
  readonly threads: Readonly<Record<string, number>>;
}

function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function usage(pid: number): Usage {
  const threads: Record<string, number> = {};
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    threads[name] = (threads[name] ?? 0) + (ticksOf(stat) * 1000) / TICKS;
  }
  return { cpuMs: (ticksOf(readFileSync(`/proc/${pid}/stat`, "utf8")) * 1000) / TICKS, threads };
}

function residentMb(pid: number, key: "VmHWM" | "VmRSS"): number {
  const match = new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(match?.[1] ?? 0) / 1024);
}

interface Generated {
  readonly sent: number;
  readonly keepalives: number;
  readonly rate: number;
  readonly connectMs: number;
  readonly held: number;
  readonly lostSessions: number;
  readonly seconds: number;
  readonly cpuMicrosecondsPerEvent: number;
  readonly sequences: Readonly<Record<string, number>>;
}

async function generate(url: string): Promise<Generated> {
  const script = path.join(import.meta.dirname, "generator.ts");
  const load = ["--agents", options.agents, "--rate", options.rate, "--seconds", options.seconds];
  const own = mtls ? ["--cert", mtls.clientCert, "--key", mtls.clientKey, "--ca", mtls.ca] : [];
  const child = spawn(process.execPath, [script, "--url", url, ...load, ...own], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the generator ended with ${code}`);
  return JSON.parse(out) as Generated;
}

async function latency(api: Api): Promise<string | undefined> {
  const text = String((await api.send("GET", "/metrics")).body);
  const of = (quantile: string) =>
    new RegExp(`sensu_ts_ingest_latency_milliseconds{quantile="${quantile}"} (\\S+)`).exec(text)?.[1];
  return of("0.5") && `p50 ${of("0.5")}, p90 ${of("0.9")}, p99 ${of("0.99")} (within 3 %)`;
}

type Rows = Record<string, string | number>;

/** Waits until all is stored, or until nothing more comes. */
async function storedRows(api: Api, result: Generated, committedBefore: number): Promise<Rows> {
  // Each certificate brings an event of its own (S-104).
  const events = result.sent + result.keepalives + (mtls ? Number(options.agents) : 0);
  const begin = performance.now();
  const rest = async () => events - ((await committed(api)) - committedBefore);
  let left = await rest();
  while (left > 0 && performance.now() - begin < SETTLE_MS) {
    await delay(50);
    left = await rest();
  }
  const settled = performance.now() - begin;
  await api.login();
  const stored = await askStored(api, result.sequences, FIRST_SEQUENCE);
  return {
    "events sent and not committed": left,
    "keys whose last event is not stored": stored.behind,
    "keys whose history has a gap": stored.gaps,
    "committed after the last was sent, ms": settled,
    "incidents handled": handled,
  };
}

async function main(): Promise<void> {
  const server = await startServer();
  const { pid } = server.program;
  try {
    if (server.api) await createPipeline(server.api);
    const committedBefore = server.api ? await committed(server.api) : 0;
    const page =
      server.ui && server.api ? new LiveFeed(server.ui, "topic=events&namespace=default", server.api) : undefined;
    await page?.start();
    const before = usage(pid);
    const idleMb = residentMb(pid, "VmRSS");
    const ended = server.program.exited.then((how) => Promise.reject(new Error(`the server ended early: ${how.code}`)));
    ended.catch(() => {});
    // The last but one is surely of open sessions: the generator closes them within its last second.
    const resident: number[] = [idleMb];
    const sampling = setInterval(() => resident.push(residentMb(pid, "VmRSS")), 1000);
    const result = await Promise.race([generate(server.agents), ended]);
    clearInterval(sampling);
    const after = usage(pid);
    const openMb = resident.at(-2) ?? idleMb;
    await page?.stop();
    const events = result.sent + result.keepalives;
    const rows: Rows = {
      server: server.name,
      "agents come by": mtls ? "certificate, over TLS" : "password, in plaintext",
      agents: options.agents,
      "connect of all, ms": result.connectMs,
      "events sent": result.sent,
      "events a second": result.rate,
      "held back by the server": result.held,
      "sessions lost": result.lostSessions,
      "server CPU an event, us": ((after.cpuMs - before.cpuMs) * 1000) / events,
      "generator CPU an event, us": result.cpuMicrosecondsPerEvent,
      "resident before, MB": idleMb,
      "resident with all sessions open, MB": openMb,
      "resident at most, MB": residentMb(pid, "VmHWM"),
      "resident more a session, KiB": ((openMb - idleMb) * 1024) / Number(options.agents),
    };
    for (const [name, ms] of Object.entries(after.threads)) {
      const used = ms - (before.threads[name] ?? 0);
      if (used > 0) rows[`  ${name}, us`] = (used * 1000) / events;
    }
    if (page) {
      const rest = [...page.frames].map(([kind, count]) => `${count} ${kind}`).join(", ");
      rows["page's live feed"] = `${Math.round(page.bytes / 1024)} KB: ${rest}`;
    }
    if (server.api) {
      const milliseconds = await latency(server.api);
      if (milliseconds) rows["socket to commit, ms"] = milliseconds;
      Object.assign(rows, await storedRows(server.api, result, committedBefore));
    }
    for (const [name, value] of Object.entries(rows)) {
      process.stdout.write(`${name.padEnd(38)} ${typeof value === "number" ? Number(value.toFixed(1)) : value}\n`);
    }
  } finally {
    await server.program.stop();
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
