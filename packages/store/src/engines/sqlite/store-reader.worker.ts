/** Worker with a connection that only reads; every answer is what was committed when it was read. */
import { parentPort, workerData } from "node:worker_threads";
import { EventReads } from "./event-reads.ts";
import { KvReads } from "./kv-reads.ts";
import { openForReading, text, troubleOf } from "./open.ts";
import type { Answer, FromWorker, PackedEvents, ReadRequest, Request, WorkerSettings } from "./protocol.ts";

const port = parentPort;
if (port === null) throw new Error("the reader runs as a worker only");
const settings = workerData as WorkerSettings;

function say(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function start(): void {
  const db = openForReading(settings.folder);
  const kv = new KvReads(db);
  const events = new EventReads(db);

  function read(request: ReadRequest): unknown {
    switch (request.op) {
      case "kvGet":
        return kv.get(request.key);
      case "kvRange":
        return kv.range(request);
      case "kvChanges":
        return kv.changes(request);
      case "kvRevision":
        return kv.revision();
      case "getEvents":
        return events.get(request.keys);
      case "listEvents":
        return events.list(request.query, request.afterKey);
      case "countEvents":
        return events.count(request.query);
    }
  }

  port?.on("message", (message: Request<ReadRequest>) => {
    if ("stop" in message) {
      db.close();
      port?.close();
      return;
    }
    const { id, request } = message;
    try {
      const value = read(request);
      const transfer = request.op === "getEvents" || request.op === "listEvents" ? buffers(value as PackedEvents) : [];
      say({ kind: "answers", answers: [{ id, value }] }, transfer);
    } catch (error) {
      const answer: Answer = { id, error: text(error), code: "unavailable", trouble: troubleOf(error) };
      say({ kind: "answers", answers: [answer] });
    }
  });
  say({ kind: "ready", revision: kv.revision() });
}

function buffers(packed: PackedEvents): ArrayBuffer[] {
  return [packed.numbers.buffer, packed.bytes.buffer];
}

try {
  start();
} catch (error) {
  say({ kind: "refused", error: text(error) });
  port.close();
}
