/** The row the keyboard is on: j and k move, Enter opens (U-337). Kept by key, so it stays with its row. */
import { useEffect, useState } from "react";
import { useKeys } from "./keys.ts";

const OPEN = "Enter";
const LEAVE = "Escape";

export function useRowCursor(keys: readonly string[], open: (index: number) => void): string | undefined {
  const [current, setCurrent] = useState<string>();
  const at = current === undefined ? -1 : keys.indexOf(current);
  const move = (by: number): void => {
    const next = Math.min(Math.max(at + by, 0), keys.length - 1);
    setCurrent(keys[next]);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    [OPEN]: () => at >= 0 && open(at),
    [LEAVE]: () => {
      setCurrent(undefined);
      // Its rows may move again.
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
  });
  useEffect(() => {
    if (current === undefined) return;
    const row = document.querySelector("[data-cursor]");
    row?.scrollIntoView({ block: "nearest" });
    // Tab goes on from here, and screen readers follow.
    row?.querySelector<HTMLElement>(".row-link")?.focus({ preventScroll: true });
  }, [current]);
  return current;
}
