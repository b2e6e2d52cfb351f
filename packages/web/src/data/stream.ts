/**
 * Follows one live topic (U-296): server-sent events read with `fetch`, because `EventSource` cannot show a token.
 * Opens again by itself; a hidden tab lets go after a minute.
 */
import { ApiError } from "./api.ts";
import { away, reportAway, reportBack } from "./connection.ts";
import { accessToken, sessionExpired } from "./session.ts";
import { splitEvents } from "./sse.ts";
import type { Frame } from "./wire.ts";

/** No sign of life for this long: dead (the backend comments every 15 s). */
const SILENCE_MS = 45_000;
const HIDDEN_MS = 60_000;

export interface Follower {
  frame(frame: Frame): void;
  /** True while frames arrive. */
  live(on: boolean): void;
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
  let wait = 500;
  while (!stop.aborted) {
    await shown(stop);
    if (stop.aborted) return;
    try {
      const outcome = await readOnce(query, follower, stop);
      if (outcome === "refused") return;
      if (outcome === "reopen") {
        await shown(stop);
        continue;
      }
      wait = 500;
    } catch {
      if (stop.aborted) return;
      follower.live(false);
      wait = Math.min(Math.max(wait, 500) * 2, 10_000);
    }
    follower.live(false);
    await pause(wait, stop);
  }
}

async function readOnce(
  query: URLSearchParams,
  follower: Follower,
  stop: AbortSignal,
): Promise<"refused" | "reopen" | "ended"> {
  const token = await accessToken();
  if (token === undefined) return "refused";
  const end = new AbortController();
  const signal = AbortSignal.any([stop, end.signal]);
  let response: Response;
  try {
    response = await fetch(`/api/ui/v1/stream?${query}`, { headers: { Authorization: `Bearer ${token}` }, signal });
  } catch (error) {
    if (!signal.aborted) reportAway();
    throw error;
  }
  if (response.status === 401) {
    if ((await accessToken(true)) === undefined) sessionExpired.set(true);
    return "ended";
  }
  if (response.status >= 500 || !response.body) {
    if (response.status >= 502) reportAway();
    throw new ApiError(response.status, "no stream");
  }
  if (!response.ok) {
    const body = (await response.json().catch(() => ({}))) as { message?: string };
    follower.refused(new ApiError(response.status, body.message ?? `The backend answered ${response.status}`));
    return "refused";
  }
  reportBack();
  let silence = setTimeout(() => end.abort(), SILENCE_MS);
  let hidden: ReturnType<typeof setTimeout> | undefined;
  const onVisibility = (): void => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(() => end.abort(), HIDDEN_MS);
  };
  document.addEventListener("visibilitychange", onVisibility);
  try {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(silence);
      silence = setTimeout(() => end.abort(), SILENCE_MS);
      const { events, rest: left } = splitEvents(rest + value);
      rest = left;
      for (const data of events) {
        const frame = JSON.parse(data) as Frame;
        if (frame.kind === "bye") return frame.reason === "denied" ? "ended" : "reopen";
        follower.live(true);
        follower.frame(frame);
      }
    }
    // An answer that just stops: the backend is gone.
    if (!signal.aborted) reportAway();
    return "ended";
  } catch (error) {
    if (!signal.aborted) reportAway();
    if (end.signal.aborted && !stop.aborted) return "reopen";
    throw error;
  } finally {
    clearTimeout(silence);
    clearTimeout(hidden);
    document.removeEventListener("visibilitychange", onVisibility);
    end.abort();
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const unwatch = away.subscribe(() => {
      if (away.value === undefined) done();
    });
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      unwatch();
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
