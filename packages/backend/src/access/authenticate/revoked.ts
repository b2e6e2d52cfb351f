/**
 * Sessions whose access tokens are refused before they end: after logout, disabling and password changes (S-230). Held
 * in the store by the cluster that issued them, and in memory by each of its backends.
 */

import type { Clock, Logger } from "@sensu-ts/runtime";
import type { Kv } from "@sensu-ts/store";

const ROOT = "/sensu.io/authentication/revoked/";

export class RevokedSessions {
  readonly #kv: Kv;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Session id to the Unix second after which its access tokens have ended anyway. */
  readonly #until = new Map<string, number>();
  #running: AbortController | undefined;
  #watching: Promise<void> | undefined;

  constructor(kv: Kv, clock: Clock, log: Logger) {
    this.#kv = kv;
    this.#clock = clock;
    this.#log = log;
  }

  async start(): Promise<void> {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    try {
      const revision = await this.#load();
      this.#watching = this.#watch(revision, running.signal);
    } catch (error) {
      this.#running = undefined;
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#running?.abort();
    this.#running = undefined;
    await this.#watching;
    this.#watching = undefined;
  }

  has(sessionId: string): boolean {
    return this.#until.has(sessionId);
  }

  /** `until`: Unix second at which the last access token of the session ends. */
  async add(sessionId: string, until: number): Promise<void> {
    this.#until.set(sessionId, until);
    const value = new TextEncoder().encode(String(until));
    await this.#kv.txn([], [{ op: "put", key: ROOT + sessionId, value }]);
  }

  /** Forgets what has ended. */
  async sweep(): Promise<void> {
    const now = Math.floor(this.#clock.now() / 1000);
    for (const [sessionId, until] of this.#until) {
      if (until > now) continue;
      await this.#kv.txn([], [{ op: "delete", key: ROOT + sessionId }]);
      this.#until.delete(sessionId);
    }
  }

  async #load(): Promise<number> {
    const { entries, revision } = await this.#kv.range({ prefix: ROOT });
    this.#until.clear();
    for (const entry of entries) this.#until.set(entry.key.slice(ROOT.length), seconds(entry.value));
    return revision;
  }

  async #watch(from: number, signal: AbortSignal): Promise<void> {
    let revision = from;
    while (!signal.aborted) {
      try {
        for await (const item of this.#kv.watch(ROOT, revision, signal)) {
          if (item.kind === "compacted") {
            revision = await this.#load();
            break;
          }
          revision = item.revision;
          for (const event of item.events) {
            if (event.kind === "put") this.#until.set(event.entry.key.slice(ROOT.length), seconds(event.entry.value));
            else this.#until.delete(event.key.slice(ROOT.length));
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn({ error }, "watching revoked sessions failed, trying again");
        await pause(1000, signal);
      }
    }
  }
}

function seconds(value: Uint8Array): number {
  return Number(new TextDecoder().decode(value)) || 0;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
