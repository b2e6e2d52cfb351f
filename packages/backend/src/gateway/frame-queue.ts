/**
 * Frames that were read and wait for their turn, as bytes in a few buffers that are used again and again. As objects
 * (a decoded event is about sixty of them) they would live just long enough to become old, and the collector would
 * keep their memory for a while.
 */
import { Queue } from "../bus/queue.ts";

/** Takes a frame; its bytes are good only until it returns. `arrived` is `performance.now()`. */
export interface FrameReader {
  read(frame: Buffer, arrived: number): void;
}

export interface FrameQueueOptions {
  /** True: frames have to wait; {@link FrameQueue.go} is called when they may go on. */
  readonly blocked: () => boolean;
  /** More bytes than this wait: whoever sends must stop. */
  readonly onFull: () => void;
  /** Half of it is gone again. */
  readonly onRoom: () => void;
  readonly maxBytes?: number;
}

interface Chunk {
  readonly bytes: Buffer;
  used: number;
  /** Frames in it that are still waiting. */
  waiting: number;
}

interface Waiting {
  readonly reader: FrameReader;
  readonly chunk: Chunk;
  readonly begin: number;
  readonly end: number;
  readonly arrived: number;
}

const CHUNK_BYTES = 256 << 10;
/** Frames taken between two looks at the sockets and at what the store answers. */
const TURN = 128;

export class FrameQueue {
  readonly #options: FrameQueueOptions;
  readonly #maxBytes: number;
  readonly #frames = new Queue<Waiting>();
  readonly #free: Chunk[] = [];
  #chunk = newChunk();
  #bytes = 0;
  #full = false;
  #asked = false;
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(options: FrameQueueOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? 2 << 20;
  }

  get full(): boolean {
    return this.#full;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#frames.length;
  }

  push(reader: FrameReader, frame: Buffer): void {
    const { length } = frame;
    // A large frame stays where it is.
    const chunk = length > CHUNK_BYTES ? { bytes: frame, used: 0, waiting: 0 } : this.#room(length);
    const begin = chunk.used;
    if (chunk.bytes !== frame) frame.copy(chunk.bytes, begin);
    chunk.used += length;
    chunk.waiting++;
    this.#frames.push({ reader, chunk, begin, end: begin + length, arrived: performance.now() });
    this.#bytes += length;
    if (!this.#full && this.#bytes > this.#maxBytes) {
      this.#full = true;
      this.#options.onFull();
    }
    this.go();
  }

  /** Frames may be taken again. */
  go(): void {
    if (this.#asked || this.#frames.length === 0) return;
    this.#asked = true;
    setImmediate(() => {
      this.#asked = false;
      this.#turn();
    });
  }

  /** Resolves when no frame waits. */
  empty(): Promise<void> {
    if (this.#frames.length === 0) return Promise.resolve();
    this.#empty ??= Promise.withResolvers();
    return this.#empty.promise;
  }

  #turn(): void {
    for (let i = 0; i < TURN && !this.#options.blocked(); i++) {
      const next = this.#frames.shift();
      if (!next) break;
      const { reader, chunk, begin, end, arrived } = next;
      this.#bytes -= end - begin;
      reader.read(chunk.bytes.subarray(begin, end), arrived);
      if (--chunk.waiting === 0) this.#recycle(chunk);
    }
    if (this.#full && this.#bytes <= this.#maxBytes / 2) {
      this.#full = false;
      this.#options.onRoom();
    }
    if (this.#frames.length > 0) {
      if (!this.#options.blocked()) this.go();
    } else {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
  }

  #room(length: number): Chunk {
    // One that nothing waits in has been emptied already.
    if (this.#chunk.used + length > CHUNK_BYTES) this.#chunk = this.#free.pop() ?? newChunk();
    return this.#chunk;
  }

  #recycle(chunk: Chunk): void {
    if (chunk.bytes.length !== CHUNK_BYTES) return;
    chunk.used = 0;
    if (chunk === this.#chunk) return;
    if (this.#free.length * CHUNK_BYTES < this.#maxBytes) this.#free.push(chunk);
  }
}

function newChunk(): Chunk {
  return { bytes: Buffer.allocUnsafeSlow(CHUNK_BYTES), used: 0, waiting: 0 };
}
