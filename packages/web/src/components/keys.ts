/** Single-key shortcuts (U-337, U-338): dead inside inputs and dialogs, `g e` is two keys in a row. */
import { useEffect, useRef } from "react";

const CHAIN_MS = 1200;
let previous = { key: "", at: 0 };
let last = previous;

export function useKeys(handlers: Readonly<Record<string, () => void>>): void {
  const current = useRef(handlers);
  current.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as HTMLElement;
      if (target.closest("input, textarea, select, [contenteditable]")) return;
      // Also while nothing in it has the focus.
      if (document.querySelector("dialog[open]")) return;
      // Buttons and links have their own Enter.
      if (event.key === "Enter" && target.closest("button, a, summary")) return;
      const chained = previous.key === "g" && event.timeStamp - previous.at < CHAIN_MS ? `g ${event.key}` : "";
      const handler = current.current[chained] ?? (chained === "" ? current.current[event.key] : undefined);
      if (handler) {
        event.preventDefault();
        handler();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

if (typeof window !== "undefined") {
  // Registered before any handler above, so it has moved on when they run.
  window.addEventListener("keydown", (event) => {
    previous = last;
    last = { key: event.key, at: event.timeStamp };
  });
}
