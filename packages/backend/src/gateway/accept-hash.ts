/** The proof of the WebSocket handshake: SHA-1, or SHA-256 for agents of 6.14.0 and FIPS builds (W-11, S-116). */
import { createHash } from "node:crypto";

export const ACCEPT_HASHES = ["sha1", "sha256"] as const;
export type AcceptHash = (typeof ACCEPT_HASHES)[number];

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const HEADER = "Sec-WebSocket-Accept: ";

/** Puts the proof in the place of the library's, which knows SHA-1 only. */
export function proveWith(hash: AcceptHash, headers: string[], key: string): void {
  if (hash === "sha1") return;
  const at = headers.findIndex((line) => line.startsWith(HEADER));
  headers[at] =
    HEADER +
    createHash(hash)
      .update(key + GUID)
      .digest("base64");
}
