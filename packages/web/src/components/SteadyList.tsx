/** Lists whose rows stay under the pointer, the keyboard, a selection or an open menu (U-104, U-302). */
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { freeRows, type SteadyRows, steadyRows } from "./steady-rows.ts";

export interface SteadyList<R> extends SteadyRows<R> {
  readonly region: RefObject<HTMLDivElement | null>;
  /** Shows the rows as they are now. */
  readonly apply: () => void;
}

interface Source<R> {
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string;
  /** What the rows are an answer to: another question's rows are shown at once. */
  readonly question: string;
  /** Elsewhere rows only move when asked to: what is before them decides which they are. */
  readonly firstPage: boolean;
  /** Most rows of a page. */
  readonly limit: number;
}

export function useSteadyList<R>({ rows, keyOf, question, firstPage, limit }: Source<R>): SteadyList<R> {
  const region = useRef<HTMLDivElement>(null);
  const busy = useBusy(region);
  const [shown, setShown] = useState({ question, rows });
  const held = (busy || !firstPage) && shown.question === question && shown.rows.length > 0;
  const list = useMemo(
    () => (held ? steadyRows(shown.rows, rows, keyOf, rows.length >= limit) : freeRows(rows)),
    [held, shown.rows, rows, keyOf, limit],
  );
  if (shown.rows !== list.rows || shown.question !== question) setShown({ question, rows: list.rows });
  return { ...list, region, apply: () => setShown({ question, rows }) };
}

/** Around the rows: what is in it counts as the list. */
export function SteadyRegion<R>({ list, children }: { list: SteadyList<R>; children: ReactNode }) {
  return (
    <div ref={list.region} className="steady" tabIndex={-1}>
      {list.changes > 0 && (
        <button
          type="button"
          className="changes"
          title="Show them"
          onClick={() => {
            list.apply();
            // The button goes away: the keyboard goes on at the list.
            list.region.current?.focus({ preventScroll: true });
          }}
        >
          {list.changes === 1 ? "1 change" : `${list.changes} changes`}
        </button>
      )}
      {children}
    </div>
  );
}

/** True while somebody is at work in the list. A finger is not: it has no place before it touches. */
function useBusy(region: RefObject<HTMLDivElement | null>): boolean {
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let pointed = false;
    const look = (): void => {
      const place = region.current;
      setBusy(place !== null && (pointed || hasKeyboard(place) || hasSelection(place) || menuOpen()));
    };
    const onMove = ({ target, pointerType }: PointerEvent): void => {
      pointed = pointerType !== "touch" && target instanceof Node && region.current?.contains(target) === true;
      look();
    };
    const onLeave = (): void => {
      pointed = false;
      look();
    };
    const end = new AbortController();
    const { signal } = end;
    document.addEventListener("pointerover", onMove, { signal });
    document.documentElement.addEventListener("pointerleave", onLeave, { signal });
    for (const kind of ["focusin", "focusout", "selectionchange"]) document.addEventListener(kind, look, { signal });
    // Toggles do not bubble.
    document.addEventListener("toggle", look, { signal, capture: true });
    return () => end.abort();
  }, [region]);
  return busy;
}

/** A click leaves the focus where it was; only the keyboard's counts. */
function hasKeyboard(place: HTMLElement): boolean {
  return place.matches(":has(:focus-visible)") || place.matches(":focus-visible");
}

function hasSelection(place: HTMLElement): boolean {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && place.contains(selection.anchorNode);
}

function menuOpen(): boolean {
  return document.querySelector("details.menu[open], dialog[open]") !== null;
}
