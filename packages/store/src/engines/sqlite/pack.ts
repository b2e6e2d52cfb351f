/**
 * Events between threads: the bytes of a batch go into one buffer that is transferred, the numbers into another, the
 * texts are cloned. A message per event, or an object per event, would cost more than the SQL.
 */
import type { EventKey, EventWrite, StoredEvent } from "../../events/events.ts";
import { joinEventKey, splitEventKey } from "../../events/key.ts";
import type { BufferPool } from "./buffer-pool.ts";
import { NUMBERS, Packer } from "./packer.ts";
import type { PackedEvents, PackedWrites } from "./protocol.ts";

/** SQLite and JavaScript agree on integers up to here; node:sqlite refuses to read others. */
function column(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.trunc(Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}

export function packWrites(batch: readonly EventWrite[], buffers: BufferPool): PackedWrites {
  let size = 0;
  for (const write of batch) size += write.bytes.byteLength;
  const packer = new Packer(batch.length, size, buffers.take(size));
  for (const write of batch) {
    const { columns } = write;
    packer.add(
      joinEventKey(write),
      columns.state,
      column(write.expected),
      column(columns.timestamp),
      column(columns.status),
      columns.silenced ? 1 : 0,
      column(columns.lastOk),
      column(columns.executed),
      write.bytes,
    );
  }
  return packer.done();
}

export function unpackEvents(packed: PackedEvents): StoredEvent[] {
  const { keys, states, numbers, bytes } = packed;
  const events: StoredEvent[] = [];
  let offset = 0;
  for (let i = 0; i < keys.length; i++) {
    const at = i * NUMBERS;
    const end = offset + (numbers[at + 6] as number);
    const key: EventKey = splitEventKey(keys[i] as string);
    events.push({
      namespace: key.namespace,
      entity: key.entity,
      check: key.check,
      revision: numbers[at] as number,
      columns: {
        timestamp: numbers[at + 1] as number,
        status: numbers[at + 2] as number,
        state: states[i] as string,
        silenced: numbers[at + 3] === 1,
        lastOk: numbers[at + 4] as number,
        executed: numbers[at + 5] as number,
      },
      bytes: bytes.subarray(offset, end),
    });
    offset = end;
  }
  return events;
}
