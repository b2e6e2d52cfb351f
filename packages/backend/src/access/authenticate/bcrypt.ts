import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { SensuError } from "@sensu-ts/core";
import type { BcryptAnswer, BcryptJob } from "./bcrypt.worker.ts";

/** Bundles put it beside the program. */
const WORKER = new URL(import.meta.url.endsWith(".ts") ? "./bcrypt.worker.ts" : "./bcrypt.worker.js", import.meta.url);

interface Waiting {
  readonly job: BcryptJob;
  resolve(value: boolean | string): void;
  reject(reason: Error): void;
}

interface Lane {
  readonly worker: Worker;
  current: Waiting | undefined;
  /** Runs while there is nothing to do. */
  ending: NodeJS.Timeout | undefined;
}

/** A thread costs 9 MB and starts in less time than one password takes. */
const IDLE_MS = 10_000;

export interface BcryptOptions {
  readonly threads?: number;
  /** Jobs that may wait; beyond it callers get `unavailable`. */
  readonly maxWaiting?: number;
  /** After so much time without work a thread ends. */
  readonly idleMs?: number;
}

/** Computes bcrypt on a few threads, which are started when they are needed and end when they no longer are. */
export class Bcrypt {
  readonly #threads: number;
  readonly #maxWaiting: number;
  readonly #idleMs: number;
  readonly #lanes: Lane[] = [];
  readonly #waiting: Waiting[] = [];
  #nextId = 0;
  #stopped = false;

  constructor(options: BcryptOptions = {}) {
    this.#threads = options.threads ?? Math.max(1, Math.min(4, availableParallelism() - 1));
    this.#maxWaiting = options.maxWaiting ?? 4096;
    this.#idleMs = options.idleMs ?? IDLE_MS;
  }

  async start(): Promise<void> {
    this.#stopped = false;
  }

  /** Jobs that still wait or run are refused with `unavailable`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const lost = new SensuError("unavailable");
    for (const waiting of this.#waiting.splice(0)) waiting.reject(lost);
    const lanes = this.#lanes.splice(0);
    for (const lane of lanes) {
      clearTimeout(lane.ending);
      lane.current?.reject(lost);
    }
    await Promise.all(lanes.map((lane) => lane.worker.terminate()));
  }

  /** False for a wrong password and for a text that is no bcrypt hash. */
  async matches(password: string, hash: string): Promise<boolean> {
    return (await this.#run(password, hash)) === true;
  }

  /** The caller has checked that the password is at most 72 bytes: bcrypt ignores the rest (S-190). */
  async hash(password: string): Promise<string> {
    const hash = await this.#run(password);
    if (typeof hash !== "string") throw new SensuError("internal");
    return hash;
  }

  #run(password: string, hash?: string): Promise<boolean | string> {
    if (this.#stopped || this.#waiting.length >= this.#maxWaiting) {
      return Promise.reject(new SensuError("unavailable"));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job: hash === undefined ? { id, password } : { id, password, hash }, resolve, reject });
      this.#feed();
    });
  }

  #feed(): void {
    while (this.#waiting.length > 0) {
      const lane = this.#lanes.find((one) => one.current === undefined) ?? this.#openLane();
      if (!lane) return;
      clearTimeout(lane.ending);
      lane.current = this.#waiting.shift();
      lane.worker.ref();
      lane.worker.postMessage(lane.current?.job);
    }
  }

  #openLane(): Lane | undefined {
    if (this.#lanes.length >= this.#threads) return undefined;
    const worker = new Worker(WORKER);
    const lane: Lane = { worker, current: undefined, ending: undefined };
    worker.on("message", (answer: BcryptAnswer) => {
      const done = lane.current;
      lane.current = undefined;
      worker.unref();
      done?.resolve(answer.value);
      lane.ending = setTimeout(() => this.#close(lane), this.#idleMs).unref();
      this.#feed();
    });
    worker.on("error", (cause) => {
      this.#close(lane);
      lane.current?.reject(new SensuError("internal", undefined, { cause }));
      lane.current = undefined;
      this.#feed();
    });
    this.#lanes.push(lane);
    return lane;
  }

  #close(lane: Lane): void {
    clearTimeout(lane.ending);
    const at = this.#lanes.indexOf(lane);
    if (at >= 0) this.#lanes.splice(at, 1);
    void lane.worker.terminate();
  }
}
