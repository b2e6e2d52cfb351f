/**
 * Load program: plays many agents that speak only the agent protocol. Each agent has four checks; about one event in
 * twenty fails. Prints one line of JSON at the end.
 *
 *   node generator.ts --url ws://127.0.0.1:8081 --agents 1000 --rate 20000 --seconds 60
 */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { AgentSocket, type Target } from "./agent-socket.ts";
import { failing } from "./pattern.ts";
import { type AgentIdentity, eventTemplate, FIRST_SEQUENCE, keepaliveTemplate, patch, type Template } from "./wire.ts";

const CHECKS = ["check-cpu", "check-disk", "check-http", "check-memory"];
const CONNECTS_AT_ONCE = 64;
const TICK_MS = 5;

interface Key {
  readonly socket: AgentSocket;
  readonly check: string;
  readonly passing: Template;
  readonly failing: Template;
  sequence: number;
}

const { values: options } = parseArgs({
  options: {
    url: { type: "string", default: "ws://127.0.0.1:8081" },
    agents: { type: "string", default: "1000" },
    rate: { type: "string", default: "20000" },
    seconds: { type: "string", default: "60" },
    namespace: { type: "string", default: "default" },
    user: { type: "string", default: "agent" },
    /** The password itself comes in the environment variable GENERATOR_PASSWORD, not in argv. */
    "password-env": { type: "string", default: "GENERATOR_PASSWORD" },
    cert: { type: "string" },
    key: { type: "string" },
    ca: { type: "string" },
    "output-bytes": { type: "string", default: "1000" },
    "keepalive-seconds": { type: "string", default: "20" },
    "cooldown-seconds": { type: "string", default: "0" },
  },
});
const agents = Number(options.agents);
const rate = Number(options.rate);
const seconds = Number(options.seconds);
const target: Target = {
  url: new URL(options.url),
  user: options.user,
  password: options.cert ? "" : (process.env[options["password-env"]] ?? "P@ssw0rd!"),
  tls: {
    ...(options.cert ? { cert: readFileSync(options.cert) } : {}),
    ...(options.key ? { key: readFileSync(options.key) } : {}),
    ...(options.ca ? { ca: readFileSync(options.ca) } : {}),
  },
};

const sockets = Array.from({ length: agents }, (_, i) => {
  const agent: AgentIdentity = {
    name: `bench-${String(i).padStart(5, "0")}`,
    namespace: options.namespace,
    subscriptions: ["bench", "linux"],
    user: options.user,
  };
  return new AgentSocket(agent, target);
});
const keepalives = sockets.map((socket) => keepaliveTemplate(socket.agent));
const keys: Key[] = CHECKS.flatMap((name) =>
  sockets.map((socket) => {
    const shape = { name, subscription: "bench", outputBytes: Number(options["output-bytes"]) };
    return {
      socket,
      check: name,
      passing: eventTemplate(socket.agent, { ...shape, status: 0 }),
      failing: eventTemplate(socket.agent, { ...shape, status: 2 }),
      sequence: FIRST_SEQUENCE,
    };
  }),
);

async function connectAll(): Promise<number> {
  const begin = performance.now();
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < sockets.length; i = next++) await sockets[i]?.connect();
  };
  await Promise.all(Array.from({ length: CONNECTS_AT_ONCE }, lane));
  return performance.now() - begin;
}

let keepalivesSent = 0;
function sendKeepalive(i: number, round: number): void {
  const frame = keepalives[i];
  const socket = sockets[i];
  if (!frame || !socket?.ready) return;
  patch(frame, Math.floor(Date.now() / 1000), FIRST_SEQUENCE + round);
  socket.send(frame.bytes);
  keepalivesSent++;
}

let sent = 0;
let failed = 0;
let held = 0;
let cursor = 0;

/** Sends the next key's event; false when its socket still holds bytes (the server reads too slowly). */
function sendNext(now: number): boolean {
  const key = keys[cursor] as Key;
  cursor = (cursor + 1) % keys.length;
  if (!key.socket.ready) return false;
  const bad = failing(key.socket.agent.name, key.sequence);
  const frame = bad ? key.failing : key.passing;
  patch(frame, now, key.sequence++);
  key.socket.send(frame.bytes);
  sent++;
  if (bad) failed++;
  return true;
}

async function run(): Promise<void> {
  const connectMs = await connectAll();
  for (let i = 0; i < sockets.length; i++) sendKeepalive(i, 0);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  process.stderr.write(`connected ${agents} in ${connectMs.toFixed(0)} ms\n`);
  const cpu = process.cpuUsage();
  const begin = performance.now();
  let keepaliveCursor = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = (performance.now() - begin) / 1000;
      const due = Math.floor(Math.min(elapsed, seconds) * rate);
      const now = Math.floor(Date.now() / 1000);
      let misses = 0;
      while (sent < due && misses < keys.length) {
        if (!sendNext(now)) {
          held++;
          misses++;
        }
      }
      const keepaliveDue = Math.floor((elapsed * agents) / Number(options["keepalive-seconds"]));
      for (; keepaliveCursor < keepaliveDue; keepaliveCursor++) {
        sendKeepalive(keepaliveCursor % agents, 1 + Math.floor(keepaliveCursor / agents));
      }
      if (elapsed >= seconds) {
        clearInterval(timer);
        resolve();
      }
    }, TICK_MS);
  });
  const elapsed = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(cpu);
  await new Promise((resolve) => setTimeout(resolve, Number(options["cooldown-seconds"]) * 1000));
  const lost = sockets.filter((socket) => socket.closed).length;
  await Promise.all(sockets.map((socket) => socket.close()));
  const sequences: Record<string, number> = {};
  for (const key of keys) {
    if (key.sequence > FIRST_SEQUENCE) sequences[`${key.socket.agent.name}/${key.check}`] = key.sequence - 1;
  }
  process.stdout.write(
    `${JSON.stringify({
      agents,
      connectMs: Math.round(connectMs),
      sent,
      failing: failed,
      keepalives: keepalivesSent,
      held,
      lostSessions: lost,
      seconds: Number(elapsed.toFixed(2)),
      rate: Math.round(sent / elapsed),
      cpuMicrosecondsPerEvent: Number(((used.user + used.system) / Math.max(sent, 1)).toFixed(1)),
      /** Last sequence sent of each entity/check: what the store must hold in the end. */
      sequences,
    })}\n`,
  );
}

await run();
process.exit(0);
