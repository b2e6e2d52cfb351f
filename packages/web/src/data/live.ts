/** Lists and events that follow the backend: the stream first, asking again only while there is none (U-303). */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type ApiError, getJson } from "./api.ts";
import { applyToEntities, applyToEvents } from "./apply-frame.ts";
import { away } from "./connection.ts";
import { Signal, useSignal } from "./signal.ts";
import { follow } from "./stream.ts";
import { learnServerTime } from "./time.ts";
import { unseen } from "./unseen.ts";
import type { EntitiesPage, EventsPage, Frame } from "./wire.ts";

export type LiveState = "live" | "polling" | "waiting";
/** Of the page on screen, for the mark in the head line. */
export const liveState = new Signal<LiveState>("waiting");

const FALLBACK_AFTER_MS = 5000;
const POLL_MS = 10_000;
const UNSEEN_POLL_MS = 300_000;

export interface LivePage<P> {
  readonly page: P | undefined;
  readonly error: ApiError | undefined;
  /** The question that `page` answers; empty while it is still another's. */
  readonly answers: string;
}

interface Source<P> {
  readonly topic: "events" | "entities";
  readonly apply: (page: P | undefined, frame: Frame) => P | undefined;
}

const EVENTS: Source<EventsPage> = { topic: "events", apply: applyToEvents };
const ENTITIES: Source<EntitiesPage> = { topic: "entities", apply: applyToEntities };

export function useLiveEvents(query: URLSearchParams): LivePage<EventsPage> {
  return useLivePage(EVENTS, query);
}

export function useLiveEntities(query: URLSearchParams): LivePage<EntitiesPage> {
  return useLivePage(ENTITIES, query);
}

/** Follows `topic` until the address changes; true while the stream has been silent for too long. */
function useFollow(search: string, onFrame: (frame: Frame) => void): { fallback: boolean; refused?: ApiError } {
  const [fallback, setFallback] = useState(false);
  const [refused, setRefused] = useState<ApiError>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address says everything; a new callback is the same one
  useEffect(() => {
    setRefused(undefined);
    setFallback(false);
    let patience = setTimeout(() => setFallback(true), FALLBACK_AFTER_MS);
    const stop = follow(new URLSearchParams(search), {
      frame(frame) {
        if (frame.kind === "hello") learnServerTime(frame.now);
        onFrame(frame);
      },
      live(on) {
        clearTimeout(patience);
        if (on) {
          setFallback(false);
          liveState.set("live");
        } else {
          patience = setTimeout(() => setFallback(true), FALLBACK_AFTER_MS);
          liveState.set("waiting");
        }
      },
      crowded() {
        clearTimeout(patience);
        setFallback(true);
      },
      refused: setRefused,
    });
    return () => {
      clearTimeout(patience);
      stop();
      liveState.set("waiting");
    };
  }, [search]);
  return refused ? { fallback, refused } : { fallback };
}

/** How often to ask while there is no stream, or nobody looks. */
function pollEvery(polling: boolean, nobodyLooks: boolean): number | false {
  if (nobodyLooks) return UNSEEN_POLL_MS;
  return polling ? POLL_MS : false;
}

/** Says so in the head line, and asks at once when it begins and when somebody looks again. */
function usePolling(polling: boolean, nobodyLooks: boolean, ask: () => unknown): void {
  useEffect(() => {
    if (!polling) return;
    liveState.set("polling");
    if (!nobodyLooks) ask();
  }, [polling, nobodyLooks, ask]);
}

function useLivePage<P>(source: Source<P>, query: URLSearchParams): LivePage<P> {
  const client = useQueryClient();
  const isAway = useSignal(away) !== undefined;
  const key = ["list", source.topic, query.get("namespace"), query.toString()];
  const { fallback, refused } = useFollow(`topic=${source.topic}&${query}`, (frame) =>
    client.setQueryData<P>(key, (page) => source.apply(page, frame)),
  );
  const nobodyLooks = useSignal(unseen);
  const polling = fallback && !refused && !isAway;
  const result = useQuery<P, ApiError>({
    queryKey: key,
    queryFn: ({ signal }) => getJson<P>(`/api/ui/v1/${source.topic}?${query}`, signal),
    enabled: (polling || nobodyLooks) && !refused && !isAway,
    refetchInterval: pollEvery(polling, nobodyLooks),
    refetchIntervalInBackground: nobodyLooks,
    staleTime: Number.POSITIVE_INFINITY,
    // Old rows stay while a new question is on its way, unless they are of another namespace.
    placeholderData: (previous, from) => (from?.queryKey[2] === key[2] ? keepPreviousData(previous) : undefined),
  });
  usePolling(polling, nobodyLooks, result.refetch);
  const answers = result.isPlaceholderData ? "" : query.toString();
  return { page: result.data, answers, error: refused ?? (result.data ? undefined : (result.error ?? undefined)) };
}

export interface LiveEvent<E> {
  readonly event: E | undefined;
  readonly deleted: boolean;
  readonly error: ApiError | undefined;
  /** Counts changes seen, so that what hangs on the event can be asked again. */
  readonly changes: number;
}

export function useLiveEvent<E>(path: string, query: URLSearchParams): LiveEvent<E> {
  const client = useQueryClient();
  const key = ["event", path];
  const [deleted, setDeleted] = useState(false);
  const [changes, setChanges] = useState(0);
  const isAway = useSignal(away) !== undefined;
  const { fallback, refused } = useFollow(`topic=event&${query}`, (frame) => {
    // Whatever changed before the stream stood is asked for now.
    if (frame.kind === "hello") void client.invalidateQueries({ queryKey: key });
    if (frame.kind === "event") {
      client.setQueryData(key, frame.event);
      setDeleted(false);
      setChanges((n) => n + 1);
    }
    if (frame.kind === "deleted") setDeleted(true);
  });
  const nobodyLooks = useSignal(unseen);
  const polling = fallback && !refused && !isAway;
  const result = useQuery<E, ApiError>({
    queryKey: key,
    queryFn: ({ signal }) => getJson<E>(path, signal),
    enabled: !isAway && !deleted,
    refetchInterval: pollEvery(polling, nobodyLooks),
    refetchIntervalInBackground: nobodyLooks,
    retry: (count, error) => error.status === 0 && count < 3,
  });
  usePolling(polling, nobodyLooks, result.refetch);
  // A question that failed forgets why while it is asked again.
  const [failed, setFailed] = useState<{ readonly path: string; readonly error: ApiError }>();
  if (result.error && failed?.error !== result.error) setFailed({ path, error: result.error });
  const lastError = failed?.path === path ? failed.error : undefined;
  return { event: result.data, deleted, error: result.data ? undefined : (lastError ?? refused), changes };
}
