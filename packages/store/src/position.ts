import { SensuError } from "@sensu-ts/core";

/** Continue token of a list: unpadded base64url of the last key, opaque to callers. */
export function encodePosition(key: string): string {
  return Buffer.from(key).toString("base64url");
}

/** Throws `SensuError("invalid")` for what {@link encodePosition} cannot have made. */
export function decodePosition(token: string): string {
  const key = Buffer.from(token, "base64url").toString();
  if (encodePosition(key) !== token.replace(/=+$/, "")) throw new SensuError("invalid", "invalid continue token");
  return key;
}
