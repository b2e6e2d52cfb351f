/**
 * Measures ingest: starts a backend or the floor, plays agents, reads what the server used, and checks that the
 * last event of every entity and check is stored.
 *
 *   node bench/src/ingest/run.ts --program bin/sensu-backend --agents 1000 --rate 20000 --seconds 60
 *   node bench/src/ingest/run.ts --floor --rate 20000 --seconds 60
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    /** The backend: our launcher, or another build's. */
    program: { type: "string", default: path.resolve(import.meta.dirname, "../../../bin/sensu-backend") },
    floor: { type: "boolean", default: false },
    agents: { type: "string", default: "1000" },
    rate: { type: "string", default: "20000" },
    seconds: { type: "string", default: "60" },
    /** Flags of Node for the floor. */
    "node-flag": { type: "string", multiple: true, default: [] },
  },
});

const ADMIN = { user: "admin", password: "bench-P@ssw0rd!" };
/** Clock ticks of /proc a second on Linux. */
const TICKS = 100;
/** What is on its way when the generator ends may take this long. */
const SETTLE_MS = 10_000;
const folder = mkdtempSync(path.join(tmpdir(), "sensu-bench-"));
const sink = createSocket("udp4");
let handled = 0;
sink.on("message", () => handled++);

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
  /** Absent for the floor. */
  readonly api?: string;
}

function launch(command: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, command, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
}

/** Our launcher, or another program with the same command line. */
function launchProgram(program: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(path.resolve(program), args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
}

/** Resolves with the first match of each pattern in what the child prints; its later output is read and dropped. */
function lines(child: ChildProcess, patterns: readonly RegExp[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const found: (string | undefined)[] = patterns.map(() => undefined);
    const last: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        last.push(line);
        if (last.length > 20) last.shift();
        for (const [i, pattern] of patterns.entries()) found[i] ??= pattern.exec(line)?.[1];
        if (found.every((one) => one !== undefined)) resolve(found as string[]);
      });
    }
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${last.join("\n")}`)));
  });
}

async function startFloor(): Promise<Server> {
  const script = path.join(import.meta.dirname, "floor.ts");
  const child = launch([...options["node-flag"], script, "--file", path.join(folder, "floor.sqlite")]);
  const [port] = await lines(child, [/"port":(\d+)/]);
  return { child, url: `ws://127.0.0.1:${port}` };
}

async function startBackend(): Promise<Server> {
  const state = ["--state-dir", folder, "--cache-dir", path.join(folder, "cache")];
  const init = launchProgram(options.program, ["init", ...state.slice(0, 2)], {
    SENSU_BACKEND_CLUSTER_ADMIN_USERNAME: ADMIN.user,
    SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD: ADMIN.password,
  });
  init.stdout?.resume();
  init.stderr?.resume();
  const code = await new Promise((resolve) => init.once("exit", resolve));
  if (code !== 0) throw new Error(`init ended with ${code}`);
  const child = launchProgram(options.program, [
    "start",
    ...state,
    ...["--api-listen-address", "127.0.0.1:0", "--agent-host", "127.0.0.1", "--agent-port", "0"],
    ...["--dashboard-host", "127.0.0.1", "--dashboard-port", "0"],
  ]);
  const address = (part: string) => new RegExp(`starting ${part} on address: ([^"]+)`);
  const [agents, api] = await lines(child, [address("agentd"), address("apid")]);
  return { child, url: `ws://${agents}`, api: `http://${api}` };
}

async function token(api: string): Promise<string> {
  const login = Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString("base64");
  const answer = await fetch(`${api}/auth`, { headers: { Authorization: `Basic ${login}` } });
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** One pipeline with both usual filters, whose handler sends incidents to a socket of ours. */
async function createPipeline(api: string): Promise<void> {
  const port = await new Promise<number>((resolve) => sink.bind(0, "127.0.0.1", () => resolve(sink.address().port)));
  const headers = { Authorization: `Bearer ${await token(api)}`, "Content-Type": "application/json" };
  const put = async (kind: string, name: string, body: object) => {
    const url = `${api}/api/core/v2/namespaces/default/${kind}/${name}`;
    const full = { metadata: { name, namespace: "default" }, ...body };
    const answer = await fetch(url, { method: "PUT", headers, body: JSON.stringify(full) });
    if (!answer.ok) throw new Error(`${kind}/${name}: ${answer.status} ${await answer.text()}`);
  };
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
  const child = spawn(process.execPath, [script, "--url", url, ...load], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the generator ended with ${code}`);
  return JSON.parse(out) as Generated;
}

/** Number of keys whose newest stored event is not the last one sent. */
async function missing(api: string, sequences: Readonly<Record<string, number>>): Promise<number> {
  const headers = { Authorization: `Bearer ${await token(api)}` };
  const left = new Map(Object.entries(sequences));
  let next = "";
  do {
    const url = `${api}/api/core/v2/namespaces/default/events?limit=500&continue=${encodeURIComponent(next)}`;
    const answer = await fetch(url, { headers });
    if (!answer.ok) throw new Error(`events: ${answer.status} ${await answer.text()}`);
    type Listed = { sequence: number; entity: { metadata: { name: string } }; check: { metadata: { name: string } } };
    for (const { sequence, entity, check } of (await answer.json()) as Listed[]) {
      const key = `${entity.metadata.name}/${check.metadata.name}`;
      if (left.get(key) === sequence) left.delete(key);
    }
    next = answer.headers.get("sensu-continue") ?? "";
  } while (next !== "");
  return left.size;
}

async function latency(api: string): Promise<string> {
  const text = await (await fetch(`${api}/metrics`)).text();
  const of = (quantile: string) =>
    new RegExp(`sensu_ts_ingest_latency_milliseconds{quantile="${quantile}"} (\\S+)`).exec(text)?.[1] ?? "?";
  return `p50 ${of("0.5")}, p90 ${of("0.9")}, p99 ${of("0.99")} (upper bounds)`;
}

async function main(): Promise<void> {
  const server = options.floor ? await startFloor() : await startBackend();
  const pid = server.child.pid ?? 0;
  const exited = new Promise((resolve) => server.child.once("exit", (code, signal) => resolve(signal ?? code)));
  try {
    if (server.api) await createPipeline(server.api);
    const before = usage(pid);
    const idleMb = residentMb(pid, "VmRSS");
    const ended = exited.then((how) => Promise.reject(new Error(`the server ended early: ${how}`)));
    ended.catch(() => {});
    const result = await Promise.race([generate(server.url), ended]);
    const after = usage(pid);
    const events = result.sent + result.keepalives;
    const rows: Record<string, string | number> = {
      server: options.floor ? "floor" : options.program,
      agents: options.agents,
      "connect of all, ms": result.connectMs,
      "events sent": result.sent,
      "events a second": result.rate,
      "held back by the server": result.held,
      "sessions lost": result.lostSessions,
      "server CPU an event, us": ((after.cpuMs - before.cpuMs) * 1000) / events,
      "generator CPU an event, us": result.cpuMicrosecondsPerEvent,
      "resident before, MB": idleMb,
      "resident now, MB": residentMb(pid, "VmRSS"),
      "resident at most, MB": residentMb(pid, "VmHWM"),
    };
    for (const [name, ms] of Object.entries(after.threads)) {
      const used = ms - (before.threads[name] ?? 0);
      if (used > 0) rows[`  ${name}, us`] = (used * 1000) / events;
    }
    if (server.api) {
      rows["socket to commit, ms"] = await latency(server.api);
      const begin = performance.now();
      let left = await missing(server.api, result.sequences);
      while (left > 0 && performance.now() - begin < SETTLE_MS) left = await missing(server.api, result.sequences);
      rows["keys whose last event is not stored"] = left;
      rows["stored after the last was sent, ms"] = performance.now() - begin;
      rows["incidents handled"] = handled;
    }
    for (const [name, value] of Object.entries(rows)) {
      process.stdout.write(`${name.padEnd(38)} ${typeof value === "number" ? Number(value.toFixed(1)) : value}\n`);
    }
  } finally {
    server.child.kill("SIGTERM");
    const kill = setTimeout(() => server.child.kill("SIGKILL"), 15_000);
    await exited;
    clearTimeout(kill);
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
