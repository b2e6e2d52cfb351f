/** The programs that `npm start` runs: started in their own groups, ended together. */
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { StartError } from "./errors.ts";
import { LogFile } from "./log-file.ts";

const root = path.resolve(import.meta.dirname, "../..");
const KEPT_CHUNKS = 200;

export class Programs {
  readonly #children: ChildProcess[] = [];
  #stopping = false;

  get any(): boolean {
    return this.#children.length > 0;
  }

  /** Starts one of our programs in its own group, so that Ctrl-C reaches it through us, in order. */
  launch(program: string, args: readonly string[], env: Record<string, string>, logFile: string): void {
    const child = spawn(path.join(root, "bin", program), args, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = new LogFile(logFile);
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if (chunks.length > KEPT_CHUNKS) chunks.shift();
        log.write(chunk);
      });
    }
    child.once("exit", (code, signal) => {
      if (this.#stopping) return;
      process.stderr.write(
        `${program} ended with ${signal ?? `code ${code}`}; its last lines:\n${Buffer.concat(chunks).toString().slice(-2000)}\n`,
      );
      void this.stop(1);
    });
    this.#children.push(child);
  }

  /** Ends this process too. */
  async stop(code: number): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    process.stdout.write("\nstopping ...\n");
    for (const child of [...this.#children].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await ended;
      clearTimeout(timer);
    }
    process.stdout.write("stopped; the next npm start goes on with the same data\n");
    process.exit(code);
  }
}

export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (Date.now() > end)
      throw new StartError(`${what} took more than ${seconds} seconds; see the logs in the state folder`);
    await delay(50);
  }
}
