/** Events for filter functions: read as the group of pipelines, within what a script can hold (P-125, S-336). */
import { PIPELINE_GROUP, SensuError } from "@sensu-ts/core";
import type { EventStore } from "@sensu-ts/store";
import type { Access } from "../access/mod.ts";
import type { EventReader } from "../pipeline/mod.ts";
import { decodeStored } from "../state/stored-event.ts";

const CALLER = { username: PIPELINE_GROUP, groups: [PIPELINE_GROUP] };
const MAX_LISTED = 5000;

export function filterEvents(events: EventStore, access: Pick<Access, "authorize">): EventReader {
  const authorize = (verb: "get" | "list", namespace: string, name = "") =>
    access.authorize(CALLER, { verb, resource: "events", namespace, name });
  return {
    async get(key) {
      authorize("get", key.namespace, key.entity);
      const stored = await events.get(key);
      return stored && decodeStored(stored);
    },
    async list(namespace) {
      authorize("list", namespace);
      const page = await events.list({ namespace, limit: MAX_LISTED + 1 });
      if (page.events.length > MAX_LISTED) {
        throw new SensuError("invalid", `sensu.ListEvents: the namespace has more than ${MAX_LISTED} events`);
      }
      return page.events.map(decodeStored);
    },
  };
}
