import { Worker } from "node:worker_threads";
import { SensuError } from "@sensu-ts/core";
import type { EncodeJob } from "./event-log.worker.ts";

const WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "./event-log.worker.ts" : "./event-log.worker.js",
  import.meta.url,
);

/** One thread that makes JSON lines of events; one batch at a time. */
export class EventEncoder {
  readonly #worker = new Worker(WORKER, { name: "event-log", env: {} });
  #current: PromiseWithResolvers<Uint8Array> | undefined;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (lines: Uint8Array) => this.#current?.resolve(lines));
    const ended = (cause?: Error) =>
      this.#current?.reject(new SensuError("internal", "the encoder ended", cause && { cause }));
    this.#worker.on("error", ended);
    this.#worker.on("exit", () => ended());
  }

  /** Resolves when the thread has loaded its code. */
  async ready(): Promise<void> {
    await this.encode([]);
  }

  /** Takes the protobuf of events. */
  encode(events: readonly Uint8Array[]): Promise<Uint8Array> {
    const bytes = new Uint8Array(events.reduce((sum, event) => sum + event.length, 0));
    const ends: number[] = [];
    let at = 0;
    for (const event of events) {
      bytes.set(event, at);
      at += event.length;
      ends.push(at);
    }
    this.#current = Promise.withResolvers();
    this.#worker.postMessage({ bytes, ends } satisfies EncodeJob, [bytes.buffer]);
    return this.#current.promise;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
