/**
 * Browsers open six connections to an HTTP/1.1 server for all of their tabs together. Live pages hold one each, so
 * only so many may be live at a time (U-383); the others ask again every few seconds.
 */
const PLACES = 4;

/** On it, a tab on screen without a place asks hidden ones to let go of theirs. */
const wanted = new BroadcastChannel("sensu.stream-wanted");

/** Undefined when all places are taken; else what gives this one back. */
export async function takePlace(): Promise<(() => void) | undefined> {
  // Locks exist on https and localhost only.
  if (!navigator.locks) return () => undefined;
  for (let place = 0; place < PLACES; place++) {
    const release = await tryLock(`sensu.stream.${place}`);
    if (release) return release;
  }
  wanted.postMessage("");
  return undefined;
}

function tryLock(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (lock) return new Promise<void>((release) => resolve(release));
        resolve(undefined);
        return undefined;
      })
      .catch(reject);
  });
}

/** Calls back when another tab wants a place; returns what ends it. */
export function onPlaceWanted(listener: () => void): () => void {
  wanted.addEventListener("message", listener);
  return () => wanted.removeEventListener("message", listener);
}
