/** Whether the backend is there (U-283). Whoever talks to it reports; one loop asks until it is back. */
import { inBase } from "./base.ts";
import { Signal } from "./signal.ts";

export interface Away {
  /** Unix milliseconds. */
  readonly since: number;
  readonly nextTry: number;
}

export const away = new Signal<Away | undefined>(undefined);
/** Counts up when the backend came back or somebody asked for it: what is on screen asks anew. */
export const returns = new Signal(0);

const LONGEST_WAIT = 30_000;
let wait = 1000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function reportAway(): void {
  if (away.value) return;
  wait = 1000;
  const now = Date.now();
  away.set({ since: now, nextTry: now + wait });
  timer = setTimeout(tryNow, wait);
}

export function reportBack(): void {
  clearTimeout(timer);
  if (!away.value) return;
  away.set(undefined);
  returns.set(returns.value + 1);
}

export function tryNow(): void {
  clearTimeout(timer);
  probe().catch(() => undefined);
}

async function probe(): Promise<void> {
  const there = await fetch(inBase("/api/ui/v1/signin"), {
    cache: "no-store",
    signal: AbortSignal.timeout(10_000),
  }).then(
    (response) => response.status < 502,
    () => false,
  );
  if (there) {
    reportBack();
    return;
  }
  const since = away.value?.since ?? Date.now();
  wait = Math.min(wait * 2, LONGEST_WAIT);
  away.set({ since, nextTry: Date.now() + wait });
  timer = setTimeout(tryNow, wait);
}

window.addEventListener("online", tryNow);
window.addEventListener("offline", reportAway);
