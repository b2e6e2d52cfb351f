import { type Event, formatUuid } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";

/** The line that tells of an event on its way (W-155). */
export function logSending(log: Logger, event: Event): void {
  log.info(
    {
      event_uuid: formatUuid(event.id),
      entity: event.entity?.metadata.name ?? "",
      ...(event.check === undefined ? {} : { check: event.check.metadata.name }),
      ...(event.metrics === undefined ? {} : { metrics: true }),
    },
    "sending event to backend",
  );
}
