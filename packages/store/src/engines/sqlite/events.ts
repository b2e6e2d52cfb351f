import { SensuError } from "@sensu-ts/core";
import type {
  CommitResult,
  EventKey,
  EventPage,
  EventQuery,
  EventStore,
  EventWrite,
  StoredEvent,
} from "../../events/events.ts";
import { joinEventKey, splitEventKey } from "../../events/key.ts";
import { decodePosition, encodePosition } from "../../position.ts";
import { BufferPool } from "./buffer-pool.ts";
import { packWrites, unpackEvents } from "./pack.ts";
import type { SqliteThreads } from "./threads.ts";

const CONFLICT: CommitResult = { ok: false, reason: "conflict" };

export class SqliteEvents implements EventStore {
  readonly #threads: SqliteThreads;
  readonly #buffers = new BufferPool();

  constructor(threads: SqliteThreads) {
    this.#threads = threads;
  }

  start(): Promise<void> {
    return this.#threads.start(this);
  }

  stop(): Promise<void> {
    return this.#threads.stop(this);
  }

  async commit(writes: readonly EventWrite[]): Promise<readonly CommitResult[]> {
    if (writes.length === 0) return [];
    const batch = packWrites(writes, this.#buffers);
    const answer = await this.#threads.writer.request({ op: "commitEvents", batch }, batch.bytes.byteLength, [
      batch.bytes.buffer,
      batch.numbers.buffer,
    ]);
    const { revisions, buffer } = answer;
    this.#buffers.give(buffer);
    return Array.from(revisions, (revision) => (revision === 0 ? CONFLICT : { ok: true, revision }));
  }

  async get(key: EventKey): Promise<StoredEvent | undefined> {
    const [event] = await this.getMany([key]);
    return event;
  }

  async getMany(keys: readonly EventKey[]): Promise<readonly (StoredEvent | undefined)[]> {
    if (keys.length === 0) return [];
    const joined = keys.map(joinEventKey);
    const packed = await this.#threads.quick.request({ op: "getEvents", keys: joined });
    const found = unpackEvents(packed);
    let next = 0;
    return joined.map((key) => (packed.keys[next] === key ? found[next++] : undefined));
  }

  async list(query: EventQuery): Promise<EventPage> {
    checkQuery(query);
    const afterKey = query.after === undefined ? undefined : decodePosition(query.after);
    const packed = await this.#threads.lists.request({ op: "listEvents", query, afterKey });
    const events = unpackEvents(packed);
    const last = packed.keys.at(-1);
    const byName = (query.order ?? "name") === "name";
    return packed.more && byName && last !== undefined ? { events, next: encodePosition(last) } : { events };
  }

  count(query: EventQuery): Promise<number> {
    return this.#threads.lists.request({ op: "countEvents", query });
  }

  delete(key: EventKey): Promise<boolean> {
    return this.#threads.writer.request({ op: "deleteEvent", key: joinEventKey(key) });
  }

  async deleteEntity(namespace: string, entity: string): Promise<readonly EventKey[]> {
    const prefix = joinEventKey({ namespace, entity, check: "" });
    const keys = await this.#threads.writer.request({ op: "deleteEvents", prefix });
    return keys.map(splitEventKey);
  }

  async *scan(pageSize: number): AsyncIterable<readonly StoredEvent[]> {
    let after: string | undefined;
    do {
      const page: EventPage = await this.list({ limit: pageSize, ...(after === undefined ? {} : { after }) });
      if (page.events.length > 0) yield page.events;
      after = page.next;
    } while (after !== undefined);
  }
}

function checkQuery(query: EventQuery): void {
  const { limit, offset, after, order = "name" } = query;
  if (limit !== undefined && !(limit >= 1)) throw new SensuError("invalid", "the limit of a list must be at least 1");
  if (offset !== undefined && !(offset >= 0)) throw new SensuError("invalid", "the offset must not be negative");
  if (after !== undefined && order !== "name") {
    throw new SensuError("invalid", "a continue token goes with the order by name only");
  }
}
