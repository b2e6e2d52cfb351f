import { absolute, isoTime, nowSeconds, relative, useTicker } from "../data/time.ts";

/** Relative time that keeps itself up to date; 0 is never. */
export function Time({ at, never = "never" }: { at: number; never?: string }) {
  useTicker();
  if (at === 0) return <span className="faint">{never}</span>;
  return (
    <time dateTime={isoTime(at)} title={absolute(at)}>
      {relative(at, nowSeconds())}
    </time>
  );
}
