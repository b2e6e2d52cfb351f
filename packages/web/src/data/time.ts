/** Times and durations in words (U-228, U-229). */
import { Signal, useSignal } from "./signal.ts";

/** Backend's clock minus ours, ms. */
let offset = 0;

export function learnServerTime(serverNow: number): void {
  offset = serverNow - Date.now();
}

/** Unix seconds by the backend's clock. */
export function nowSeconds(): number {
  return (Date.now() + offset) / 1000;
}

const ticker = new Signal(0);
if (typeof document !== "undefined") {
  setInterval(() => {
    if (!document.hidden) ticker.set(ticker.value + 1);
  }, 1000);
}

/** Draws the caller anew every second. */
export function useTicker(): void {
  useSignal(ticker);
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
];

function count(seconds: number): string {
  for (const [size, name] of UNITS) {
    const n = Math.floor(seconds / size);
    if (n >= 1) return `${n} ${name}${n === 1 ? "" : "s"}`;
  }
  return `${Math.floor(seconds)} seconds`;
}

/** `seconds` is a unix time. */
export function relative(seconds: number, now: number): string {
  const ago = now - seconds;
  if (ago >= 10) return `${count(ago)} ago`;
  if (ago >= 0) return "just now";
  if (ago > -10) return "in a few seconds";
  if (ago > -60) return "in less than a minute";
  return `in ${count(-ago)}`;
}

export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  if (seconds < 60) return Number.isInteger(seconds) ? `${seconds}s` : `${seconds.toFixed(seconds < 10 ? 2 : 1)}s`;
  const whole = Math.round(seconds);
  const [big, small, units] = whole < 3600 ? [60, 1, "ms"] : [3600, 60, "hm"];
  const rest = Math.floor((whole % big) / small);
  return `${Math.floor(whole / big)}${units[0]}${rest === 0 ? "" : ` ${rest}${units[1]}`}`;
}

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** The furthest second a `Date` can hold: beyond it every formatter throws. */
const LAST_SECOND = 8.64e12;

/** Of a unix time that some host with a broken clock may have sent. */
function dateOf(seconds: number): Date {
  return new Date(Math.min(Math.max(seconds, -LAST_SECOND), LAST_SECOND) * 1000);
}

export function absolute(seconds: number): string {
  return ABSOLUTE.format(dateOf(seconds));
}

/** For `<time datetime>`. */
export function isoTime(seconds: number): string {
  return dateOf(seconds).toISOString();
}

export function clock(milliseconds: number): string {
  return CLOCK.format(new Date(milliseconds));
}
