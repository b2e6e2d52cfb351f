/** Which sessions are not read because too much waits already (P-3). */
import { Queue } from "../bus/queue.ts";
import type { Session } from "./session.ts";

const RESUME_AT_ONCE = 32;

export class Pausing {
  /** True: nothing more can be taken. */
  readonly #full: () => boolean;
  readonly #paused = new Queue<Session>();
  #resuming = false;

  constructor(full: () => boolean) {
    this.#full = full;
  }

  /** All at once: each socket that goes on reading would add what has piled up in it. */
  pause(sessions: Iterable<Session>): void {
    for (const session of sessions) {
      if (session.paused) continue;
      session.pause();
      this.#paused.push(session);
    }
  }

  /** Some at a time, those paused first first, until it is too much again. */
  resume(): void {
    if (this.#resuming) return;
    this.#resuming = true;
    const step = () => {
      for (let i = 0; i < RESUME_AT_ONCE && !this.#full(); i++) this.#paused.shift()?.resume();
      this.#resuming = this.#paused.length > 0 && !this.#full();
      if (this.#resuming) setImmediate(step);
    };
    step();
  }
}
