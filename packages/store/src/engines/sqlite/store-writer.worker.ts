/**
 * Worker with the only connection that writes. Requests that arrive while a commit runs wait in the port and share the
 * next transaction; each is answered after the commit (synced) that holds it.
 */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { EventWrites } from "./event-writes.ts";
import { KvWrites } from "./kv-writes.ts";
import { openForWriting, text, troubleOf } from "./open.ts";
import type { Answer, CommitAnswer, FromWorker, Request, WorkerSettings, WriteRequest } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

/** A group takes no further request once it has this much: it bounds how long an answer may take. */
const GROUP_BYTES = 16 * 1024 * 1024;
const GROUP_REQUESTS = 2000;
/** Between two attempts to make room on a full disk. */
const ROOM_MS = 250;

type Numbered = Extract<Request<WriteRequest>, { id: number }>;
type Written = { readonly answers: Answer[]; readonly changed: readonly string[] };

const port = parentPort;
if (port === null) throw new Error("the writer runs as a worker only");
const settings = workerData as WorkerSettings;

function say(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function start(): void {
  const database = openForWriting(settings);
  const { db } = database;
  const events = new EventWrites(db);
  const kv = new KvWrites(db, settings.history);
  let triedRoom = Number.NEGATIVE_INFINITY;
  if (settings.dropLeases) inTransaction(() => kv.dropLeases(Date.now()));

  function inTransaction<T>(work: () => T): { readonly result: T; readonly changed: readonly string[] } {
    db.exec("BEGIN IMMEDIATE");
    kv.begin();
    try {
      const result = work();
      const changed = kv.flush(Date.now());
      db.exec("COMMIT");
      return { result, changed };
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      kv.rollBack();
      throw error;
    }
  }

  function apply(request: WriteRequest): unknown {
    switch (request.op) {
      case "commitEvents":
        return { revisions: events.commit(request.batch), buffer: request.batch.bytes.buffer } satisfies CommitAnswer;
      case "deleteEvent":
        return events.delete(request.key);
      case "deleteEvents":
        return events.deletePrefix(request.prefix);
      case "txn":
        return kv.txn(request.compares, request.ops, Date.now());
      case "compact":
        return kv.compact(request.revision);
      case "grantLease":
        return kv.grantLease(request.lease);
      case "revokeLease":
        return kv.revokeLease(request.lease, Date.now());
    }
  }

  /**
   * A log that cannot grow starts from its beginning once its pages are in the database, where most of them have their
   * place already. Tried now and then only: on a disk that stays full it is work for nothing.
   */
  function madeRoom(): boolean {
    if (performance.now() - triedRoom < ROOM_MS) return false;
    triedRoom = performance.now();
    try {
      const { log, checkpointed } = db.prepare("PRAGMA wal_checkpoint(PASSIVE)").get() as Record<string, number>;
      return log !== undefined && log > 0 && log === checkpointed;
    } catch {
      return false;
    }
  }

  function write(group: readonly Numbered[]): Written {
    try {
      const { result, changed } = inTransaction(() => group.map(({ id, request }) => ({ id, value: apply(request) })));
      return { answers: result, changed };
    } catch (error) {
      if (troubleOf(error) === "full" && madeRoom()) return write(group);
      const [first] = group;
      if (group.length === 1 && first !== undefined) return { answers: [failed(first.id, error)], changed: [] };
      // One of them spoiled the transaction: let each stand alone.
      const parts = group.map((one) => write([one]));
      return { answers: parts.flatMap((part) => part.answers), changed: parts.flatMap((part) => part.changed) };
    }
  }

  function serve(first: Request<WriteRequest>): void {
    const group: Numbered[] = [];
    let stopped = false;
    let size = 0;
    let message: Request<WriteRequest> | undefined = first;
    while (message !== undefined) {
      if ("stop" in message) {
        stopped = true;
        break;
      }
      group.push(message);
      if (message.request.op === "commitEvents") size += message.request.batch.bytes.byteLength;
      if (size >= GROUP_BYTES || group.length >= GROUP_REQUESTS) break;
      message = receiveMessageOnPort(port as NonNullable<typeof port>)?.message as typeof message;
    }
    if (group.length > 0) {
      const { answers, changed } = write(group);
      const transfer: ArrayBuffer[] = [];
      for (const [i, { request }] of group.entries()) {
        if (request.op !== "commitEvents") continue;
        const answer = answers[i] as Answer;
        if ("value" in answer) {
          const { revisions, buffer } = answer.value as CommitAnswer;
          transfer.push(revisions.buffer, buffer);
        } else {
          letGo(request.batch.bytes);
        }
      }
      say(
        changed.length === 0
          ? { kind: "answers", answers }
          : { kind: "answers", answers, changed: { revision: kv.revision, keys: changed } },
        transfer,
      );
    }
    if (stopped) {
      database.close();
      port?.close();
    }
  }

  port?.on("message", serve);
  say({ kind: "ready", revision: kv.revision });
}

/** Gives the memory back now: this thread's collector runs seldom, as what it sees of a batch is small. */
function letGo(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer(0);
}

function failed(id: number, error: unknown): Answer {
  if (error instanceof Refusal) return { id, error: text(error), code: error.code };
  return { id, error: text(error), code: "unavailable", trouble: troubleOf(error) };
}

try {
  start();
} catch (error) {
  say({ kind: "refused", error: text(error) });
  port.close();
}
