/** One thread of the sandbox: a script at a time; ended and made anew when it does not answer in time. */
import { Worker } from "node:worker_threads";
import { SensuError } from "@sensu-ts/core";
import type { ScriptAnswer, ScriptRequest, ScriptValue } from "./protocol.ts";

const WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "./sandbox.worker.ts" : "./sandbox.worker.js",
  import.meta.url,
);
/** What the interpreter itself may take to notice its deadline. */
const GRACE_MS = 2000;

export interface Job extends PromiseWithResolvers<ScriptValue> {
  readonly request: ScriptRequest;
}

export class ScriptThread {
  readonly #idle: () => void;
  #worker: Worker | undefined;
  #running: Job | undefined;
  #watchdog: NodeJS.Timeout | undefined;

  /** `idle`: told that the next script may come. */
  constructor(idle: () => void) {
    this.#idle = idle;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Only when it is not busy. */
  run(job: Job): void {
    this.#running = job;
    this.#watchdog = setTimeout(() => this.#lost("time limit exceeded"), job.request.timeoutMs + GRACE_MS);
    this.#made().postMessage(job.request);
  }

  /** What runs is rejected with `unavailable`. */
  async stop(): Promise<void> {
    const job = this.#running;
    this.#running = undefined;
    job?.reject(new SensuError("unavailable", "stopping"));
    await this.#end();
  }

  #made(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(WORKER, { name: "sandbox", env: {}, resourceLimits: { maxOldGenerationSizeMb: 128 } });
    worker.unref();
    worker.on("message", (answer: ScriptAnswer) => this.#answered(answer));
    worker.on("error", (error) => {
      if (this.#worker === worker) this.#lost(`the script's thread ended: ${error.message}`);
    });
    this.#worker = worker;
    return worker;
  }

  #answered(answer: ScriptAnswer): void {
    const job = this.#running;
    if (!job || job.request.id !== answer.id) return;
    clearTimeout(this.#watchdog);
    this.#running = undefined;
    if (answer.ok) job.resolve(answer.value);
    else job.reject(new SensuError("invalid", answer.error));
    this.#idle();
  }

  #lost(why: string): void {
    const job = this.#running;
    this.#running = undefined;
    job?.reject(new SensuError("invalid", why));
    void this.#end();
    this.#idle();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#watchdog);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
