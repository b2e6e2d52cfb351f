/** One open page: server-sent events over its response, with a bound on what waits for a slow reader. */
import type { ServerResponse } from "node:http";
import { LONGEST_TIMER_MS } from "@sensu-ts/runtime";
import type { Identity } from "../../access/identity.ts";
import type { Frame } from "../wire.ts";
import { tokenEnd } from "./token-end.ts";

/** Bytes that may wait in the socket before changes are dropped for this page. */
export const MAX_WAITING = 256 * 1024;
/** How long a page may stay behind before it is let go, ms. */
export const MAX_BEHIND_MS = 30_000;

export function encodeFrame(frame: Frame): string {
  return `data: ${JSON.stringify(frame)}\n\n`;
}

export class Stream {
  readonly identity: Identity;
  /** The header that opened it. */
  readonly authorization: string | undefined;
  /** Unix milliseconds at which the access token ends; infinite for API keys. */
  readonly tokenEnds: number;
  readonly #response: ServerResponse;
  #ending: NodeJS.Timeout | undefined;
  #behindSince: number | undefined;
  #ended = false;

  constructor(response: ServerResponse, identity: Identity, authorization: string | undefined) {
    this.#response = response;
    this.identity = identity;
    this.authorization = authorization;
    this.tokenEnds = tokenEnd(authorization);
  }

  /** Headers of a stream no proxy should hold back (U-296). */
  begin(): void {
    this.#response.socket?.setTimeout(0);
    this.#response.socket?.setNoDelay(true);
    this.#response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store, no-transform",
      "X-Accel-Buffering": "no",
    });
  }

  /** Ends it with its token. */
  endInTime(now: number): void {
    if (this.#ended || !Number.isFinite(this.tokenEnds)) return;
    const left = Math.min(Math.max(0, this.tokenEnds - now), LONGEST_TIMER_MS);
    this.#ending = setTimeout(() => this.end("token"), left).unref();
  }

  get behind(): boolean {
    return !this.#ended && this.#behindSince !== undefined;
  }

  /** False when the reader is behind: the text was dropped and the page needs all of its rows again. */
  write(text: string, now: number): boolean {
    if (this.#ended) return true;
    if (this.#behindSince !== undefined || this.#response.writableLength > MAX_WAITING) {
      this.#behindSince ??= now;
      return false;
    }
    this.#response.write(text);
    return true;
  }

  /** True once after a reader that was behind has taken everything: send its page anew. */
  caughtUp(): boolean {
    if (this.#behindSince === undefined || this.#response.writableLength > 0) return false;
    this.#behindSince = undefined;
    return true;
  }

  tooSlow(now: number): boolean {
    return this.#behindSince !== undefined && now - this.#behindSince > MAX_BEHIND_MS;
  }

  comment(): void {
    if (!this.#ended && this.#behindSince === undefined) this.#response.write(": \n\n");
  }

  end(reason: "token" | "shutdown" | "slow" | "denied"): void {
    if (this.#ended) return;
    this.closed();
    this.#response.end(encodeFrame({ kind: "bye", reason }));
    // A reader that does not read would keep the socket for ever.
    if (reason === "slow") this.#response.destroy();
  }

  /** The page went away. */
  closed(): void {
    this.#ended = true;
    clearTimeout(this.#ending);
  }
}
