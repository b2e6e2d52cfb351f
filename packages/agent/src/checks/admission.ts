/** Which check requests are run: each once, none while the same check still runs (W-93 steps 1 to 4 and 7, W-94). */
import type { CheckRequest, Int64 } from "@sensu-ts/core";

export type Verdict = "run" | "older" | "duplicate" | "running";

export class Admission {
  /** Survives reconnects (W-73). */
  readonly #lastIssued = new Map<string, Int64>();
  readonly #running = new Set<string>();

  /** Decides without waiting, so that two equal requests in a row cannot both pass. */
  judge(key: string, issued: Int64): Verdict {
    const last = this.#lastIssued.get(key) ?? 0;
    if (issued < last) return "older";
    if (issued === last || BigInt(issued) === BigInt(last)) return "duplicate";
    return this.#running.has(key) ? "running" : "run";
  }

  begin(key: string, issued: Int64): void {
    this.#lastIssued.set(key, issued);
    this.#running.add(key);
  }

  end(key: string): void {
    this.#running.delete(key);
  }
}

/** The same check for two proxy entities is two checks. */
export function checkKey(request: CheckRequest): string {
  const { metadata, proxy_entity_name = "" } = request.config ?? {};
  const name = metadata?.name ?? "";
  return proxy_entity_name === "" ? name : `${name}/${proxy_entity_name}`;
}
