/**
 * `loop`: agents of one subscription answer every check request by an event; how many runs a second the backend
 * sustains, and how late its requests leave.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Api, startBackend, temporaryFolder } from "@sensu-ts/testing";
import { AgentSocket } from "./ingest/agent-socket.ts";
import { eventTemplate, FIRST_SEQUENCE, keepaliveTemplate, patch, type Template } from "./ingest/wire.ts";
import { cpuSeconds, residentMiB } from "./proc.ts";

const SUBSCRIPTION = "loop";
const PERIOD_MS = 1000;
const AT_ONCE = 64;
const NAME = /loop-(\d\d)/;

export interface LoopResult {
  readonly "runs a second": number;
  readonly "requests a second, scheduled": number;
  readonly "request late, p99 ms": number;
  readonly "request late, most ms": number;
  readonly "events stored of answers": number;
  readonly "backend CPU a run, us": number;
  readonly "resident now, MiB": number;
}

interface Asked {
  count: number;
  sequence: number;
  readonly answer: Template;
}

function checkName(index: number): string {
  return `loop-${String(index).padStart(2, "0")}`;
}

async function eventsProcessed(api: string): Promise<number> {
  const text = await (await fetch(`${api}/metrics`)).text();
  return Number(/sensu_go_events_processed{status="success",type="check"} (\d+)/.exec(text)?.[1] ?? 0);
}

/** `checks` of one second's interval, `agents` with their subscription, for `seconds`. */
export async function measureLoop(agents: number, checks: number, seconds: number): Promise<LoopResult> {
  using folder = temporaryFolder();
  const backend = await startBackend({ stateDir: folder.path });
  const api = await new Api(backend).login();
  const target = { url: new URL(backend.agents), user: "agent", password: "P@ssw0rd!", tls: {} };
  /** When the first request of each check came, ms; later ones are due whole seconds after it. */
  const bases = new Array<number>(checks).fill(Number.NaN);
  const lateness: number[] = [];
  let answered = 0;
  let measuring = false;

  const sockets = Array.from({ length: agents }, (_, i) => {
    const identity = { name: `loop-agent-${i}`, namespace: "default", subscriptions: [SUBSCRIPTION], user: "agent" };
    const socket = new AgentSocket(identity, target);
    const asked: Asked[] = Array.from({ length: checks }, (_, index) => ({
      count: 0,
      sequence: FIRST_SEQUENCE,
      answer: eventTemplate(identity, {
        name: checkName(index),
        subscription: SUBSCRIPTION,
        status: 0,
        outputBytes: 1000,
      }),
    }));
    socket.onMessage = (payload) => {
      if (!payload.subarray(0, 14).toString("latin1").startsWith("check_request\n")) return;
      const index = Number(NAME.exec(payload.toString("latin1"))?.[1] ?? -1);
      const run = asked[index];
      if (!run) return;
      const now = performance.now();
      const base = bases[index] as number;
      if (Number.isNaN(base)) bases[index] = now;
      else if (measuring) lateness.push(now - base - run.count * PERIOD_MS);
      run.count++;
      if (!socket.ready) return;
      patch(run.answer, Math.floor(Date.now() / 1000), run.sequence++);
      socket.send(run.answer.bytes);
      if (measuring) answered++;
    };
    return socket;
  });
  for (let i = 0; i < sockets.length; i += AT_ONCE) {
    await Promise.all(
      sockets.slice(i, i + AT_ONCE).map(async (socket) => {
        await socket.connect();
        const keepalive = keepaliveTemplate(socket.agent);
        patch(keepalive, Math.floor(Date.now() / 1000), FIRST_SEQUENCE);
        socket.send(keepalive.bytes);
      }),
    );
  }
  for (let index = 0; index < checks; index++) {
    const name = checkName(index);
    await api.put(`/api/core/v2/namespaces/default/checks/${name}`, {
      metadata: { name, namespace: "default" },
      command: `/usr/lib/plugins/${name} -w 80 -c 90`,
      interval: 1,
      publish: true,
      subscriptions: [SUBSCRIPTION],
    });
  }
  await delay(5 * PERIOD_MS);
  const storedBefore = await eventsProcessed(backend.api);
  const cpuBefore = cpuSeconds(backend.program.pid);
  const started = performance.now();
  measuring = true;
  await delay(seconds * 1000);
  measuring = false;
  const elapsed = (performance.now() - started) / 1000;
  const cpu = cpuSeconds(backend.program.pid) - cpuBefore;
  const stored = (await eventsProcessed(backend.api)) - storedBefore;
  lateness.sort((a, b) => a - b);
  const result: LoopResult = {
    "runs a second": Math.round(answered / elapsed),
    "requests a second, scheduled": agents * checks,
    "request late, p99 ms": Math.round(lateness[Math.floor(lateness.length * 0.99)] ?? 0),
    "request late, most ms": Math.round(lateness.at(-1) ?? 0),
    "events stored of answers": Number((stored / Math.max(answered, 1)).toFixed(3)),
    "backend CPU a run, us": Number(((cpu * 1e6) / Math.max(answered, 1)).toFixed(1)),
    "resident now, MiB": Math.round(residentMiB(backend.program.pid)),
  };
  await Promise.all(sockets.map((socket) => socket.close()));
  await backend.program.stop();
  return result;
}
