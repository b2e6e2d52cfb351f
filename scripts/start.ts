/** `npm start`: a monitored machine in one command (see `--help`). */
import { spawn } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ApiError, memberPath, SensuClient, type Tokens } from "@sensu-ts/client";
import type { Json } from "@sensu-ts/core";
import { askControl } from "@sensu-ts/runtime";
import { addMachine, rememberListening } from "./start/add-machine.ts";
import { type Certificates, prepareCertificates } from "./start/certificates.ts";
import { StartError } from "./start/errors.ts";
import { portHolder } from "./start/ports.ts";
import { Programs, until } from "./start/programs.ts";
import { report } from "./start/report.ts";
import { secret } from "./start/secret.ts";
import { checkNames, listenerChecks, type SeedPlaces, SUBSCRIPTION, seeds } from "./start/seed.ts";

const root = path.dirname(import.meta.dirname);
const USAGE = `npm start -- [options]

Starts a backend with its embedded store and an agent on this machine, with a few checks to look at.

  --state-dir DIR    where data, password and logs are kept (default: ${path.join(root, ".state")})
  --listen HOST      address of all listeners (default: 127.0.0.1; 0.0.0.0 lets other machines in)
  --ui-port N        web page (default: 3000)
  --api-port N       API for sensuctl (default: 8080)
  --agent-port N     agents (default: 8081)
  --no-agent         only the backend
  --secure           TLS on all listeners and agents known by certificate (mTLS), with a CA of the state folder's own
  --add-machine NAME prints the line that makes machine NAME an agent of the backend started with --secure, and ends
  --help             this text

Ctrl-C stops everything; the next start goes on with the same data. Remove the state folder to begin anew.
`;

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
        secure: { type: "boolean", default: false },
        "add-machine": { type: "string" },
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

const programs = new Programs();

/** Options of the backend that make all its listeners speak TLS and its agents show certificates. */
function tlsOptions({ ca, crl, backend }: Certificates): readonly string[] {
  return [
    ...["--cert-file", backend.cert, "--key-file", backend.key, "--trusted-ca-file", ca],
    ...["--agent-auth-cert-file", backend.cert, "--agent-auth-key-file", backend.key],
    ...["--agent-auth-trusted-ca-file", ca, "--agent-auth-crl-urls", crl],
  ];
}

function agentTlsOptions({ ca, agent }: Certificates): readonly string[] {
  return ["--trusted-ca-file", ca, "--cert-file", agent.cert, "--key-file", agent.key];
}

function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Its tokens live as long as this process. */
function signedIn(url: string, certificates: Certificates | undefined) {
  let tokens: Tokens | undefined;
  const keeper = {
    load: () => tokens,
    save: (renewed: Tokens) => {
      tokens = renewed;
    },
  };
  const tls = certificates === undefined ? {} : { tls: { trustedCaFile: certificates.ca } };
  const client = new SensuClient({ url, credentials: { tokens: keeper }, ...tls });
  const login = async (user: string, password: string) => {
    try {
      keeper.save(await client.login(user, password));
    } catch (error) {
      const why = (error as Error).message.trim();
      throw new StartError(`sign-in as ${user}: ${why}: is the state folder another installation's?`);
    }
  };
  return { client, login };
}

async function control(stateDir: string, route: string, body: object): Promise<{ status: number; body: unknown }> {
  const answer = await askControl(stateDir, route, body);
  if (!answer) throw new StartError("the backend has ended: see its log in the state folder");
  return answer;
}

/** Signs in and shows all checks of this machine, each at its place, whereas the page alone shows what is wrong. */
function firstPage(signIn: string): string {
  return signIn.replace("#", "?redirect-to=/n/default/events?q=%26order=name#");
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof ApiError) || error.status !== 404) throw error;
}

/** First start: all checks of this machine. Later: where the backend listens may have changed, and nothing else is touched. */
async function seed(api: SensuClient, places: SeedPlaces): Promise<void> {
  const file = path.join(places.stateDir, "seeded");
  const now = JSON.stringify(listenerChecks(places));
  if (!existsSync(file)) {
    say("loading checks of this machine ...");
    for (const each of seeds(places)) await api.put(each.path, each.body as Json);
  } else if (readFileSync(file, "utf8") !== now) {
    // One that the user has deleted stays deleted.
    for (const [name, command] of Object.entries(listenerChecks(places))) {
      await api.patch(memberPath("core/v2", "default", "checks", name), { command }).catch(unlessMissing);
    }
  }
  writeFileSync(file, now);
}

async function main(): Promise<void> {
  const options = parse();
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const stateDir = path.resolve(options["state-dir"]);
  if (options["add-machine"] !== undefined) {
    const line = await addMachine(stateDir, options["add-machine"]);
    process.stderr.write("Run this line there. It holds that machine's private key: give it to nobody else.\n\n");
    say(line);
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

  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const passwordFile = path.join(stateDir, "admin-password");
  const agentPasswordFile = path.join(stateDir, "agent-password");
  const password = secret(passwordFile);
  const agentPassword = secret(agentPasswordFile);
  const local = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const certificates = options.secure ? await prepareCertificates(stateDir, host) : undefined;
  const s = certificates === undefined ? "" : "s";
  const apiUrl = `http${s}://${inUrl(local)}:${ports.api}`;
  const uiUrl = `http${s}://${inUrl(local)}:${ports.ui}`;
  const storeDir = path.join(stateDir, "backend");

  // The terminal, or what the output was piped into, may be gone before us: that must not leave the programs behind.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  process.on("SIGINT", () => void programs.stop(0));
  process.on("SIGTERM", () => void programs.stop(0));
  process.on("SIGHUP", () => void programs.stop(0));

  say("starting the backend ...");
  programs.launch(
    "sensu-backend",
    [
      "start",
      ...["--state-dir", storeDir],
      ...["--api-listen-address", `${inUrl(host)}:${ports.api}`, "--api-url", apiUrl],
      ...["--agent-host", host, "--agent-port", String(ports.agent)],
      ...["--dashboard-host", host, "--dashboard-port", String(ports.ui)],
      "--disable-platform-metrics",
      ...(certificates === undefined ? [] : tlsOptions(certificates)),
    ],
    {},
    path.join(stateDir, "backend.log"),
  );
  const { client: api, login } = signedIn(apiUrl, certificates);
  await until("the start of the backend", 30, async () =>
    (await api.exchange("GET", "/ready")).status === 200 ? true : undefined,
  );
  const init = await control(storeDir, "/init", { username: "admin", password, agentPassword });
  if (init.status !== 200 && init.status !== 409) {
    throw new StartError(`initialising the store failed: ${JSON.stringify(init.body)}`);
  }
  await login("admin", password);
  const caFile = certificates === undefined ? {} : { caFile: certificates.ca };
  await seed(api, { root, stateDir, apiUrl, agentHost: local, agentPort: ports.agent, ...caFile });
  rememberListening(stateDir, { host, agentPort: ports.agent, secure: options.secure });
  if (!options["no-agent"]) {
    say("starting the agent ...");
    const name = hostname();
    programs.launch(
      "sensu-agent",
      [
        "start",
        ...["--name", name, "--backend-url", `ws${s}://${inUrl(local)}:${ports.agent}`],
        ...["--subscriptions", SUBSCRIPTION],
        ...["--cache-dir", path.join(stateDir, "agent-cache"), "--disable-api"],
        ...(certificates === undefined ? [] : agentTlsOptions(certificates)),
      ],
      certificates === undefined ? { SENSU_PASSWORD: agentPassword } : {},
      path.join(stateDir, "agent.log"),
    );
    await until("the agent's first keepalive", 20, async () => {
      const answer = await api.exchange("GET", memberPath("core/v2", "default", "entities", name));
      return answer.status === 200 ? true : undefined;
    });
    for (const check of checkNames()) {
      await api.post(memberPath("core/v2", "default", "checks", check, "execute"), {
        metadata: { name: check, namespace: "default" },
      });
    }
  }
  await api.close();
  const ticket = await control(storeDir, "/sign-in-link", { username: "admin" });
  const link = ticket.status === 200 ? `${uiUrl}${firstPage((ticket.body as { path: string }).path)}` : uiUrl;
  say(report({ link, apiUrl, passwordFile, host, ports, stateDir, agentPasswordFile, certificates }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof StartError ? error.message : String((error as Error).stack)}\n`);
  if (programs.any) void programs.stop(1);
  else process.exit(1);
});
