import { SensuError } from "@sensu-ts/core";
import type { EventKey } from "./events.ts";

/** `namespace/entity/check`: the order of these is the order of event lists. */
export function joinEventKey(key: EventKey): string {
  if (key.namespace.includes("/") || key.entity.includes("/")) {
    throw new SensuError("invalid", "the name of a namespace or entity must not contain a slash");
  }
  return `${key.namespace}/${key.entity}/${key.check}`;
}

export function splitEventKey(joined: string): EventKey {
  const first = joined.indexOf("/");
  const second = joined.indexOf("/", first + 1);
  return {
    namespace: joined.slice(0, first),
    entity: joined.slice(first + 1, second),
    check: joined.slice(second + 1),
  };
}
