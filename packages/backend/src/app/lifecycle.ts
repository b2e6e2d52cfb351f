import { SensuError } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";

/** Milliseconds that requests under way may still take when their listener stops. */
export const STOP_GRACE_MS = 5000;

interface Started {
  readonly name: string;
  readonly stop: () => Promise<void>;
  readonly reload: (() => Promise<void>) | undefined;
}

/** Parts in the order they were started; stopped in reverse, each once, also after a start that failed half-way. */
export class Lifecycle {
  readonly #log: Logger;
  readonly #started: Started[] = [];
  #stopping: Promise<void> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Starts a part; its `stop` is remembered only when the start succeeded. */
  async start<T>(
    name: string,
    start: () => Promise<T>,
    stop: () => Promise<void>,
    reload?: () => Promise<void>,
  ): Promise<T> {
    try {
      const result = await start();
      this.#started.push({ name, stop, reload });
      return result;
    } catch (error) {
      await this.stop();
      const code = error instanceof SensuError ? error.code : "internal";
      throw new SensuError(code, `error starting ${name}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** What parts read from files, read anew; one that fails does not keep the others from it. */
  async reload(): Promise<void> {
    for (const { name, reload } of this.#started) {
      try {
        await reload?.();
      } catch (error) {
        this.#log.error({ error }, `error reloading ${name}`);
      }
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      this.#log.info({}, `shutting down ${part.name}`);
      try {
        await part.stop();
      } catch (error) {
        this.#log.error({ error }, `error stopping ${part.name}`);
      }
    }
  }
}
