/**
 * Runs users' JavaScript in a thread that holds nothing but an interpreter in WebAssembly: no host objects, limits of
 * time and memory for each script. A thread that does not answer in time is ended and made anew.
 */
import { Worker } from "node:worker_threads";
import { SensuError } from "@sensu-ts/core";
import type { Script, ScriptAnswer, ScriptRequest, ScriptValue, Selection } from "./protocol.ts";

const WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "./sandbox.worker.ts" : "./sandbox.worker.js",
  import.meta.url,
);
const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_MEMORY_BYTES = 64 << 20;
/** What the interpreter itself may take to notice its deadline. */
const GRACE_MS = 2000;
const MAX_WAITING = 10_000;
const MAX_ROUNDS = 20;

export interface ScriptLimits {
  readonly timeoutMs?: number;
  readonly memoryBytes?: number;
}

interface Job extends PromiseWithResolvers<ScriptValue> {
  readonly request: ScriptRequest;
}

export class Sandbox {
  #worker: Worker | undefined;
  #waiting: Job[] = [];
  #running: Job | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #nextId = 1;
  #stopped = false;

  /** The thread itself is made by the first script. */
  async start(): Promise<void> {
    this.#stopped = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const jobs = this.#running ? [this.#running, ...this.#waiting] : this.#waiting;
    this.#waiting = [];
    this.#running = undefined;
    for (const job of jobs) job.reject(new SensuError("unavailable", "stopping"));
    await this.#endThread();
  }

  /** ToBoolean of the expression's value. Rejects with `invalid` and the script's error. */
  async test(
    expression: string,
    objects: Readonly<Record<string, string>>,
    limits: ScriptLimits = {},
  ): Promise<boolean> {
    const value = await this.#ask({ kind: "test", code: expression, objects }, limits);
    return value.kind === "boolean" && value.value;
  }

  /**
   * As `test`, with functions of a library that ask questions (see `Help`). The expression runs anew until all it asks
   * is known, so it must not count on being run once.
   */
  async testAsking(
    expression: string,
    objects: Readonly<Record<string, string>>,
    library: string,
    answer: (question: string) => Promise<string>,
    limits: ScriptLimits = {},
  ): Promise<boolean> {
    const answers: Record<string, string> = {};
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const help = { library, answers };
      const value = await this.#ask({ kind: "test", code: expression, objects, help }, limits);
      if (value.kind !== "asked") return value.kind === "boolean" && value.value;
      for (const question of value.questions) answers[question] ??= await answer(question);
    }
    throw new SensuError("invalid", "the script asks one question after the other");
  }

  /** Calls the code as the body of a function: the text it returns, or the objects as it left them. */
  async call(
    code: string,
    objects: Readonly<Record<string, string>>,
    strings: Readonly<Record<string, string>>,
    limits: ScriptLimits = {},
  ): Promise<string | Readonly<Record<string, string>>> {
    const value = await this.#ask({ kind: "call", code, objects, strings }, limits);
    if (value.kind === "selection" || value.kind === "asked") throw new Error(`a call has no ${value.kind}`);
    return value.kind === "boolean" ? String(value.value) : value.value;
  }

  /**
   * Which of the values (JSON texts, each in turn the global `name`) make every expression true. Much cheaper than a
   * `test` for each; the limits are those of all together. Rejects with `invalid` when they are exceeded.
   */
  async select(
    expressions: readonly string[],
    name: string,
    values: readonly string[],
    limits: ScriptLimits = {},
  ): Promise<Selection> {
    const value = await this.#ask({ kind: "select", expressions, name, values }, limits);
    return value.kind === "selection" ? value : { selected: [], error: undefined };
  }

  /** Why the code cannot be parsed; undefined when it can. */
  async checkSyntax(code: string): Promise<string | undefined> {
    try {
      await this.#ask({ kind: "syntax", code }, {});
      return undefined;
    } catch (error) {
      if (error instanceof SensuError && error.code === "invalid") return error.message;
      throw error;
    }
  }

  #ask(
    script: Script,
    { timeoutMs = DEFAULT_TIMEOUT_MS, memoryBytes = DEFAULT_MEMORY_BYTES }: ScriptLimits,
  ): Promise<ScriptValue> {
    if (this.#stopped) return Promise.reject(new SensuError("unavailable", "stopping"));
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.reject(new SensuError("unavailable", "too many scripts wait"));
    const request = { id: this.#nextId++, timeoutMs, memoryBytes, ...script };
    const job: Job = { request, ...Promise.withResolvers<ScriptValue>() };
    this.#waiting.push(job);
    this.#next();
    return job.promise;
  }

  #next(): void {
    if (this.#running || this.#waiting.length === 0) return;
    const job = this.#waiting.shift() as Job;
    this.#running = job;
    this.#watchdog = setTimeout(() => this.#lost("time limit exceeded"), job.request.timeoutMs + GRACE_MS);
    this.#thread().postMessage(job.request);
  }

  #thread(): Worker {
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
    this.#next();
  }

  #lost(why: string): void {
    const job = this.#running;
    this.#running = undefined;
    job?.reject(new SensuError("invalid", why));
    void this.#endThread();
    this.#next();
  }

  async #endThread(): Promise<void> {
    clearTimeout(this.#watchdog);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
