const SMALLEST = 64 << 10;
/** Larger ones are made for their batch only. */
const LARGEST = 8 << 20;
const KEPT = 4;

/**
 * Buffers that travel to the writer and come back with its answer. A fresh one per batch would be memory that the
 * system maps, clears and takes back at the rate of the events.
 */
export class BufferPool {
  #free: ArrayBuffer[] = [];

  /** At least `size` bytes, of any content. */
  take(size: number): ArrayBuffer {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= size);
    const found = at < 0 ? undefined : this.#free.splice(at, 1)[0];
    if (found) return found;
    return new ArrayBuffer(size > LARGEST ? size : Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(size))));
  }

  /** Smallest first, so that small batches leave the large ones to others; when there are too many the smallest goes. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === 0 || buffer.byteLength > LARGEST) return;
    this.#free.push(buffer);
    this.#free.sort((a, b) => a.byteLength - b.byteLength);
    if (this.#free.length > KEPT) this.#free.shift();
  }
}
