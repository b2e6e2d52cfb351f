/**
 * Protobuf as Go writes it: ascending field numbers, embedded messages always written, unknown fields
 * kept and written last, texts that are not UTF-8 kept as bytes. Each message type is compiled once.
 */
export { decodeProto } from "./proto-decode.ts";
export { encodeProto, encodeProtoInPlace } from "./proto-encode.ts";
export { readVarint, scanFields } from "./proto-reader.ts";
