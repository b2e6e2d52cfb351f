/**
 * Batches of merged events: to the store, and what is durable there to the bus, in order. A full bus holds the next
 * commits back (P-3).
 */
import { KEEPALIVE } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { CommitResult, EventStore, EventWrite } from "@sensu-ts/store";
import type { Bus } from "../bus/bus.ts";
import type { Item } from "./draft.ts";
import type { IngestMetrics } from "./ingest-metrics.ts";
import { type Batch, Lane } from "./lane.ts";
import type { Pressure } from "./pressure.ts";

export interface CommitsOptions {
  readonly events: EventStore;
  readonly bus: Bus;
  readonly metrics: IngestMetrics;
  readonly pressure: Pressure;
  readonly log: Logger;
  /** After the commit and before the bus. */
  readonly committed: (item: Item) => void;
  /** Another writer was faster, or the store failed: it must be merged again. */
  readonly again: (item: Item, reason: "conflict" | "failure") => void;
  readonly failed: (item: Item, error: unknown) => void;
  /** Something came to its end. */
  readonly progressed: () => void;
}

/** Commits under way at once: some are written while the next is collected. */
export const COMMITS = 4;
const KEEPALIVE_COMMITS = 1;
const LANE_BYTES = 384 << 10;
const KEEPALIVE_BYTES = 128 << 10;
/** Small: what an event is until its commit should die young. The writer joins batches. */
const BATCH_EVENTS = 128;
const BATCH_BYTES = 4 << 20;
/** Between the beginnings of two commits under load. */
const GATHER_MS = 4;

export class Commits {
  readonly #options: CommitsOptions;
  readonly #events = new Lane(COMMITS, LANE_BYTES);
  /** Overtakes events that wait, so that no agent is taken for dead because handlers are slow (P-52). */
  readonly #keepalives = new Lane(KEEPALIVE_COMMITS, KEEPALIVE_BYTES);

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  get idle(): boolean {
    return this.#events.idle && this.#keepalives.idle;
  }

  laneOf(check: string): Lane {
    return check === KEEPALIVE ? this.#keepalives : this.#events;
  }

  /** `write` is absent for what is only announced. Its bytes lie in the lane's. */
  push(lane: Lane, item: Item, write: EventWrite | undefined): void {
    lane.ready.push(item);
    if (write) {
      lane.writes.push(write);
      lane.readyBytes += write.bytes.length;
    }
    if (lane.ready.length >= BATCH_EVENTS || lane.readyBytes >= BATCH_BYTES) this.#flush(lane);
    else this.#flushSoon(lane);
  }

  /** At once when little happens; under load a moment later, so that one sync serves more events. */
  #flushSoon(lane: Lane): void {
    if (lane.flushAsked || lane.commits >= lane.width) return;
    lane.flushAsked = true;
    const flush = () => {
      lane.flushAsked = false;
      this.#flush(lane);
    };
    const wait = GATHER_MS - (performance.now() - lane.lastFlush);
    if (wait < 1) setImmediate(flush);
    else setTimeout(flush, wait);
  }

  #flush(lane: Lane): void {
    if (lane.commits >= lane.width || lane.ready.length === 0) return;
    const batch = lane.takeBatch();
    lane.commits++;
    lane.lastFlush = performance.now();
    void this.#finish(lane, batch);
  }

  async #finish(lane: Lane, batch: Batch): Promise<void> {
    const { events, metrics, committed, log, progressed } = this.#options;
    const began = lane.lastFlush;
    try {
      let results: readonly CommitResult[];
      try {
        results = batch.writes.length === 0 ? [] : await events.commit(batch.writes);
      } catch (error) {
        metrics.commitFailed(batch.items.length, began);
        this.#commitFailed(batch.items, error);
        lane.recycle(batch);
        return;
      }
      const done = this.#sortOut(batch.items, results);
      metrics.committed(done, began);
      for (const item of done) {
        item.done?.();
        item.settled?.add(item.eventId);
        if (item.key.check !== "") committed(item);
      }
      const handedOver = this.#handOver(lane, batch, done);
      // Keepalives are heard however full the bus is; what they are in bytes stays counted, so that it is bounded.
      if (lane !== this.#keepalives) await handedOver;
    } catch (error) {
      log.error({ error }, "error after a commit");
    } finally {
      lane.commits--;
      if (lane.ready.length > 0) this.#flushSoon(lane);
      progressed();
    }
  }

  /** To the bus, in order; never rejects. */
  async #handOver(lane: Lane, batch: Batch, done: readonly Item[]): Promise<void> {
    const { bus, pressure, metrics, log, progressed } = this.#options;
    lane.handingOver++;
    const began = performance.now();
    let ok = false;
    try {
      await bus.publishAll(
        "event",
        done.map((item) => item.committed),
      );
      ok = true;
    } catch (error) {
      log.error({ error }, "error handing events over to the bus");
    }
    metrics.published(ok, done, began);
    lane.recycle(batch);
    let bytes = 0;
    for (const { size } of done) bytes += size;
    lane.handingOver--;
    pressure.remove(bytes, done.length);
    progressed();
  }

  /** The items that are in the store; the others start again. */
  #sortOut(items: readonly Item[], results: readonly CommitResult[]): readonly Item[] {
    if (results.every((result) => result.ok)) return items;
    let next = 0;
    const done: Item[] = [];
    for (const item of items) {
      const result = item.committed.revision === 0 ? { ok: true } : results[next++];
      if (result?.ok) done.push(item);
      else this.#options.again(item, "conflict");
    }
    return done;
  }

  #commitFailed(items: readonly Item[], error: unknown): void {
    const { log, failed, again } = this.#options;
    log.error({ error, events: items.length }, "error storing events");
    for (const item of items) {
      if (item.done || item.committed.revision === 0) failed(item, error);
      else again(item, "failure");
    }
  }
}
