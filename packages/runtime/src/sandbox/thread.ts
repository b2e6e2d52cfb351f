/** One thread of the sandbox: a script at a time; ended and made anew when it does not answer in time. */
import { Worker } from "node:worker_threads";
import { SensuError } from "@sensu-ts/core";
import { BEGUN, type ScriptAnswer, type ScriptRequest, type ScriptValue } from "./protocol.ts";

const WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "./sandbox.worker.ts" : "./sandbox.worker.js",
  import.meta.url,
);
/** What the interpreter itself may take to notice its deadline. */
const GRACE_MS = 2000;
/** For a thread to begin and compile its WebAssembly: a tenth of a second, and half a minute on an emulated computer. */
const BEGIN_MS = 120_000;

export interface Job extends PromiseWithResolvers<ScriptValue> {
  readonly request: ScriptRequest;
}

export class ScriptThread {
  readonly #idle: () => void;
  readonly #code: URL;
  #worker: Worker | undefined;
  #running: Job | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  /** The worker has begun: from here on the time is the script's own. */
  #begun = false;

  /** `idle`: told that the next script may come. */
  constructor(idle: () => void, code: URL = WORKER) {
    this.#idle = idle;
    this.#code = code;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Only when it is not busy. */
  run(job: Job): void {
    this.#running = job;
    const worker = this.#made();
    if (this.#begun) this.#watch(job);
    else this.#watchdog = setTimeout(() => this.#lost("unavailable", "the script's thread did not begin"), BEGIN_MS);
    worker.postMessage(job.request);
  }

  #watch({ request }: Job): void {
    clearTimeout(this.#watchdog);
    const limit = request.timeoutMs + GRACE_MS;
    this.#watchdog = setTimeout(() => this.#lost("invalid", "time limit exceeded"), limit);
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
    const worker = new Worker(this.#code, {
      name: "sandbox",
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    });
    worker.unref();
    worker.on("message", (message: ScriptAnswer | typeof BEGUN) => {
      if (this.#worker !== worker) return;
      if (message !== BEGUN) return this.#answered(message);
      this.#begun = true;
      if (this.#running) this.#watch(this.#running);
    });
    worker.on("error", (error) => {
      if (this.#worker === worker) this.#lost("invalid", `the script's thread ended: ${error.message}`);
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

  #lost(code: "invalid" | "unavailable", why: string): void {
    const job = this.#running;
    this.#running = undefined;
    job?.reject(new SensuError(code, why));
    void this.#end();
    this.#idle();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#watchdog);
    const worker = this.#worker;
    this.#worker = undefined;
    this.#begun = false;
    await worker?.terminate();
  }
}
