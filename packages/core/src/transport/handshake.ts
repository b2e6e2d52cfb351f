/** Headers of the WebSocket upgrade and the choice of encoding (W-7, W-9, W-10, W-33). */

/** Names as the original writes them; compare without regard to case. */
export const HEADER = {
  agentName: "Sensu-AgentName",
  namespace: "Sensu-Namespace",
  subscriptions: "Sensu-Subscriptions",
  user: "Sensu-User",
  backendId: "Backend-ID",
  /** Ours: value `1` on both sides means that durable events are acknowledged (W-143). */
  eventAck: "Sensu-Event-Ack",
} as const;

export const CONTENT_TYPE = { protobuf: "application/octet-stream", json: "application/json" } as const;
export type Encoding = keyof typeof CONTENT_TYPE;

/** Either side ends a session with this (W-33). */
export const CLOSE = { code: 1001, reason: "bye" } as const;

/** Backend side: protobuf only if the first `Accept` value of the request is exactly that type (W-10). */
export function chooseEncoding(firstAccept: string | undefined): Encoding {
  return firstAccept === CONTENT_TYPE.protobuf ? "protobuf" : "json";
}

/**
 * Backend side: the headers of the 101 response, in order. The two `Accept` values are two lines: joined into one, the
 * original's agent would speak JSON to a backend that speaks protobuf (W-10).
 */
export function acceptedHeaders(encoding: Encoding, backendId: string): readonly (readonly [string, string])[] {
  return [
    ["Accept", CONTENT_TYPE.protobuf],
    ["Accept", CONTENT_TYPE.json],
    ["Content-Type", CONTENT_TYPE[encoding]],
    [HEADER.backendId, backendId],
  ];
}

/** Agent side: `accept` is the response's header, its lines joined by commas or not. */
export function offeredEncoding(accept: string | readonly string[] | undefined): Encoding {
  const lines = typeof accept === "string" ? [accept] : (accept ?? []);
  const offered = lines.flatMap((line) => line.split(",")).map((value) => value.trim());
  return offered.includes(CONTENT_TYPE.protobuf) ? "protobuf" : "json";
}

/** The header value holds the list joined by commas; empty items are ignored (W-49). */
export function parseSubscriptions(value: string | undefined): string[] {
  return (value ?? "").split(",").filter((item) => item !== "");
}
