import { Worker } from "node:worker_threads";
import { SensuError } from "@sensu-ts/core";
import type { StoreLog } from "../../log.ts";
import type { FromWorker, Request, StoreTrouble, WorkerSettings } from "./protocol.ts";
import { workerUrl } from "./worker-url.ts";

/** Requests and bytes that may wait for one worker; beyond them a request is refused at once. */
const MAX_WAITING = 100_000;
const MAX_WAITING_BYTES = 256 * 1024 * 1024;
const RESTART_AFTER_MS = 1000;
/** Between two log lines about the same failure. */
const TELL_MS = 1000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: SensuError) => void;
  readonly bytes: number;
}

export interface ThreadOptions {
  readonly name: "reader" | "writer";
  readonly settings: WorkerSettings;
  readonly log: StoreLog;
  /** How the worker is made; a test keeps hold of it. */
  readonly spawn?: (settings: WorkerSettings) => Worker;
  /** After each commit that changed the key-value store, before its requests are answered. */
  readonly onChanged?: (revision: number, keys: readonly string[]) => void;
}

/**
 * The main thread's end of one worker: numbers requests, matches answers. A worker that dies is started anew; what
 * waited for it is rejected as `unavailable` (its outcome is unknown).
 */
export class Thread<R extends { readonly op: string }, A extends Record<R["op"], unknown>> {
  readonly #options: ThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #nextId = 1;
  #bytes = 0;
  #stopping = false;
  #restart: NodeJS.Timeout | undefined;
  #trouble: StoreTrouble | undefined;
  #told = { error: "", at: 0, unsaid: 0 };

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** Resolves with the key-value revision once the database is open; rejects with what to tell the operator. */
  async start(): Promise<number> {
    this.#stopping = false;
    return this.#spawn(this.#options.settings);
  }

  /** What the last failures were about; damage stays until the next start, a full disk until a write succeeds. */
  get trouble(): StoreTrouble | undefined {
    return this.#trouble;
  }

  request<K extends R["op"]>(
    request: Extract<R, { readonly op: K }>,
    bytes = 0,
    transfer: ArrayBuffer[] = [],
  ): Promise<A[K]> {
    const worker = this.#worker;
    if (worker === undefined || this.#stopping) {
      return Promise.reject(new SensuError("unavailable", "the store is not available"));
    }
    if (this.#waiting.size >= MAX_WAITING || this.#bytes + bytes > MAX_WAITING_BYTES) {
      return Promise.reject(new SensuError("unavailable", "too much is waiting for the store"));
    }
    const id = this.#nextId++;
    return new Promise<A[K]>((resolve, reject) => {
      worker.postMessage({ id, request } satisfies Request<R>, transfer);
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, bytes });
      this.#bytes += bytes;
    });
  }

  /** Answers what was asked before, then ends the worker. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#worker?.postMessage({ stop: true } satisfies Request<R>);
    await this.#ended;
  }

  #spawn(settings: WorkerSettings): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const { name, log } = this.#options;
    const worker = (this.#options.spawn ?? spawner(name))(settings);
    let refused: string | undefined;
    worker.on("message", (message: FromWorker) => {
      if (message.kind === "answers") return this.#answered(message);
      if (message.kind === "refused") {
        refused = message.error;
        return;
      }
      this.#worker = worker;
      // Stopped while it was starting again.
      if (this.#stopping) worker.postMessage({ stop: true } satisfies Request<R>);
      resolve(message.revision);
    });
    worker.on("error", (error) => {
      refused = error instanceof Error ? error.message : String(error);
    });
    this.#ended = new Promise((done) => {
      worker.on("exit", () => {
        const wasReady = this.#worker === worker;
        if (wasReady) this.#worker = undefined;
        this.#rejectWaiting();
        reject(new SensuError("unavailable", refused ?? `the store's ${name} ended`));
        if (wasReady && !this.#stopping) {
          log("error", `the store's ${name} ended, starting it again`, { error: refused });
          this.#scheduleRestart();
        }
        done();
      });
    });
    return promise;
  }

  #scheduleRestart(): void {
    this.#restart = setTimeout(() => {
      this.#spawn({ ...this.#options.settings, dropLeases: false }).catch((error: SensuError) => {
        if (this.#stopping) return;
        this.#options.log("error", "the store cannot be opened again", { error: error.message });
        this.#scheduleRestart();
      });
    }, RESTART_AFTER_MS);
  }

  #answered(message: Extract<FromWorker, { kind: "answers" }>): void {
    const { changed } = message;
    if (changed !== undefined) this.#options.onChanged?.(changed.revision, changed.keys);
    for (const answer of message.answers) {
      const waiting = this.#waiting.get(answer.id);
      if (waiting === undefined) continue;
      this.#waiting.delete(answer.id);
      this.#bytes -= waiting.bytes;
      if ("error" in answer) {
        if (answer.code === "unavailable") {
          this.#trouble = answer.trouble ?? this.#trouble;
          this.#tell(answer.error);
          waiting.reject(new SensuError("unavailable", "the store failed", { cause: answer.error }));
        } else {
          waiting.reject(new SensuError(answer.code, answer.error));
        }
      } else {
        // A write that needs room shows that there is some.
        if (waiting.bytes > 0 && this.#trouble === "full") this.#trouble = undefined;
        waiting.resolve(answer.value);
      }
    }
  }

  /** The engine's own words may name files: they go to the log, not to callers. */
  #tell(error: string): void {
    const now = performance.now();
    if (error === this.#told.error && now - this.#told.at < TELL_MS) {
      this.#told.unsaid++;
      return;
    }
    const { unsaid } = this.#told;
    this.#options.log("error", "the store failed", { error, ...(unsaid > 0 ? { more: unsaid } : {}) });
    this.#told = { error, at: now, unsaid: 0 };
  }

  #rejectWaiting(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#bytes = 0;
    for (const one of all) one.reject(new SensuError("unavailable", "the store went away"));
  }
}

function spawner(name: ThreadOptions["name"]): (settings: WorkerSettings) => Worker {
  return (settings) =>
    new Worker(workerUrl(name), {
      workerData: settings,
      name: `store-${name}`,
      resourceLimits: { maxYoungGenerationSizeMb: 6 },
    });
}
