import fc from "fast-check";
import { expect, test } from "vitest";
import { mask, unmask } from "./websocket-mask.ts";

const key = fc.uint8Array({ minLength: 4, maxLength: 4 });

test("any length at any place is masked byte by byte (RFC 6455 5.3)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), key, fc.nat(9), (bytes, maskKey, offset) => {
      const expected = bytes.map((byte, i) => byte ^ (maskKey[i & 3] as number));
      const room = new Uint8Array(offset + bytes.length + 3).fill(7);
      room.set(bytes, offset);
      unmask(room.subarray(offset, offset + bytes.length), maskKey);
      expect(room.subarray(offset, offset + bytes.length)).toEqual(expected);
      expect([...room.subarray(0, offset), ...room.subarray(offset + bytes.length)]).toEqual(Array(offset + 3).fill(7));
      const output = new Uint8Array(offset + bytes.length + 2);
      mask(bytes, maskKey, output, offset, bytes.length);
      expect(output.subarray(offset, offset + bytes.length)).toEqual(expected);
    }),
  );
});
