/**
 * Runs users' JavaScript in threads that hold nothing but an interpreter in WebAssembly: no host objects, limits of
 * time and memory for each script.
 */
import { availableParallelism } from "node:os";
import { SensuError } from "@sensu-ts/core";
import type { Script, ScriptValue, Selection, Tested } from "./protocol.ts";
import { type Job, ScriptThread } from "./thread.ts";

const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_MEMORY_BYTES = 64 << 20;
/** 20 MB each; while one script loops until its time is over, others go on. */
const MOST_THREADS = 2;
const MAX_WAITING = 10_000;
const MAX_ROUNDS = 20;

export interface ScriptLimits {
  readonly timeoutMs?: number;
  readonly memoryBytes?: number;
}

/** JSON texts of what an expression finds as globals. */
export type Objects = Readonly<Record<string, string>>;

export interface TestOptions extends ScriptLimits {
  readonly asking?: {
    /** Functions that ask questions, see `Help`. */
    readonly library: string;
    answer(question: string): Promise<string>;
  };
}

export class Sandbox {
  readonly #threads: readonly ScriptThread[];
  #waiting: Job[] = [];
  #nextId = 1;
  #stopped = false;

  /** A thread that is never needed is never made. */
  constructor(threads = Math.min(MOST_THREADS, availableParallelism())) {
    this.#threads = Array.from({ length: threads }, () => new ScriptThread(() => this.#next()));
  }

  async start(): Promise<void> {
    this.#stopped = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const job of this.#waiting) job.reject(new SensuError("unavailable", "stopping"));
    this.#waiting = [];
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  /** ToBoolean of the expression's value. Rejects with `invalid` and the script's error. */
  async test(expression: string, objects: Objects, more: TestOptions = {}): Promise<boolean> {
    const value = await this.#test(expression, objects, false, more);
    return value.kind === "boolean" && value.value;
  }

  /** As `test`, for an expression that others follow on the same objects; what it throws is part of the answer. */
  async testInTurn(expression: string, objects: Objects, more: TestOptions = {}): Promise<Tested> {
    const value = await this.#test(expression, objects, true, more);
    if (value.kind !== "tested") throw new Error(`a test in turn has no ${value.kind}`);
    return value;
  }

  /** With functions that ask, the expression runs anew until all it asks is known: it must not count on one run. */
  async #test(code: string, objects: Objects, keep: boolean, { asking, ...limits }: TestOptions): Promise<ScriptValue> {
    if (!asking) return this.#ask({ kind: "test", code, objects, keep }, limits);
    const answers: Record<string, string> = {};
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const help = { library: asking.library, answers };
      const value = await this.#ask({ kind: "test", code, objects, help, keep }, limits);
      if (value.kind !== "asked") return value;
      for (const question of value.questions) answers[question] ??= await asking.answer(question);
    }
    throw new SensuError("invalid", "the script asks one question after the other");
  }

  /** Calls the code as the body of a function: the text it returns, or the objects as it left them. */
  async call(
    code: string,
    objects: Objects,
    strings: Readonly<Record<string, string>>,
    limits: ScriptLimits = {},
  ): Promise<string | Readonly<Record<string, string>>> {
    const value = await this.#ask({ kind: "call", code, objects, strings }, limits);
    if (value.kind !== "string" && value.kind !== "objects") throw new Error(`a call has no ${value.kind}`);
    return value.value;
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
    if (this.#waiting.length === 0) return;
    const thread = this.#threads.find(({ busy }) => !busy);
    if (!thread) return;
    thread.run(this.#waiting.shift() as Job);
  }
}
