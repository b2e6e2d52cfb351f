/** `npm start`: a monitored machine in one command (see `--help`). */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import { hostname, userInfo } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { portHolder } from "./start/ports.ts";
import { checkNames, SUBSCRIPTION, seeds, touchFile } from "./start/seed.ts";

const root = path.dirname(import.meta.dirname);
const USAGE = `npm start -- [options]

Starts a backend with its embedded store and an agent on this machine, with a few checks to look at.

  --state-dir DIR    where data, password and logs are kept (default: ${path.join(root, ".state")})
  --listen HOST      address of all listeners (default: 127.0.0.1; 0.0.0.0 lets other machines in)
  --ui-port N        web page (default: 3000)
  --api-port N       API for sensuctl (default: 8080)
  --agent-port N     agents (default: 8081)
  --no-agent         only the backend
  --help             this text

Ctrl-C stops everything; the next start goes on with the same data. Remove the state folder to begin anew.
`;

class StartError extends Error {}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        "state-dir": { type: "string", default: path.join(root, ".state") },
        listen: { type: "string", default: "127.0.0.1" },
        "ui-port": { type: "string", default: "3000" },
        "api-port": { type: "string", default: "8080" },
        "agent-port": { type: "string", default: "8081" },
        "no-agent": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function portNumber(text: string, option: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StartError(`--${option} ${text}: want a port number`);
  return port;
}

/** Builds unless the bundles are newer than every source. */
async function build(): Promise<void> {
  const bundle = path.join(root, "dist/sensu-backend/web/index.html");
  const built = existsSync(bundle) ? statSync(bundle).mtimeMs : 0;
  const sources = globSync("packages/*/{src,public}/**/*.{ts,tsx,css,html,svg}", {
    cwd: root,
    exclude: ["**/*.test.ts"],
  });
  const newest = Math.max(...[...sources, "package-lock.json"].map((file) => statSync(path.join(root, file)).mtimeMs));
  if (built > newest) return;
  say("building ...");
  const child = spawn(process.execPath, [path.join(root, "scripts/build.ts")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new StartError("the build failed: the lines above say why");
}

/** A password made once and kept where only this user can read it. */
function secret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(18).toString("base64url")}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return readFileSync(file, "utf8").trim();
}

const children: ChildProcess[] = [];
let stopping = false;

/** Starts one of our programs in its own group, so that Ctrl-C reaches it through us, in order. */
function launch(program: string, args: readonly string[], env: Record<string, string>, logFile: string): ChildProcess {
  const child = spawn(path.join(root, "bin", program), args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunks.length > 200) chunks.shift();
      writeFileSync(logFile, chunk, { flag: "a", mode: 0o600 });
    });
  }
  child.once("exit", (code) => {
    if (stopping) return;
    process.stderr.write(
      `${program} ended with code ${code}; its last lines:\n${Buffer.concat(chunks).toString().slice(-2000)}\n`,
    );
    void stop(1);
  });
  children.push(child);
  return child;
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  say("\nstopping ...");
  for (const child of [...children].reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(timer);
  }
  say("stopped; the next npm start goes on with the same data");
  process.exit(code);
}

async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (Date.now() > end)
      throw new StartError(`${what} took more than ${seconds} seconds; see the logs in the state folder`);
    await delay(50);
  }
}

/** One request over the backend's control socket, which only this user can open. */
function control(socketPath: string, route: string, body: object): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { socketPath, path: route, method: "POST", headers: { "content-type": "application/json" } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    request.once("error", reject);
    request.end(JSON.stringify(body));
  });
}

class Api {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  static async login(url: string, user: string, password: string): Promise<Api> {
    const answer = await fetch(`${url}/auth`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
    });
    if (!answer.ok)
      throw new StartError(
        `sign-in as ${user} was refused (${answer.status}): is the state folder another installation's?`,
      );
    return new Api(url, ((await answer.json()) as { access_token: string }).access_token);
  }

  async send(method: string, route: string, body?: object): Promise<Response> {
    const answer = await fetch(this.#url + route, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok && answer.status !== 404)
      throw new StartError(`${method} ${route}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

async function main(): Promise<void> {
  const options = parse();
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const host = options.listen;
  const ports = {
    ui: portNumber(options["ui-port"], "ui-port"),
    api: portNumber(options["api-port"], "api-port"),
    agent: portNumber(options["agent-port"], "agent-port"),
  };
  for (const [name, port] of Object.entries(ports)) {
    const holder = await portHolder(host, port);
    if (holder !== undefined) {
      throw new StartError(
        `port ${port} is taken by ${holder}: stop it, or choose another with npm start -- --${name}-port N`,
      );
    }
  }
  await build();

  const stateDir = path.resolve(options["state-dir"]);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const passwordFile = path.join(stateDir, "admin-password");
  const agentPasswordFile = path.join(stateDir, "agent-password");
  const seededFile = path.join(stateDir, "seeded");
  const password = secret(passwordFile);
  const agentPassword = secret(agentPasswordFile);
  const local = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const apiUrl = `http://${local}:${ports.api}`;
  const uiUrl = `http://${local}:${ports.ui}`;
  const storeDir = path.join(stateDir, "backend");

  process.on("SIGINT", () => void stop(0));
  process.on("SIGTERM", () => void stop(0));
  process.on("SIGHUP", () => void stop(0));

  say("starting the backend ...");
  launch(
    "sensu-backend",
    [
      "start",
      ...["--state-dir", storeDir],
      ...["--api-listen-address", `${host}:${ports.api}`, "--api-url", apiUrl],
      ...["--agent-host", host, "--agent-port", String(ports.agent)],
      ...["--dashboard-host", host, "--dashboard-port", String(ports.ui)],
      "--disable-platform-metrics",
    ],
    {},
    path.join(stateDir, "backend.log"),
  );
  const socket = path.join(storeDir, "control.sock");
  await until("the start of the backend", 30, async () => ((await fetch(`${apiUrl}/ready`)).ok ? true : undefined));
  const init = await control(socket, "/init", { username: "admin", password, agentPassword });
  if (init.status !== 200 && init.status !== 409) throw new StartError(`initialising the store failed: ${init.body}`);

  const api = await Api.login(apiUrl, "admin", password);
  if (!existsSync(seededFile)) {
    say("loading checks of this machine ...");
    const places = { root, stateDir, apiUrl, agentHost: local, agentPort: ports.agent };
    for (const seed of seeds(places)) await api.send("PUT", seed.path, seed.body);
    writeFileSync(seededFile, "");
  }
  if (!options["no-agent"]) {
    say("starting the agent ...");
    const name = hostname();
    launch(
      "sensu-agent",
      [
        "start",
        ...["--name", name, "--backend-url", `ws://${local}:${ports.agent}`, "--subscriptions", SUBSCRIPTION],
        ...["--cache-dir", path.join(stateDir, "agent-cache"), "--disable-api"],
      ],
      { SENSU_PASSWORD: agentPassword },
      path.join(stateDir, "agent.log"),
    );
    await until("the agent's first keepalive", 20, async () => {
      const answer = await api.send("GET", `/api/core/v2/namespaces/default/entities/${encodeURIComponent(name)}`);
      return answer.status === 200 ? true : undefined;
    });
    for (const check of checkNames()) {
      await api.send("POST", `/api/core/v2/namespaces/default/checks/${check}/execute`, {
        metadata: { name: check, namespace: "default" },
      });
    }
  }
  const ticket = await control(socket, "/sign-in-link", { username: "admin" });
  const link = ticket.status === 200 ? `${uiUrl}${(JSON.parse(ticket.body) as { path: string }).path}` : uiUrl;
  report({ link, apiUrl, passwordFile, host, ports, stateDir, agentPasswordFile });
}

interface Report {
  readonly link: string;
  readonly apiUrl: string;
  readonly passwordFile: string;
  readonly agentPasswordFile: string;
  readonly host: string;
  readonly ports: { readonly ui: number; readonly api: number; readonly agent: number };
  readonly stateDir: string;
}

function report({ link, apiUrl, passwordFile, agentPasswordFile, host, ports, stateDir }: Report): void {
  const headless = !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"] && process.platform === "linux";
  say(`
Ready. Open this link (it signs you in once, within 10 minutes):

  ${link}
`);
  if (headless && host === "127.0.0.1") {
    say(`This host has no display. From your own computer, open a tunnel first:

  ssh -L ${ports.ui}:127.0.0.1:${ports.ui} ${userInfo().username}@${hostname()}
`);
  }
  say(`Later sign-ins: user admin, password in ${passwordFile}

Command line:
  bin/sensuctl configure -n --url ${apiUrl} --username admin --password "$(cat ${passwordFile})"
  bin/sensuctl event list

See an alert travel:
  touch ${touchFile({ stateDir })}
`);
  if (host === "127.0.0.1") {
    say(
      "Add another machine: start again with  npm start -- --listen 0.0.0.0  (plain text: only in a network you trust)",
    );
  } else {
    say(`Add another machine: copy ${agentPasswordFile} there as agent-password, then run on it
  SENSU_PASSWORD="$(cat agent-password)" bin/sensu-agent start --backend-url ws://${hostname()}:${ports.agent} --subscriptions ${SUBSCRIPTION}`);
  }
  say("\nCtrl-C stops everything.");
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof StartError ? error.message : String((error as Error).stack)}\n`);
  if (children.length > 0) void stop(1);
  else process.exit(1);
});
