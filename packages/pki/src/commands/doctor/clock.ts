/**
 * This machine's clock against a backend's (S-408): certificates and tokens are judged by the clock of whoever looks.
 * The answer is asked for its `Date` only and nothing secret is sent, so its certificate is not checked: with a wrong
 * clock that would be the first thing to fail.
 */
import http from "node:http";
import https from "node:https";
import type { Level } from "../check.ts";

const ANSWER_MS = 5000;
/** Certificates are dated back by this much (S-38). */
const BACKDATE_MS = 5 * 60_000;
/** What tokens bear (S-232). */
const TOKEN_LEEWAY_MS = 60_000;

/** PEM of what a listener that asks for a certificate is shown. */
export interface ClientPair {
  readonly cert: string;
  readonly key: string;
}

/** Milliseconds by which the other clock is ahead, to within a second or the time the answer took. Rejects with the reason. */
export async function clockAhead(url: URL, pair: ClientPair | undefined, now: () => Date): Promise<number> {
  const before = now().getTime();
  const date = await dateOf(url, pair);
  const after = now().getTime();
  // The header names the second that had begun.
  if (date + 1000 < before) return date + 1000 - before;
  return date > after ? date - after : 0;
}

function dateOf(url: URL, pair: ClientPair | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { timeout: ANSWER_MS, agent: false, rejectUnauthorized: false, ...pair };
    const asked = new URL("/health", url);
    const request = (url.protocol === "https:" ? https : http).get(asked, options, (answer) => {
      const date = Date.parse(answer.headers.date ?? "");
      answer.destroy();
      if (Number.isNaN(date)) reject(new Error(`the answer ${answer.statusCode} has no Date`));
      else resolve(date);
    });
    request.once("timeout", () => request.destroy(new Error(`no answer within ${ANSWER_MS / 1000} seconds`)));
    request.once("error", reject);
  });
}

/** What follows from the difference; undefined when nothing does. */
export function clockFinding(aheadMs: number): { readonly level: Level; readonly text: string } | undefined {
  const off = Math.abs(aheadMs);
  if (off <= TOKEN_LEEWAY_MS) return undefined;
  const sides = aheadMs > 0 ? "behind" : "ahead of";
  const follows =
    off > BACKDATE_MS
      ? "fresh certificates are taken for not yet valid or old ones for good"
      : "fresh tokens may be refused";
  return {
    level: off > BACKDATE_MS ? "critical" : "warning",
    text: `this machine's clock is ${Math.round(off / 1000)} s ${sides} the backend's, so ${follows}: set both by NTP`,
  };
}
