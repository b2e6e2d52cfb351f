/** Profiles of the running backend for who can reach the loopback (B-323). They name functions, and hold no data. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type HeapProfiler, type Profiler, Session } from "node:inspector/promises";
import { setTimeout as delay } from "node:timers/promises";
import { close, createServer, type Logger, listen } from "@sensu-ts/runtime";

export const PROFILER_ADDRESS = { host: "127.0.0.1", port: 6060 };
const DEFAULT_SECONDS = 30;
const MAX_SECONDS = 300;
const HELP = `/debug/pprof/profile?seconds=N   processor time by function (.cpuprofile)
/debug/pprof/heap?seconds=N      memory taken by function (.heapprofile)
Both open in the browser's developer tools.
`;

type Profile = Profiler.Profile | HeapProfiler.SamplingHeapProfile;

const PROFILES: Readonly<Record<string, (session: Session, ms: number) => Promise<Profile>>> = {
  async "/debug/pprof/profile"(session, ms) {
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    await delay(ms);
    return (await session.post("Profiler.stop")).profile;
  },
  async "/debug/pprof/heap"(session, ms) {
    await session.post("HeapProfiler.startSampling");
    await delay(ms);
    return (await session.post("HeapProfiler.stopSampling")).profile;
  },
};

export class ProfilerListener {
  readonly #log: Logger;
  #server: Server | undefined;
  /** One profile at a time: each slows the backend down. */
  #busy = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The address it listens on; fails when the port is taken. */
  async start(address = PROFILER_ADDRESS): Promise<string> {
    this.#server = createServer(undefined, (request, response) => void this.#answer(request, response));
    const { host, port } = await listen(this.#server, address);
    return `http://${host}:${port}`;
  }

  async stop(): Promise<void> {
    if (this.#server) await close(this.#server, 0);
    this.#server = undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const profile = PROFILES[pathname];
    const seconds = Number(searchParams.get("seconds") ?? DEFAULT_SECONDS);
    if (!profile || request.method !== "GET") return end(response, profile ? 405 : 404, HELP);
    if (!(seconds > 0 && seconds <= MAX_SECONDS)) return end(response, 400, `seconds: want 1 to ${MAX_SECONDS}\n`);
    if (this.#busy) return end(response, 409, "another profile is being taken\n");
    this.#busy = true;
    const session = new Session();
    try {
      session.connect();
      const taken = await profile(session, seconds * 1000);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(taken));
    } catch (error) {
      this.#log.error({ error }, "taking a profile failed");
      end(response, 500, "taking the profile failed\n");
    } finally {
      session.disconnect();
      this.#busy = false;
    }
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" }).end(text);
}
