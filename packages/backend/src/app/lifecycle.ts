import { SensuError } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";

interface Started {
  readonly name: string;
  readonly stop: () => Promise<void>;
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
  async start<T>(name: string, start: () => Promise<T>, stop: () => Promise<void>): Promise<T> {
    try {
      const result = await start();
      this.#started.push({ name, stop });
      return result;
    } catch (error) {
      await this.stop();
      const code = error instanceof SensuError ? error.code : "internal";
      throw new SensuError(code, `error starting ${name}: ${(error as Error).message}`, { cause: error });
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
