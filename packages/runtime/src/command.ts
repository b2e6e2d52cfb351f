/**
 * Runs users' commands: checks, hooks, pipe handlers and mutators (W-97 to W-101, P-135). POSIX only.
 *
 * A command counts as finished when its shell has exited and every descendant has closed the output (W-98), so only
 * a timeout or the signal ends one whose child keeps the output open.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { LONGEST_TIMER_MS } from "./clock.ts";

export interface CommandRequest {
  /** One line for `sh -c`. */
  readonly command: string;
  /** The whole environment of the command; the program's own when absent. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the command's stdin, then EOF; without it stdin is the null device. */
  readonly stdin?: string | Uint8Array;
  /** 0 or absent: no limit. */
  readonly timeoutMs?: number;
  /** Bytes kept; what comes after is read and dropped. */
  readonly maxOutputBytes?: number;
  readonly cwd?: string;
  /** Ends the command: SIGTERM to its group, SIGKILL a second later. */
  readonly signal?: AbortSignal;
  /** The command gets SIGTERM when this program is gone, killed or not; where util-linux can see to that. */
  readonly endsWithProgram?: boolean;
}

export interface CommandResult {
  /** Exit status of the shell; -1 when a signal ended it, 2 on timeout, 3 when it could not be started. */
  readonly status: number;
  /** stdout and stderr in the order they were written. On timeout the first line says so. */
  readonly output: Buffer;
  readonly durationSeconds: number;
  readonly timedOut: boolean;
  readonly droppedBytes: number;
  /** Why the shell could not be started; `output` then holds the same text. */
  readonly startError?: string;
}

export const TIMEOUT_STATUS = 2;
export const START_FAILED_STATUS = 3;
export const SIGNALLED_STATUS = -1;

const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** After SIGKILL the output closes at once, unless a descendant left the group; that one is not waited for. */
const AFTER_KILL_MS = 500;
const TERM_GRACE_MS = 1000;

/**
 * The outer shell makes stderr the same pipe as stdout, which keeps their order, and becomes the shell proper, whose
 * `$0` and messages are those of a plain `sh -c`.
 */
const ONE_PIPE = '/bin/sh -c "$0" sh 2>&1';
/** Node cannot ask the kernel for a signal at its own end; this program of util-linux can, and runs the rest. */
const PARENT_DEATH = ["/usr/bin/setpriv", "--pdeathsig", "TERM"];
let parentDeathWorks: boolean | undefined;

function canSignalAtOurEnd(): boolean {
  const [file = "", ...words] = PARENT_DEATH;
  parentDeathWorks ??= spawnSync(file, [...words, "/bin/sh", "-c", "exit 0"], { stdio: "ignore" }).status === 0;
  return parentDeathWorks;
}

function wrapper(endsWithProgram: boolean): string {
  return `exec ${endsWithProgram && canSignalAtOurEnd() ? `${PARENT_DEATH.join(" ")} ` : ""}${ONE_PIPE}`;
}

/** Never rejects: whatever goes wrong with the command is in the result. */
export function runCommand(request: CommandRequest): Promise<CommandResult> {
  const started = performance.now();
  const { maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES, timeoutMs = 0, signal } = request;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let kept = 0;
    let droppedBytes = 0;
    let timer: NodeJS.Timeout | undefined;
    let settled = false;

    const settle = (status: number, extra: { prefix?: string; startError?: string } = {}) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      const { prefix, startError } = extra;
      if (prefix !== undefined) chunks.unshift(Buffer.from(prefix));
      resolve({
        status,
        output: Buffer.concat(chunks),
        durationSeconds: (performance.now() - started) / 1000,
        timedOut: prefix !== undefined,
        droppedBytes,
        ...(startError === undefined ? {} : { startError }),
      });
    };
    const failStart = (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      chunks.push(Buffer.from(text));
      settle(START_FAILED_STATUS, { startError: text });
    };

    let child: ChildProcess;
    const onAbort = () => {
      killGroup(child, "SIGTERM");
      clearTimeout(timer);
      timer = setTimeout(() => expire(""), TERM_GRACE_MS);
    };
    /** Kills the group and settles when the output closes, or soon after. */
    const expire = (prefix: string) => {
      const killed = killGroup(child, "SIGKILL");
      const first = killed || prefix === "" ? prefix : `${prefix}Unable to TERM/KILL the process: #${child.pid}\n`;
      const finish = () => {
        child.stdout?.destroy();
        child.stdin?.destroy();
        if (prefix === "") settle(SIGNALLED_STATUS);
        else settle(TIMEOUT_STATUS, { prefix: first });
      };
      child.removeAllListeners("close");
      child.once("close", finish);
      timer = setTimeout(finish, AFTER_KILL_MS);
    };

    if (signal?.aborted) return failStart(new Error("the program is stopping"));
    try {
      child = spawn("/bin/sh", ["-c", wrapper(request.endsWithProgram === true), request.command], {
        argv0: "sh",
        cwd: request.cwd,
        env: request.env ?? process.env,
        // Its own group (and session), so that a kill reaches every descendant.
        detached: true,
        stdio: [request.stdin === undefined ? "ignore" : "pipe", "pipe", "ignore"],
      });
    } catch (error) {
      return failStart(error);
    }
    child.on("error", (error) => {
      if (child.pid === undefined) failStart(error);
    });
    child.once("close", (code) => settle(code ?? SIGNALLED_STATUS));
    child.stdout?.on("data", (chunk: Buffer) => {
      const room = maxOutputBytes - kept;
      const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
      droppedBytes += chunk.length - part.length;
      kept += part.length;
      if (part.length > 0) chunks.push(part);
    });
    child.stdout?.on("error", ignore);
    // A command that does not read its stdin breaks the pipe; that is its right.
    child.stdin?.on("error", ignore);
    child.stdin?.end(request.stdin);
    if (timeoutMs > 0) {
      timer = setTimeout(() => expire("Execution timed out\n"), Math.min(timeoutMs, LONGEST_TIMER_MS));
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function killGroup(child: ChildProcess, name: NodeJS.Signals): boolean {
  if (child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, name);
  } catch {
    return false;
  }
}

function ignore(): void {}
