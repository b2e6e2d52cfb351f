import { expect, test } from "vitest";
import { acceptedHeaders, chooseEncoding, joinFrame, offeredEncoding, parseSubscriptions, splitFrame } from "./mod.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("a frame is split at its first newline only", () => {
  const frame = splitFrame(bytes("event\na\nb"));
  expect(frame?.type).toBe("event");
  expect(frame?.payload).toEqual(bytes("a\nb"));
});

test("an empty payload is legal, a missing newline is not", () => {
  expect(splitFrame(bytes("event\n"))?.payload.length).toBe(0);
  expect(splitFrame(bytes("event"))).toBeUndefined();
  expect(splitFrame(new Uint8Array(0))).toBeUndefined();
});

test("joined frames equal the golden start of W-31", () => {
  const frame = joinFrame("entity_config", Uint8Array.of(0x0a, 0x14));
  expect(Buffer.from(frame).toString("hex")).toBe("656e746974795f636f6e6669670a0a14");
  expect(splitFrame(joinFrame("x", "é\n"))).toEqual({ type: "x", payload: bytes("é\n") });
});

test.each([
  ["application/octet-stream", "protobuf"],
  ["application/octet-stream, application/json", "json"],
  ["application/json", "json"],
  [undefined, "json"],
])("a backend answers Accept %s with %s", (accept, encoding) => {
  expect(chooseEncoding(accept)).toBe(encoding);
});

test.each([
  [["application/octet-stream", "application/json"], "protobuf"],
  ["application/octet-stream, application/json", "protobuf"],
  ["application/json", "json"],
  [undefined, "json"],
])("an agent reads the offer %s as %s", (accept, encoding) => {
  expect(offeredEncoding(accept)).toBe(encoding);
});

test("the two Accept values are separate lines", () => {
  const accepts = acceptedHeaders("protobuf", "b1").filter(([name]) => name === "Accept");
  expect(accepts).toEqual([
    ["Accept", "application/octet-stream"],
    ["Accept", "application/json"],
  ]);
});

test("empty subscription items are ignored", () => {
  expect(parseSubscriptions("a,,b,")).toEqual(["a", "b"]);
  expect(parseSubscriptions(undefined)).toEqual([]);
});
