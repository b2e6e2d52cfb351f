import { type Clock, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import type { FastifyReply } from "fastify";
import { sendText } from "./answers.ts";

/** Keeps clients away for `api-serve-wait-time` after the start. */
export class StartupGate {
  readonly #waitSeconds: number;
  readonly #opensAt: number;
  readonly #clock: Clock;

  constructor(waitSeconds: number, clock: Clock = SYSTEM_CLOCK) {
    this.#waitSeconds = waitSeconds;
    this.#clock = clock;
    this.#opensAt = clock.now() + waitSeconds * 1000;
  }

  isOpen(): boolean {
    return this.#clock.now() >= this.#opensAt;
  }

  /** The hook of gated routes: answers 503 while closed. */
  async check(reply: FastifyReply): Promise<FastifyReply | undefined> {
    if (this.isOpen()) return undefined;
    reply.header("Retry-After", String(Math.floor(this.#waitSeconds)));
    return sendText(reply, 503, "API unavailable during startup.\nSee api-serve-wait-time settings.");
  }
}
