/** Who changed what, and who was refused (S-315): one line of JSON for each such request of the API or the page. */
import { type Caller, type Decision, loggable, type Question } from "@sensu-ts/core";
import { type Clock, type Logger, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import { LogFile } from "./log-file.ts";

export interface AuditLogOptions {
  readonly file: string;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Lines that may wait for the disk; what comes then is lost, and said. */
  readonly maxWaiting?: number;
}

/** What an API caller has beside a name. Agents have none of it: their sessions are told elsewhere. */
interface Requester extends Caller {
  readonly address?: string;
  readonly provider?: { readonly id: string };
}

const READS = new Set(["get", "list"]);
/** Not for everybody on the host: it says who may what. */
const MODE = 0o640;

export class AuditLog {
  readonly #file: LogFile;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #maxWaiting: number;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #lost = 0;

  constructor({ file, log, clock = SYSTEM_CLOCK, maxWaiting = 100_000 }: AuditLogOptions) {
    this.#file = new LogFile(file, MODE);
    this.#log = log;
    this.#clock = clock;
    this.#maxWaiting = maxWaiting;
  }

  /** Throws when the file cannot be opened: whoever asks for an audit log does not want to be without. */
  start(): Promise<void> {
    return this.#file.open();
  }

  async stop(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  reopen(): Promise<void> {
    return this.#file.open();
  }

  record(caller: Requester, question: Question, { allowed, by }: Decision): void {
    if (caller.address === undefined || (allowed && READS.has(question.verb))) return;
    if (this.#waiting.length >= this.#maxWaiting) {
      this.#lost++;
      return;
    }
    const { verb, resource, namespace, name } = loggable(question);
    const line = {
      time: new Date(this.#clock.now()).toISOString(),
      user: caller.username,
      provider: caller.provider?.id ?? "",
      address: caller.address,
      ...{ verb, resource, namespace, name },
      decision: allowed ? "allowed" : "denied",
      binding: by === undefined ? "" : by.namespace === "" ? by.binding : `${by.namespace}/${by.binding}`,
    };
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    // One turn of the event loop's lines together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#file.write(lines.join(""));
      } catch (error) {
        this.#lost += lines.length;
        this.#log.error({ error, file: this.#file.path }, "could not write to the audit log");
      }
      if (this.#lost === 0) continue;
      this.#log.error({ file: this.#file.path }, `the audit log has lost ${this.#lost} line(s)`);
      this.#lost = 0;
    }
  }
}
