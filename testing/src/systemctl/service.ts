/** One running unit: starts its command, starts it again as `Restart=` says, and answers on a socket until it is over. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import { commandLine, parseEnvironmentFile, type Unit } from "./unit.ts";

export interface Status {
  readonly state: "active" | "activating" | "deactivating" | "inactive" | "failed";
  readonly mainPid: number;
  /** `exit-code`, `signal` or `start-limit-hit` after a failure, else `success`. */
  readonly result: string;
  readonly exitStatus: number;
  readonly restarts: number;
}

export const STOPPED: Status = { state: "inactive", mainPid: 0, result: "success", exitStatus: 0, restarts: 0 };

/** systemd's defaults: the sixth start within ten seconds is not made. */
const START_LIMIT = { count: 5, withinMs: 10_000 } as const;
/** Signals that count as a clean end. */
const CLEAN_SIGNALS = new Set(["SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE"]);

/** Where a unit's socket, its last status and its journal are. */
export function unitFolder(name: string): string {
  return path.join("/run/unit-stand-in", name);
}

function environmentOf(unit: Unit, invocation: string): Record<string, string> {
  const [, , , , , home = "/", shell = "/bin/sh"] = execFileSync("getent", ["passwd", unit.user], { encoding: "utf8" })
    .trim()
    .split(":");
  const environment: Record<string, string> = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "C.UTF-8",
    ...{ USER: unit.user, LOGNAME: unit.user, HOME: home, SHELL: shell },
    INVOCATION_ID: invocation,
    ...Object.fromEntries(unit.environment.map((pair) => [pair.split("=", 1)[0], pair.slice(pair.indexOf("=") + 1)])),
  };
  for (const { path: file, optional } of unit.environmentFiles) {
    if (existsSync(file)) Object.assign(environment, parseEnvironmentFile(readFileSync(file, "utf8")));
    else if (!optional) throw new Error(`${file} is missing`);
  }
  return environment;
}

/** The words that run a command as the unit's user with its limits, as far as this machine may raise them. */
function asUser(unit: Unit, command: readonly string[]): string[] {
  const [, hard] = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return [
    ...["prlimit", `--nofile=${Math.min(unit.noFile, Number(hard ?? unit.noFile))}`],
    ...["setpriv", `--reuid=${unit.user}`, `--regid=${unit.group}`, "--init-groups"],
    ...command,
  ];
}

/** In place of a control group: every process that inherited the unit's invocation. */
function members(invocation: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`INVOCATION_ID=${invocation}\0`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

export class Service {
  readonly #unit: Unit;
  readonly #invocation = randomUUID().replaceAll("-", "");
  readonly #starts: number[] = [];
  readonly #server: Server;
  readonly #waiting = new Set<Socket>();
  #child: ChildProcess | undefined;
  #status: Status = STOPPED;
  #timer: NodeJS.Timeout | undefined;

  constructor(unit: Unit) {
    this.#unit = unit;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async start(): Promise<void> {
    const folder = unitFolder(this.#unit.name);
    mkdirSync(folder, { recursive: true });
    const control = path.join(folder, "control");
    rmSync(control, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(control, resolve);
    });
    for (const name of this.#unit.runtimeDirectories)
      execFileSync("install", ["-d", "-o", this.#unit.user, "-g", this.#unit.group, path.join("/run", name)]);
    this.#run();
  }

  #run(): void {
    const unit = this.#unit;
    this.#starts.push(Date.now());
    const environment = environmentOf(unit, this.#invocation);
    const journal = openSync(path.join(unitFolder(unit.name), "journal"), "a", 0o640);
    const [file = "", ...args] = asUser(unit, commandLine(unit.execStart, environment));
    this.#child = spawn(file, args, {
      cwd: unit.workingDirectory,
      env: environment,
      stdio: ["ignore", journal, journal],
      detached: true,
    });
    this.#child.once("exit", (code, signal) => this.#ended(code, signal));
    this.#status = {
      ...{ state: "active", mainPid: this.#child.pid ?? 0, result: "success", exitStatus: 0 },
      restarts: this.#starts.length - 1,
    };
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    const clean = signal === null ? code === 0 : CLEAN_SIGNALS.has(signal);
    const result = clean ? "success" : signal === null ? "exit-code" : "signal";
    const now = { ...this.#status, mainPid: 0, result, exitStatus: code ?? 0 };
    const { restart, restartDelayMs } = this.#unit;
    const recent = this.#starts.filter((at) => Date.now() - at < START_LIMIT.withinMs);
    if (this.#status.state === "deactivating" || restart === "no" || (restart === "on-failure" && clean))
      this.#over({ ...now, state: clean ? "inactive" : "failed" });
    else if (recent.length >= START_LIMIT.count) this.#over({ ...now, state: "failed", result: "start-limit-hit" });
    else {
      this.#status = { ...now, state: "activating" };
      this.#timer = setTimeout(() => this.#run(), restartDelayMs);
    }
  }

  #signal(name: NodeJS.Signals): void {
    for (const pid of members(this.#invocation)) {
      try {
        process.kill(pid, name);
      } catch {
        // It ended by itself.
      }
    }
  }

  /** SIGTERM for all of the unit, and SIGKILL for what is left when the main process is gone or the time is over. */
  #stop(): void {
    if (this.#status.state === "activating") this.#over(STOPPED);
    if (this.#status.state !== "active") return;
    this.#status = { ...this.#status, state: "deactivating" };
    this.#signal("SIGTERM");
    this.#timer = setTimeout(() => this.#signal("SIGKILL"), this.#unit.stopTimeoutMs);
  }

  #over(status: Status): void {
    clearTimeout(this.#timer);
    this.#signal("SIGKILL");
    const folder = unitFolder(this.#unit.name);
    writeFileSync(path.join(folder, "last"), JSON.stringify(status));
    if (!this.#unit.preserveRuntimeDirectory) {
      for (const name of this.#unit.runtimeDirectories)
        rmSync(path.join("/run", name), { recursive: true, force: true });
    }
    this.#server.close();
    rmSync(path.join(folder, "control"), { force: true });
    for (const socket of this.#waiting) socket.end(JSON.stringify(status));
  }

  #reload(): { readonly failed?: string } {
    if (this.#unit.execReload.length === 0) return { failed: "the unit has no ExecReload" };
    const environment = environmentOf(this.#unit, this.#invocation);
    for (const line of this.#unit.execReload) {
      const [file = "", ...args] = asUser(
        this.#unit,
        commandLine(line, { ...environment, MAINPID: String(this.#status.mainPid) }),
      );
      try {
        execFileSync(file, args, { cwd: this.#unit.workingDirectory, env: environment, stdio: "pipe" });
      } catch (error) {
        return { failed: String((error as { stderr?: Buffer }).stderr ?? error).trim() };
      }
    }
    return {};
  }

  #serve(socket: Socket): void {
    socket.on("error", () => this.#waiting.delete(socket));
    socket.once("data", (chunk) => {
      const request = chunk.toString();
      if (request === "stop") {
        // Answered when all is over.
        this.#waiting.add(socket);
        this.#stop();
      } else socket.end(JSON.stringify(request === "reload" ? this.#reload() : this.#status));
    });
  }
}
