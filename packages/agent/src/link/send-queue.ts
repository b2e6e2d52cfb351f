/**
 * The one queue in front of the socket (W-75): bounded, first in first out; producers wait while it is full or the
 * agent is offline.
 */
export class SendQueue<T> {
  readonly #capacity: number;
  readonly #items: T[] = [];
  readonly #waitingPuts: { item: T; accepted: () => void }[] = [];
  #waitingTake: ((item: T) => void) | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Resolves when the item is in the queue. */
  put(item: T): Promise<void> {
    if (this.#waitingTake !== undefined) {
      this.#waitingTake(item);
      return Promise.resolve();
    }
    if (this.#items.length < this.#capacity) {
      this.#items.push(item);
      return Promise.resolve();
    }
    return new Promise((accepted) => this.#waitingPuts.push({ item, accepted }));
  }

  /** Gives an item back that was taken but not sent; it is the next one taken. */
  putBack(item: T): void {
    if (this.#waitingTake !== undefined) this.#waitingTake(item);
    else this.#items.unshift(item);
  }

  /** One taker at a time; `undefined` once the signal is aborted, and then nothing has been taken. */
  take(signal: AbortSignal): Promise<T | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const item = this.#items.shift();
    if (item !== undefined) {
      const next = this.#waitingPuts.shift();
      if (next !== undefined) {
        this.#items.push(next.item);
        next.accepted();
      }
      return Promise.resolve(item);
    }
    return new Promise((resolve) => {
      const onAbort = () => {
        this.#waitingTake = undefined;
        resolve(undefined);
      };
      this.#waitingTake = (taken) => {
        this.#waitingTake = undefined;
        signal.removeEventListener("abort", onAbort);
        resolve(taken);
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
