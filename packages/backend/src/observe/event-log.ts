/** One line of JSON for every processed event in a file of the operator's choice (P-155, P-156, B-540 to B-543). */
import type { Logger } from "@sensu-ts/runtime";
import type { Bus } from "../bus/bus.ts";
import type { CommittedEvent } from "../bus/committed-event.ts";
import { Queue } from "../bus/queue.ts";
import { EventEncoder } from "./event-encoder.ts";
import { LogFile } from "./log-file.ts";

export interface EventLogOptions {
  readonly file: string;
  /** Events kept while encoders and disk are busy. */
  readonly bufferSize: number;
  /** Milliseconds a full buffer holds up the publisher before the oldest event is dropped. */
  readonly bufferWaitMs: number;
  /** Threads; with more than one the order of lines is not that of events. */
  readonly encoders: number;
  /** Milliseconds a stop waits for encoders and disk; 5000 when absent. */
  readonly drainMs?: number;
  readonly bus: Pick<Bus, "subscribe">;
  readonly log: Logger;
}

const BATCH = 256;
const SYNC_MS = 30_000;
const LOST_MS = 1000;
const REPORT_MS = 60_000;
const DRAIN_MS = 5000;

export class EventLog {
  readonly #options: EventLogOptions;
  readonly #file: LogFile;
  #buffer = new Queue<Uint8Array>();
  #ends: (() => void)[] = [];
  #encoders: EventEncoder[] = [];
  /** The buffer was full for the whole wait and nothing has left it since: no further event waits. */
  #stalled = false;
  #room: PromiseWithResolvers<void> | undefined;
  #more = Promise.withResolvers<void>();
  #idle: PromiseWithResolvers<void> | undefined;
  #busy = 0;
  #lost = 0;
  #count = 0;
  #bytes = 0;

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#file = new LogFile(options.file);
  }

  /** A file that cannot be opened is a warning: the backend runs without the event log. */
  async start(): Promise<void> {
    if (this.#ends.length > 0) return;
    const { file, log, bus, encoders } = this.#options;
    try {
      await this.#file.open();
    } catch (error) {
      log.warn({ file, error }, "the event log cannot be opened, running without it");
      return;
    }
    this.#encoders = Array.from({ length: encoders }, () => new EventEncoder());
    await Promise.all(this.#encoders.map((encoder) => encoder.ready()));
    for (const encoder of this.#encoders) void this.#drain(encoder);
    // Registrations and deregistrations are not results: they bypass what is logged.
    const wants = ({ check, revision }: CommittedEvent) => revision !== 0 || check === "";
    const handle = (message: CommittedEvent) => this.#take(message);
    this.#ends = [
      bus.subscribe("event", { name: "event log", capacity: 1, workers: 1, wants, handle }),
      every(SYNC_MS, () => this.#file.sync().catch((error: unknown) => this.#failed(error, 0))),
      every(LOST_MS, () => this.#reportLost()),
      every(REPORT_MS, () => this.#report()),
    ];
  }

  /** What is in the buffer is written if the disk takes it in time. */
  async stop(): Promise<void> {
    if (this.#ends.length === 0) return;
    const { drainMs = DRAIN_MS } = this.#options;
    for (const end of this.#ends.splice(0)) end();
    if (this.#busy > 0 || this.#buffer.length > 0) {
      this.#idle = Promise.withResolvers();
      await Promise.race([this.#idle.promise, later(drainMs)]);
    }
    this.#lost += this.#buffer.length;
    this.#buffer = new Queue();
    this.#reportLost();
    await Promise.all(this.#encoders.splice(0).map((encoder) => encoder.stop()));
    const closed = this.#file
      .sync()
      .then(() => this.#file.close())
      .catch((error: unknown) => this.#failed(error, 0));
    await Promise.race([closed, later(drainMs)]);
  }

  /** After a rotation. */
  async reopen(): Promise<void> {
    if (this.#ends.length === 0) return;
    const { file, log } = this.#options;
    try {
      await this.#file.open();
      log.info({ file }, "event log opened anew");
    } catch (error) {
      log.error({ file, error }, "the event log cannot be opened anew, going on with the old file");
    }
  }

  #take(message: CommittedEvent): void | Promise<void> {
    const bytes = message.encode();
    if (this.#buffer.length < this.#options.bufferSize) this.#put(bytes);
    else if (this.#stalled) this.#replaceOldest(bytes);
    else return this.#putAfterWait(bytes);
  }

  #put(bytes: Uint8Array): void {
    this.#buffer.push(bytes);
    this.#more.resolve();
  }

  #replaceOldest(bytes: Uint8Array): void {
    this.#buffer.shift();
    this.#lost++;
    this.#put(bytes);
  }

  async #putAfterWait(bytes: Uint8Array): Promise<void> {
    this.#room = Promise.withResolvers();
    await Promise.race([this.#room.promise, later(this.#options.bufferWaitMs)]);
    this.#room = undefined;
    if (this.#buffer.length < this.#options.bufferSize) {
      this.#put(bytes);
      return;
    }
    this.#stalled = true;
    this.#replaceOldest(bytes);
  }

  /** Life of one encoder: a batch out of the buffer, through the thread, to the file. */
  async #drain(encoder: EventEncoder): Promise<void> {
    while (this.#encoders.includes(encoder)) {
      const batch = this.#nextBatch();
      if (batch.length === 0) {
        this.#more = this.#buffer.length > 0 ? this.#more : Promise.withResolvers();
        await this.#more.promise;
        continue;
      }
      this.#busy++;
      try {
        const lines = await encoder.encode(batch);
        await this.#file.write(lines);
        this.#count += batch.length;
        this.#bytes += lines.length;
      } catch (error) {
        this.#failed(error, batch.length);
      } finally {
        this.#busy--;
        if (this.#busy === 0 && this.#buffer.length === 0) this.#idle?.resolve();
      }
    }
  }

  #nextBatch(): readonly Uint8Array[] {
    const batch: Uint8Array[] = [];
    while (batch.length < BATCH) {
      const bytes = this.#buffer.shift();
      if (!bytes) break;
      batch.push(bytes);
    }
    if (batch.length > 0) {
      this.#stalled = false;
      this.#room?.resolve();
    }
    return batch;
  }

  #failed(error: unknown, events: number): void {
    this.#options.log.error({ file: this.#file.path, events, error }, "error writing the event log");
  }

  #reportLost(): void {
    if (this.#lost === 0) return;
    this.#options.log.error({ file: this.#file.path }, `the event buffer is full, ${this.#lost} event(s) lost`);
    this.#lost = 0;
  }

  #report(): void {
    const [count, bytes, seconds] = [this.#count, this.#bytes, REPORT_MS / 1000];
    this.#count = 0;
    this.#bytes = 0;
    const rates = { rate: count / seconds, byteRate: bytes / seconds, duration: `${seconds}s` };
    this.#options.log.info({ count, bytes, ...rates }, "METRICS: Event log writer");
  }
}

function every(milliseconds: number, act: () => unknown): () => void {
  const timer = setInterval(act, milliseconds).unref();
  return () => clearInterval(timer);
}

function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
