import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

const root = path.resolve(import.meta.dirname, "../..");

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The launcher of our bundle `dist/<name>/main.js`, so that tests see what is shipped. */
export function bundleCommand(name: "sensu-backend" | "sensu-agent" | "sensuctl" | "sensu-pki"): readonly string[] {
  const main = path.join(root, "dist", name, "main.js");
  if (!existsSync(main)) throw new Error(`${main} is missing: run npm run build`);
  return [path.join(root, "bin", name)];
}

/** A program of the original, from the folder that `$ORIGINAL` names. */
export function originalCommand(name: "sensu-backend" | "sensu-agent" | "sensuctl"): readonly string[] {
  const folder = process.env["ORIGINAL"];
  if (!folder || !existsSync(path.join(folder, name))) {
    throw new Error("test:compat needs the original's programs: set ORIGINAL to the folder that holds them");
  }
  return [path.join(folder, name)];
}

/** A child process whose log can be waited for. Its output lines are kept and shown when a wait fails. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiters = new Set<() => void>();
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #ended = false;

  constructor(command: readonly string[], options: ProgramOptions = {}) {
    const [file = "", ...args] = command;
    this.#child = spawn(file, args, {
      cwd: options.cwd,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => this.#push(line));
    }
    this.exited = new Promise((resolve) => {
      this.#child.once("error", () => this.#end(() => resolve({ code: null, signal: null })));
      this.#child.once("exit", (code, signal) => this.#end(() => resolve({ code, signal })));
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  #push(line: string): void {
    this.#lines.push(line);
    for (const wake of this.#waiters) wake();
  }

  #end(done: () => void): void {
    this.#ended = true;
    done();
    for (const wake of this.#waiters) wake();
  }

  /** The match of the first line that fits, already printed or still to come. */
  async waitForLine(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(timeoutMs);
    for (let next = 0; ; ) {
      for (; next < this.#lines.length; next++) {
        const match = pattern.exec(this.#lines[next] as string);
        if (match) return match;
      }
      if (this.#ended || deadline.aborted) {
        const why = this.#ended ? "the program ended" : `${timeoutMs} ms passed`;
        throw new Error(`no line ${pattern} before ${why}; its output:\n${this.#lines.slice(-40).join("\n")}`);
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiters.delete(wake);
          deadline.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiters.add(wake);
        deadline.addEventListener("abort", wake);
      });
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** SIGTERM, and SIGKILL when it does not end in time. */
  async stop(timeoutMs = 15_000): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    if (!this.#ended) this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), timeoutMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function run(
  command: readonly string[],
  options: ProgramOptions & { readonly input?: string } = {},
): Promise<Output> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
