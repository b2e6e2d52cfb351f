/**
 * Masking of WebSocket frames (RFC 6455 5.3), four bytes at a time; `ws` itself does one. The bundles give it to `ws`
 * in the place of the native module that it looks for (scripts/build.ts).
 */

/** A word and its bytes, in this machine's order. */
const four = new Uint8Array(4);
const one = new Uint32Array(four.buffer);

/** In place. */
export function unmask(buffer: Uint8Array, mask: Uint8Array): void {
  const { length } = buffer;
  let at = 0;
  // Words must lie at multiples of four in the underlying buffer.
  for (; ((buffer.byteOffset + at) & 3) !== 0 && at < length; at++) {
    buffer[at] = (buffer[at] as number) ^ (mask[at & 3] as number);
  }
  const words = (length - at) >> 2;
  if (words > 0) {
    for (let i = 0; i < 4; i++) four[i] = mask[(at + i) & 3] as number;
    const word = one[0] as number;
    const view = new Uint32Array(buffer.buffer, buffer.byteOffset + at, words);
    for (let i = 0; i < words; i++) view[i] = (view[i] as number) ^ word;
    at += words << 2;
  }
  for (; at < length; at++) buffer[at] = (buffer[at] as number) ^ (mask[at & 3] as number);
}

/** `length` bytes of `source` into `output` from `offset` on. */
export function mask(source: Uint8Array, key: Uint8Array, output: Uint8Array, offset: number, length: number): void {
  output.set(source.subarray(0, length), offset);
  unmask(output.subarray(offset, offset + length), key);
}
