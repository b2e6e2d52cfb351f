import type { StoreLog } from "../../log.ts";
import type {
  HistoryLimits,
  ReadAnswers,
  ReadRequest,
  WorkerSettings,
  WriteAnswers,
  WriteRequest,
} from "./protocol.ts";
import { Thread } from "./thread.ts";

export interface ThreadsOptions {
  readonly folder: string;
  readonly unsafeNoFsync: boolean;
  readonly quotaBytes: number | undefined;
  readonly history: HistoryLimits;
  readonly log: StoreLog;
}

/**
 * The threads of one database: a writer, a reader for point reads and watches, and one for event lists and counts, so
 * that a long list never delays the hot path. The stores on them start and stop them; they run while any of these is started.
 */
export class SqliteThreads {
  readonly writer: Thread<WriteRequest, WriteAnswers>;
  readonly quick: Thread<ReadRequest, ReadAnswers>;
  readonly lists: Thread<ReadRequest, ReadAnswers>;
  readonly #listeners: ((revision: number, keys: readonly string[]) => void)[] = [];
  readonly #users = new Set<object>();
  #last: Promise<void> = Promise.resolve();

  constructor({ folder, unsafeNoFsync, quotaBytes, history, log }: ThreadsOptions) {
    const settings: WorkerSettings = { folder, unsafeNoFsync, quotaBytes, history, dropLeases: true };
    const onChanged = (revision: number, keys: readonly string[]) => {
      for (const listener of this.#listeners) listener(revision, keys);
    };
    this.writer = new Thread({ name: "writer", settings, log, onChanged });
    this.quick = new Thread({ name: "reader", settings, log });
    this.lists = new Thread({ name: "reader", settings, log });
  }

  onChanged(listener: (revision: number, keys: readonly string[]) => void): void {
    this.#listeners.push(listener);
  }

  start(user: object): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#users.size === 0) await this.#open();
      this.#users.add(user);
    });
  }

  stop(user: object): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#users.delete(user) && this.#users.size === 0) await this.#close();
    });
  }

  async #open(): Promise<void> {
    try {
      await this.writer.start();
      await Promise.all([this.quick.start(), this.lists.start()]);
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  /** Readers first: the writer's last checkpoint then has the database for itself. */
  async #close(): Promise<void> {
    await Promise.all([this.quick.stop(), this.lists.stop()]);
    await this.writer.stop();
  }

  /** One start or stop at a time; a failed one does not block the next. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
