/** Thread that writes events as JSON text: three times the work of handing them over. */
import { parentPort } from "node:worker_threads";
import { decodeProto, Event, encodeJson } from "@sensu-ts/core";

export interface EncodeJob {
  /** Protobuf of events, one behind the other. */
  readonly bytes: Uint8Array;
  /** Where each ends. */
  readonly ends: readonly number[];
}

const encoder = new TextEncoder();

parentPort?.on("message", ({ bytes, ends }: EncodeJob) => {
  let start = 0;
  let text = "";
  for (const end of ends) {
    text += `${encodeJson(Event, decodeProto(Event, bytes.subarray(start, end)))}\n`;
    start = end;
  }
  const lines = encoder.encode(text);
  parentPort?.postMessage(lines, [lines.buffer]);
});
