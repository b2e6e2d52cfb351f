/** How a message travels on the agent socket: type name, one newline, payload (W-25, R-129). */

/**
 * Every message type that is sent (W-28). `event_ack` is ours (W-143): a backend that agreed to it in the handshake sends
 * the ids of the events it has committed, 16 bytes each, one or many to a message.
 */
export const MESSAGE = {
  keepalive: "keepalive",
  event: "event",
  entityConfig: "entity_config",
  checkRequest: "check_request",
  eventAck: "event_ack",
} as const;

export interface Frame {
  readonly type: string;
  /** A view into the received bytes, not a copy. */
  readonly payload: Uint8Array;
}

const NEWLINE = 0x0a;
const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder();

/** Splits at the first newline; `undefined` when there is none, which ends the session (W-36). */
export function splitFrame(bytes: Uint8Array): Frame | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) return undefined;
  return { type: utf8Decoder.decode(bytes.subarray(0, end)), payload: bytes.subarray(end + 1) };
}

/** The bytes of one binary WebSocket message. */
export function joinFrame(type: string, payload: Uint8Array | string): Uint8Array {
  const body = typeof payload === "string" ? utf8Encoder.encode(payload) : payload;
  const frame = new Uint8Array(type.length + 1 + body.length);
  utf8Encoder.encodeInto(type, frame);
  frame[type.length] = NEWLINE;
  frame.set(body, type.length + 1);
  return frame;
}
