/** A routine event between its merge and the end of its publish: numbers and bytes, hardly an object. */
import { type Check, type Entity, type Event, int } from "@sensu-ts/core";
import type { EventColumns, EventKey, EventWrite } from "@sensu-ts/store";
import type { CommittedEvent } from "../bus/committed-event.ts";
import type { MergedResult } from "../state/result-memory.ts";
import { decodeWithEntity } from "../state/stored-event.ts";
import type { Draft, Item, SettledEvents } from "./draft.ts";
import type { RoutineFrame } from "./frame-decoder.ts";

/** What the check of a routine frame lacks, see routine.ts. */
const NOT_CALCULATED: Partial<Check> = {
  ...{ history: [], state: "", total_state_change: 0, last_ok: 0, occurrences: 0, occurrences_watermark: 0 },
};
const NO_ID = new Uint8Array(0);

export class RoutineResult implements Item, CommittedEvent, EventWrite, EventColumns {
  readonly key: EventKey;
  readonly id: string;
  readonly eventId: Uint8Array;
  readonly size: number;
  readonly arrived: number;
  readonly done = undefined;
  readonly settled: SettledEvents | undefined;
  readonly definition: Check;
  readonly repeated = true;
  readonly previousTtl: number;
  readonly previousStatus: number | undefined;
  readonly lastSeen: number;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly status: number;
  readonly state: string;
  readonly lastOk: number;
  readonly executed: number;
  readonly expected: number;
  readonly silenced = false;
  readonly hasMetrics = false;
  #stored: Uint8Array | undefined;
  #event: Event | undefined;
  readonly #entity: Entity;

  /** `stored` lies among the bytes of a batch, and is let go with `release`. */
  constructor(
    { routine, entity, parts, id, status, executed }: RoutineFrame,
    merged: MergedResult,
    timestamp: number,
    stored: Uint8Array,
    size: number,
    arrived: number,
    settled: SettledEvents | undefined,
  ) {
    this.key = routine.key;
    this.id = routine.id;
    this.eventId = settled ? Uint8Array.prototype.slice.call(parts.bytes, ...id) : NO_ID;
    this.size = size;
    this.arrived = arrived;
    this.settled = settled;
    this.definition = routine.definition;
    this.previousTtl = merged.previousTtl;
    this.previousStatus = merged.previousStatus;
    this.lastSeen = int(entity.last_seen);
    this.timestamp = timestamp;
    this.status = status;
    this.state = merged.state;
    this.lastOk = merged.lastOk;
    this.executed = executed;
    this.expected = merged.expected;
    this.#stored = stored;
    this.#entity = entity;
  }

  get namespace(): string {
    return this.key.namespace;
  }

  get entity(): string {
    return this.key.entity;
  }

  get check(): string {
    return this.key.check;
  }

  get revision(): number {
    return this.expected + 1;
  }

  get committed(): CommittedEvent {
    return this;
  }

  get columns(): EventColumns {
    return this;
  }

  get bytes(): Uint8Array {
    if (!this.#stored) throw new Error("the bytes of a published event are gone: ask, or keep it, earlier");
    return this.#stored;
  }

  /** What goes to the store is all there is: no metrics, and an output short enough. */
  get event(): Event {
    this.#event ??= decodeWithEntity(this.bytes, this.#entity);
    return this.#event;
  }

  keep(): void {
    void this.event;
  }

  encode(): Uint8Array {
    return new Uint8Array(this.bytes);
  }

  again(): Draft {
    const { key, id, eventId, size, arrived, done, settled, event } = this;
    const check = event.check && { ...event.check, ...NOT_CALCULATED };
    return {
      ...{ key, id, eventId, size, arrived, done, settled, event: { ...event, check }, entity: event.entity },
      ...{ added: "", parts: undefined, conflicts: 0 },
    };
  }

  release(): void {
    this.#stored = undefined;
  }
}
