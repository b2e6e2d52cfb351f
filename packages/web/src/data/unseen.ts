import { Signal } from "./signal.ts";

const AFTER_MS = 60_000;

/** True once nobody has seen this tab for a minute: it lets go of its stream and asks seldom (U-302). */
export const unseen = new Signal(false);

let timer: ReturnType<typeof setTimeout> | undefined;

function look(): void {
  clearTimeout(timer);
  if (document.hidden) timer = setTimeout(() => unseen.set(true), AFTER_MS);
  else unseen.set(false);
}

document.addEventListener("visibilitychange", look);
look();
