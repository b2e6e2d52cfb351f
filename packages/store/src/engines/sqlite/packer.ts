import type { PackedWrites } from "./protocol.ts";

/** Numbers of one event: revision (expected or stored), timestamp, status, silenced, last ok, executed, byte length. */
export const NUMBERS = 7;

/** Puts events into the form they cross threads in. Free of imports that a worker does not need. */
export class Packer {
  readonly #keys: string[] = [];
  readonly #states: string[] = [];
  readonly #numbers: Float64Array<ArrayBuffer>;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #event = 0;
  #offset = 0;

  /** `buffer` has at least `size` bytes; a new one is made when it is absent. */
  constructor(count: number, size: number, buffer?: ArrayBuffer) {
    this.#numbers = new Float64Array(count * NUMBERS);
    this.#bytes = buffer ? new Uint8Array(buffer, 0, size) : new Uint8Array(size);
  }

  add(
    key: string,
    state: string,
    revision: number,
    timestamp: number,
    status: number,
    silenced: number,
    lastOk: number,
    executed: number,
    bytes: Uint8Array,
  ): void {
    this.#keys.push(key);
    this.#states.push(state);
    const numbers = this.#numbers;
    const at = this.#event++ * NUMBERS;
    numbers[at] = revision;
    numbers[at + 1] = timestamp;
    numbers[at + 2] = status;
    numbers[at + 3] = silenced;
    numbers[at + 4] = lastOk;
    numbers[at + 5] = executed;
    numbers[at + 6] = bytes.byteLength;
    this.#bytes.set(bytes, this.#offset);
    this.#offset += bytes.byteLength;
  }

  done(): PackedWrites {
    return { keys: this.#keys, states: this.#states, numbers: this.#numbers, bytes: this.#bytes };
  }
}
