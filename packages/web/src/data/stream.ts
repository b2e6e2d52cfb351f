/**
 * Follows one live topic (U-296): server-sent events read with `fetch`, because `EventSource` cannot show a token.
 * Opens again by itself; a hidden tab lets go after a minute.
 */
import { ApiError } from "./api.ts";
import { inBase } from "./base.ts";
import { away, reportAway, reportBack } from "./connection.ts";
import { retryAfter } from "./patience.ts";
import { accessToken, session, sessionExpired } from "./session.ts";
import { splitEvents } from "./sse.ts";
import { onPlaceWanted, takePlace } from "./stream-place.ts";
import { unseen } from "./unseen.ts";
import type { Frame } from "./wire.ts";

/** No sign of life for this long: dead (the backend comments every 15 s). */
const SILENCE_MS = 45_000;
const SHORT_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const CROWDED_WAIT_MS = 3000;

export interface Follower {
  frame(frame: Frame): void;
  /** True while frames arrive. */
  live(on: boolean): void;
  /** Too many tabs are live: this one has to ask by itself until one of them goes. */
  crowded(): void;
  /** The backend refused for good: no permission, or a search it does not understand. */
  refused(error: ApiError): void;
}

/** Returns what ends it. */
export function follow(query: URLSearchParams, follower: Follower): () => void {
  const stop = new AbortController();
  run(query, follower, stop.signal).catch(() => follower.live(false));
  return () => stop.abort();
}

async function run(query: URLSearchParams, follower: Follower, stop: AbortSignal): Promise<void> {
  let wait = SHORT_WAIT_MS;
  while (!stop.aborted) {
    await shown(stop);
    if (stop.aborted) return;
    const outcome = await readOnce(query, follower, stop).catch((): Outcome => "lost");
    if (outcome === "refused" || stop.aborted) return;
    if (outcome === "reopen") continue;
    if (outcome === "crowded") {
      follower.crowded();
      await pause(CROWDED_WAIT_MS, stop);
      continue;
    }
    follower.live(false);
    if (typeof outcome === "object") {
      await pause(outcome.waitMs, stop);
      continue;
    }
    if (outcome === "lost") reportAway();
    wait = outcome === "ended" ? SHORT_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
    await pause(wait, stop);
  }
}

/**
 * How one stream came to its end. `reopen`: as agreed, go on at once; `ended`: go on after a moment; `busy`: the
 * backend cannot just now; `lost`: no backend there; `crowded`: no place for one more; `refused`: asking again is no
 * use.
 */
type Outcome = "reopen" | "ended" | "busy" | "lost" | "crowded" | "refused" | { readonly waitMs: number };

async function readOnce(query: URLSearchParams, follower: Follower, stop: AbortSignal): Promise<Outcome> {
  const token = await accessToken();
  if (token === undefined) return "ended";
  const leave = await takePlace();
  if (!leave) return "crowded";
  const watch = watchdog(stop);
  try {
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch(inBase(`/api/ui/v1/stream?${query}`), { headers, signal: watch.signal });
    if (response.status === 401) {
      if (!(await accessToken(true))) sessionExpired.set(true);
      return "ended";
    }
    if (response.status === 429) return { waitMs: 1000 * retryAfter(response.headers.get("retry-after"), Date.now()) };
    if (response.status >= 502 && response.status !== 503) return "lost";
    if (response.status >= 500 || !response.body) return "busy";
    if (!response.ok) {
      const body = (await response.json().catch(() => ({}))) as { message?: string };
      follower.refused(new ApiError(response.status, body.message ?? `The backend answered ${response.status}`));
      return "refused";
    }
    reportBack();
    return await readFrames(response.body, follower, watch.alive);
  } catch {
    return watch.hidden() ? "reopen" : "lost";
  } finally {
    watch.end();
    leave();
  }
}

async function readFrames(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  follower: Follower,
  alive: () => void,
): Promise<Outcome> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    // An answer that just stops: the backend is gone.
    if (done) return "lost";
    alive();
    const { events, rest: left } = splitEvents(rest + value);
    rest = left;
    for (const data of events) {
      const frame = JSON.parse(data) as Frame;
      if (frame.kind === "bye") return BYE[frame.reason];
      follower.live(true);
      follower.frame(frame);
    }
  }
}

const BYE: Readonly<Record<Extract<Frame, { kind: "bye" }>["reason"], Outcome>> = {
  token: "reopen",
  denied: "ended",
  slow: "ended",
  shutdown: "lost",
};

/** Ends a stream that gives no sign of life, and one of a tab that nobody sees. */
function watchdog(stop: AbortSignal) {
  const end = new AbortController();
  let hidden = false;
  let silence = setTimeout(() => end.abort(), SILENCE_MS);
  const letGo = (): void => {
    if (!document.hidden) return;
    hidden = true;
    end.abort();
  };
  const unwatch = [onPlaceWanted(letGo), unseen.subscribe(letGo)];
  return {
    signal: AbortSignal.any([stop, end.signal]),
    hidden: () => hidden,
    alive(): void {
      clearTimeout(silence);
      silence = setTimeout(() => end.abort(), SILENCE_MS);
    },
    end(): void {
      clearTimeout(silence);
      for (const done of unwatch) done();
      end.abort();
    },
  };
}

/** Waits, but goes on at once when the backend is back or somebody signed in. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const unwatch = [
      away.subscribe(() => {
        if (away.value === undefined) done();
      }),
      session.subscribe(done),
    ];
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      for (const end of unwatch) end();
      stop.removeEventListener("abort", done);
      resolve();
    }
    stop.addEventListener("abort", done);
  });
}

/** Resolves at once while the page is visible. */
function shown(stop: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const check = (): void => {
      if (document.hidden && !stop.aborted) return;
      document.removeEventListener("visibilitychange", check);
      stop.removeEventListener("abort", check);
      resolve();
    };
    document.addEventListener("visibilitychange", check);
    stop.addEventListener("abort", check);
  });
}
