import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { getJson } from "../../data/api.ts";
import { absolute, duration, nowSeconds, useTicker } from "../../data/time.ts";
import type { NextRun as Answer } from "../../data/wire.ts";

/** A moment after the run, so that the next one is asked for and not this one again. */
const AFTER_MS = 500;

/** When the backend asks for the next run (U-143); nothing where it does not ask for any. */
export function NextRun({ query, changes }: { query: string; changes: number }) {
  const { data, refetch } = useQuery({
    queryKey: ["next-run", query],
    queryFn: ({ signal }) => getJson<Answer>(`/api/ui/v1/next-run?${query}`, signal),
    refetchInterval: ({ state }) => {
      const at = state.data?.at ?? 0;
      return at === 0 ? false : Math.max(AFTER_MS, at - nowSeconds() * 1000 + AFTER_MS);
    },
  });
  // The check may have been changed since: its results tell.
  useEffect(() => {
    if (changes > 0) void refetch();
  }, [changes, refetch]);
  if (!data?.defined) return null;
  return <> · {data.at === 0 ? "not scheduled" : <Countdown at={data.at / 1000} />}</>;
}

function Countdown({ at }: { at: number }) {
  useTicker();
  const left = Math.ceil(at - nowSeconds());
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={absolute(at)}>
      next run {left > 0 ? `in ${duration(left)}` : "now"}
    </time>
  );
}
