import type { KvWatchItem } from "../../kv/kv.ts";
import type { KvChanges } from "./protocol.ts";

/** Changes one item carries at most, except that a revision is never cut in two. */
const ITEM_CHANGES = 256;

interface Watcher {
  readonly prefix: string;
  /** Everything up to this revision was given. */
  position: number;
  /** A matching change was committed since the last read. */
  dirty: boolean;
  /** All changes up to the last commit were read: what does not match moves `position` without a read. */
  current: boolean;
  /** Set while the watcher sleeps. */
  wake: (() => void) | undefined;
}

/**
 * Watches read the stored history from where they stand and sleep until a commit touches their prefix: nothing is
 * queued for a slow watcher, and a gap cannot arise.
 */
export class Watchers {
  readonly #read: (prefix: string, after: number, limit: number) => Promise<KvChanges>;
  readonly #watchers = new Set<Watcher>();
  #closed = false;

  constructor(read: (prefix: string, after: number, limit: number) => Promise<KvChanges>) {
    this.#read = read;
  }

  open(): void {
    this.#closed = false;
  }

  /** Ends all watches. */
  close(): void {
    this.#closed = true;
    for (const watcher of this.#watchers) watcher.wake?.();
  }

  committed(revision: number, keys: readonly string[]): void {
    for (const watcher of this.#watchers) {
      if (keys.some((key) => key.startsWith(watcher.prefix))) {
        watcher.dirty = true;
        watcher.current = false;
        watcher.wake?.();
      } else if (watcher.current) {
        watcher.position = Math.max(watcher.position, revision);
      }
    }
  }

  async *watch(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<KvWatchItem, void, void> {
    const watcher: Watcher = { prefix, position: after, dirty: true, current: false, wake: undefined };
    this.#watchers.add(watcher);
    const abort = () => watcher.wake?.();
    signal.addEventListener("abort", abort);
    const ended = () => signal.aborted || this.#closed;
    try {
      while (!ended()) {
        watcher.dirty = false;
        watcher.current = false;
        const { events, revision, compacted } = await this.#read(prefix, watcher.position, ITEM_CHANGES);
        if (ended()) return;
        if (compacted) {
          yield { kind: "compacted", revision };
          return;
        }
        // A watch may begin after a revision that is yet to come.
        watcher.position = Math.max(watcher.position, revision);
        watcher.current = events.length < ITEM_CHANGES && !watcher.dirty;
        if (events.length > 0) yield { kind: "events", revision, events };
        if (watcher.current && !ended()) {
          await new Promise<void>((resolve) => {
            watcher.wake = resolve;
          });
          watcher.wake = undefined;
        }
      }
    } finally {
      this.#watchers.delete(watcher);
      signal.removeEventListener("abort", abort);
    }
  }
}
