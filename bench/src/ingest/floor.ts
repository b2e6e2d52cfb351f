/**
 * Floor program: the least Node can do for the same job. One thread with bare `ws`, which walks each event's fields
 * once, appends one history entry and writes the fields out once; one thread with SQLite and group commit. No
 * authentication, validation, silences or pipelines.
 *
 *   node floor.ts --file /tmp/floor.sqlite      (prints its port; SIGTERM prints what was stored and ends)
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { WebSocketServer } from "ws";
import type { FloorBatch } from "./floor-writer.ts";

const { values: options } = parseArgs({
  options: { port: { type: "string", default: "0" }, file: { type: "string", default: "floor.sqlite" } },
});

const HISTORY = 21;
const BATCH_BYTES = 4 << 20;

interface Field {
  readonly no: number;
  readonly begin: number;
  readonly body: number;
  readonly end: number;
}

let at = 0;
function varint(bytes: Buffer): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = bytes[at++] as number;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}

function fields(bytes: Buffer, begin: number, end: number): Field[] {
  const out: Field[] = [];
  at = begin;
  while (at < end) {
    const start = at;
    const tag = varint(bytes);
    let body = at;
    if ((tag & 7) === 0) varint(bytes);
    else if ((tag & 7) === 1) at += 8;
    else if ((tag & 7) === 5) at += 4;
    else {
      const length = varint(bytes);
      body = at;
      at += length;
    }
    out.push({ no: tag >>> 3, begin: start, body, end: at });
  }
  return out;
}

function text(bytes: Buffer, within: Field, path: readonly number[]): string {
  let field = within;
  for (const no of path) {
    const found = fields(bytes, field.body, field.end).find((one) => one.no === no);
    if (!found) return "";
    field = found;
  }
  return bytes.toString("latin1", field.body, field.end);
}

/** Statuses per key, newest last. */
const history = new Map<string, number[]>();
let batch: { key: string; begin: number; end: number }[] = [];
let buffer = Buffer.allocUnsafe(BATCH_BYTES);
let used = 0;
let inFlight = 0;
let received = 0;
let stored = 0;

const writer = new Worker(new URL("./floor-writer.ts", import.meta.url), { workerData: options.file });
writer.on("message", (count: number) => {
  stored += count;
  inFlight--;
  flush();
});

function flush(): void {
  if (inFlight === 0 && batch.length > 0) send();
}

function send(): void {
  inFlight++;
  const message: FloorBatch = { bytes: buffer.buffer as ArrayBuffer, rows: batch };
  writer.postMessage(message, [message.bytes]);
  buffer = Buffer.from(new ArrayBuffer(BATCH_BYTES));
  batch = [];
  used = 0;
}
buffer = Buffer.from(new ArrayBuffer(BATCH_BYTES));

function store(frame: Buffer): void {
  const start = frame.indexOf(10) + 1;
  const event = fields(frame, start, frame.length);
  const entity = event.find((field) => field.no === 2);
  const check = event.find((field) => field.no === 3);
  if (!entity || !check) return;
  received++;
  const parts = fields(frame, check.body, check.end);
  const meta = parts.find((field) => field.no === 38);
  const key = `${text(frame, entity, [14, 1])}/${meta ? text(frame, meta, [1]) : ""}`;
  const status = parts.find((field) => field.no === 28);
  const statuses = history.get(key) ?? [];
  if (statuses.length === 0) history.set(key, statuses);
  statuses.push(status ? (frame[status.body] as number) : 0);
  if (statuses.length > HISTORY) statuses.shift();
  const begin = used;
  for (const field of event) if (field.no !== 3) used += frame.copy(buffer, used, field.begin, field.end);
  for (const field of parts) used += frame.copy(buffer, used, field.begin, field.end);
  for (const one of statuses) {
    buffer[used++] = 0xc2;
    buffer[used++] = one;
  }
  batch.push({ key, begin, end: used });
  if (used > BATCH_BYTES - (1 << 20)) send();
  else if (batch.length === 1) setImmediate(flush);
}

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("headers", (headers) => headers.push("Accept: application/octet-stream"));
sockets.on("connection", (socket) => socket.on("message", (data: Buffer) => store(data)));
server.listen(Number(options.port), "127.0.0.1", 4096, () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
process.on("SIGTERM", () => {
  process.stdout.write(`${JSON.stringify({ received, stored })}\n`);
  process.exit(0);
});
