import { encodeProto, type MessageType } from "@sensu-ts/core";
import { etagOf } from "./etag.ts";
import type { Found } from "./resource-actions.ts";

/** `tagged` is what the tag is made of: the stored value, where what is shown differs from it. */
export function found<T>(message: MessageType<T>, shown: T, tagged: T = shown): Found {
  return { message: message as MessageType<unknown>, value: shown, etag: etagOf(encodeProto(message, tagged)) };
}
