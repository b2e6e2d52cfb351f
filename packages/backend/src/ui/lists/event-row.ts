import { type Event, int } from "@sensu-ts/core";
import { type EventRow, ROW_OUTPUT } from "../wire.ts";

/** Checks that no one can run by hand. */
const UNRUNNABLE = new Set(["keepalive"]);

export function eventRow(entity: string, check: string, event: Event): EventRow {
  const result = event.check;
  return {
    entity,
    check,
    status: result?.status ?? 0,
    state: result?.state ?? "",
    silenced: result?.silenced ?? [],
    timestamp: int(event.timestamp),
    lastOk: int(result?.last_ok ?? 0),
    executed: int(result?.executed ?? 0),
    occurrences: int(result?.occurrences ?? 0),
    output: (result?.output ?? "").slice(0, ROW_OUTPUT),
    runnable: check !== "" && !UNRUNNABLE.has(check),
    proxyEntity: result?.proxy_entity_name ?? "",
  };
}
