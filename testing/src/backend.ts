import path from "node:path";
import { bundleCommand, originalCommand, Program, type ProgramOptions, run } from "./program.ts";
import { freePort, until } from "./wait.ts";

export const ADMIN = { user: "admin", password: "test-P@ssw0rd!" } as const;
const INIT_ENV = {
  SENSU_BACKEND_CLUSTER_ADMIN_USERNAME: ADMIN.user,
  SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD: ADMIN.password,
};

export interface Backend {
  readonly program: Program;
  readonly api: string;
  readonly agents: string;
  readonly ui: string;
}

export interface BackendOptions extends ProgramOptions {
  readonly stateDir: string;
  readonly args?: readonly string[];
  /** The program, when it is not our bundle. */
  readonly command?: readonly string[];
  /** Already initialised: do not run `init`. */
  readonly resume?: boolean;
  /** `host:port` of each listener when a restart must keep them; default: the kernel chooses. */
  readonly apiAddress?: string;
  readonly agentPort?: number;
  readonly uiPort?: number;
}

/** The schemes that the TLS options in `args` give each listener (S-134 to S-136). */
function schemes(args: readonly string[]): { http: string; ws: string; page: string } {
  const secure = args.includes("--cert-file");
  return {
    http: secure ? "https" : "http",
    ws: secure || args.includes("--agent-auth-cert-file") ? "wss" : "ws",
    page: secure || args.includes("--dashboard-cert-file") ? "https" : "http",
  };
}

/** Our bundle, initialised with {@link ADMIN}, on loopback. */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const command = options.command ?? bundleCommand("sensu-backend");
  if (!options.resume) {
    const init = await run([...command, "init", "--state-dir", options.stateDir], { env: INIT_ENV });
    if (init.code !== 0) throw new Error(`init ended with ${init.code}: ${init.stderr}`);
  }
  const program = new Program(
    [
      ...command,
      "start",
      ...["--state-dir", options.stateDir, "--cache-dir", path.join(options.stateDir, "cache")],
      ...["--api-listen-address", options.apiAddress ?? "127.0.0.1:0"],
      ...["--agent-host", "127.0.0.1", "--agent-port", String(options.agentPort ?? 0)],
      ...["--dashboard-host", "127.0.0.1", "--dashboard-port", String(options.uiPort ?? 0)],
      ...["--platform-metrics-log-file", path.join(options.stateDir, "backend-stats.log")],
      ...(options.args ?? []),
    ],
    options,
  );
  try {
    const address = async (part: string) =>
      (await program.waitForLine(new RegExp(`starting ${part} on address: ([^"]+)`)))[1];
    const scheme = schemes(options.args ?? []);
    const api = `${scheme.http}://${await address("apid")}`;
    const agents = `${scheme.ws}://${await address("agentd")}`;
    const ui = `${scheme.page}://${await address("dashboardd")}`;
    await program.waitForLine(/backend is running and ready to accept events/);
    return { program, api, agents, ui };
  } catch (error) {
    await program.kill();
    throw error;
  }
}

/** The original backend with its embedded etcd, every listener on loopback, initialised with {@link ADMIN}. */
export async function startOriginalBackend(options: { readonly stateDir: string }): Promise<Backend> {
  const command = originalCommand("sensu-backend");
  const [api, agent, client, peer] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const clientUrl = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const program = new Program([
    ...command,
    "start",
    ...["--state-dir", options.stateDir, "--cache-dir", path.join(options.stateDir, "cache")],
    ...["--api-listen-address", `127.0.0.1:${api}`, "--api-url", `http://127.0.0.1:${api}`],
    ...["--agent-host", "127.0.0.1", "--agent-port", String(agent)],
    ...["--etcd-listen-client-urls", clientUrl, "--etcd-advertise-client-urls", clientUrl],
    ...["--etcd-listen-peer-urls", peerUrl, "--etcd-initial-advertise-peer-urls", peerUrl],
    ...["--etcd-initial-cluster", `default=${peerUrl}`],
    "--disable-platform-metrics",
  ]);
  try {
    await until(
      "the original backend initialised",
      async () => {
        const init = await run([...command, "init", "--etcd-client-urls", clientUrl, "--ignore-already-initialized"], {
          env: INIT_ENV,
        });
        return init.code === 0 ? true : undefined;
      },
      60_000,
    );
    const url = `http://127.0.0.1:${api}`;
    await until(
      "the original backend ready",
      async () => ((await fetch(`${url}/ready`)).ok ? true : undefined),
      60_000,
    );
    return { program, api: url, agents: `ws://127.0.0.1:${agent}`, ui: "" };
  } catch (error) {
    await program.kill();
    throw error;
  }
}
