/**
 * A `systemctl` and `journalctl` for machines where no systemd runs, so that the lines of a guide run as printed.
 *
 * It reads the installed unit file and runs `ExecStart` as its user and group, with its environment files, limits,
 * runtime and working directory; stops with SIGTERM; reloads as `ExecReload` says; starts a crashed unit again as
 * `Restart=` says; keeps stdout and stderr as the journal. What it does not know is an error, never ignored.
 *
 * Use in a test: `startInstalledMachine` (../installed.ts) puts both names first in PATH, sudo's and the packages'
 * scripts' included, of a throwaway machine that has our packages; `addSystemctl(machine)` does it on any `Machine`.
 *
 *     await using machine = await startInstalledMachine();
 *     await machine.write("/etc/sensu/backend.yml", "---\n");
 *     await machine.text("sudo systemctl start sensu-backend && systemctl is-active sensu-backend");
 *     await machine.text("systemctl show -p MainPID --value sensu-backend; journalctl -u sensu-backend -n 20");
 *
 * Verbs: start, stop, restart, try-restart, reload, status, is-active, is-failed, show -p NAME [--value],
 * daemon-reload; all others (enable, disable, is-enabled, cat, ...) go to the real systemctl, which does them without
 * a running systemd. Exit codes are systemd's: 5 for an unknown unit, 3 for one that does not run.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { Service, STOPPED, type Status, unitFolder } from "./service.ts";
import { fullName, loadUnit, type Unit } from "./unit.ts";

const REAL = "/usr/bin/systemctl";
const [as = "systemctl", ...argv] = process.argv.slice(2);

/** The answer of the unit's supervisor; undefined when there is none. */
function ask(unit: Unit, request: "status" | "stop" | "reload"): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path.join(unitFolder(unit.name), "control"), () => socket.write(request));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.once("error", () => resolve(undefined));
    socket.once("end", () => resolve(text));
  });
}

async function statusOf(unit: Unit): Promise<Status> {
  const answer = await ask(unit, "status");
  if (answer !== undefined) return JSON.parse(answer) as Status;
  const last = path.join(unitFolder(unit.name), "last");
  return existsSync(last) ? (JSON.parse(readFileSync(last, "utf8")) as Status) : STOPPED;
}

async function start(unit: Unit): Promise<number> {
  if ((await ask(unit, "status")) !== undefined) return 0;
  const supervisor = spawn(process.execPath, [import.meta.filename, "supervise", unit.name], {
    detached: true,
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  supervisor.stderr.on("data", (chunk) => {
    text += chunk;
  });
  const started = await new Promise<boolean>((resolve) => {
    supervisor.stdout.once("data", () => resolve(true));
    supervisor.once("close", () => resolve(false));
  });
  if (started) {
    // The supervisor outlives this process, which must not wait for its pipes.
    supervisor.unref();
    for (const pipe of [supervisor.stdout, supervisor.stderr]) pipe.destroy();
  } else process.stderr.write(`Job for ${unit.name} failed: ${text}`);
  return started ? 0 : 1;
}

async function stop(unit: Unit): Promise<number> {
  await ask(unit, "stop");
  return 0;
}

async function reload(unit: Unit): Promise<number> {
  const answer = await ask(unit, "reload");
  if (answer === undefined) {
    process.stderr.write(`${unit.name} is not active, cannot reload.\n`);
    return 1;
  }
  const { failed } = JSON.parse(answer) as { failed?: string };
  if (failed !== undefined) process.stderr.write(`Job for ${unit.name} failed: ${failed}\n`);
  return failed === undefined ? 0 : 1;
}

function journal(unit: string, lines: number): string {
  const file = path.join(unitFolder(unit), "journal");
  if (!existsSync(file)) return "";
  const all = readFileSync(file, "utf8").trimEnd().split("\n");
  return `${all.slice(-lines).join("\n")}\n`;
}

async function status(unit: Unit): Promise<number> {
  const { state, mainPid, result, exitStatus } = await statusOf(unit);
  const words = { active: "active (running)", activating: "activating (auto-restart)", inactive: "inactive (dead)" };
  const known = words[state as keyof typeof words] ?? state;
  process.stdout.write(
    [
      `* ${unit.name} - ${unit.description}`,
      `     Loaded: loaded (${unit.file})`,
      `     Active: ${known}${result === "success" ? "" : ` (Result: ${result}, status=${exitStatus})`}`,
      ...(mainPid > 0 ? [`   Main PID: ${mainPid}`] : []),
      "",
      journal(unit.name, 10),
    ].join("\n"),
  );
  return state === "active" || state === "activating" ? 0 : 3;
}

async function show(unit: Unit, names: readonly string[], bare: boolean): Promise<number> {
  const { state, mainPid, result, exitStatus, restarts } = await statusOf(unit);
  const properties: Record<string, string | number> = {
    ...{ Id: unit.name, MainPID: mainPid, ActiveState: state, Result: result },
    ...{ ExecMainStatus: exitStatus, NRestarts: restarts, FragmentPath: unit.file },
  };
  for (const name of names.length > 0 ? names : Object.keys(properties)) {
    if (!(name in properties)) throw new Error(`property ${name} is not known to this stand-in`);
    process.stdout.write(bare ? `${properties[name]}\n` : `${name}=${properties[name]}\n`);
  }
  return 0;
}

const QUIET = new Set(["-q", "--quiet", "--system", "--no-pager", "--no-ask-password", "-l", "--full"]);

async function systemctl(): Promise<number> {
  const properties: string[] = [];
  const rest: string[] = [];
  let bare = false;
  let quiet = false;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === "-p" || word === "--property") properties.push(...(argv[++i] ?? "").split(","));
    else if (word.startsWith("--property=")) properties.push(...word.slice(11).split(","));
    else if (word === "--value") bare = true;
    else if (QUIET.has(word)) quiet ||= word === "-q" || word === "--quiet";
    else rest.push(word);
  }
  const [verb = "", ...names] = rest;
  if (verb === "daemon-reload") return 0;
  const verbs: Record<string, (unit: Unit) => Promise<number>> = {
    start,
    stop,
    reload,
    status,
    restart: async (unit) => (await stop(unit)) || (await start(unit)),
    "try-restart": async (unit) =>
      (await ask(unit, "status")) === undefined ? 0 : (await stop(unit)) || (await start(unit)),
    show: (unit) => show(unit, properties, bare),
    "is-active": async (unit) => {
      const { state } = await statusOf(unit);
      if (!quiet) process.stdout.write(`${state}\n`);
      return state === "active" ? 0 : 3;
    },
    "is-failed": async (unit) => {
      const { state } = await statusOf(unit);
      if (!quiet) process.stdout.write(`${state}\n`);
      return state === "failed" ? 0 : 1;
    },
  };
  const act = verbs[verb];
  if (act === undefined) return spawnSync(REAL, argv, { stdio: "inherit" }).status ?? 1;
  if (names.length === 0) throw new Error(`${verb}: name a unit`);
  let code = 0;
  for (const name of names) {
    const unit = loadUnit(name);
    if (unit === undefined && verb === "is-active") {
      if (!quiet) process.stdout.write("inactive\n");
      code ||= 4;
    } else if (unit === undefined) {
      process.stderr.write(`Failed to ${verb} ${fullName(name)}: Unit ${fullName(name)} not found.\n`);
      code ||= verb === "status" ? 4 : 5;
    } else code ||= await act(unit);
  }
  return code;
}

function journalctl(): number {
  let unit = "";
  let lines = Number.POSITIVE_INFINITY;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const long = /^--(unit|lines|output)=(.*)$/.exec(word);
    const value = () => long?.[2] ?? argv[++i] ?? "";
    if (word === "-u" || long?.[1] === "unit") unit = fullName(value());
    else if (word === "-n" || long?.[1] === "lines") lines = Number(value());
    else if (word === "-o" || long?.[1] === "output") value();
    else if (word !== "--no-pager" && word !== "-q") throw new Error(`${word} is not known to this stand-in`);
  }
  if (unit === "") throw new Error("want -u UNIT");
  process.stdout.write(journal(unit, lines));
  return 0;
}

async function supervise(): Promise<void> {
  const unit = loadUnit(argv[0] ?? "");
  if (unit === undefined) throw new Error(`no unit ${argv[0]}`);
  await new Service(unit).start();
  process.stdout.write("started\n");
}

try {
  if (as === "supervise") await supervise();
  else process.exitCode = as === "journalctl" ? journalctl() : await systemctl();
} catch (error) {
  process.stderr.write(`${as}: ${(error as Error).message}\n`);
  process.exit(1);
}
