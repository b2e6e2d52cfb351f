import type { Entity } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import { joined, listed } from "./text.ts";
import { localTimeOrNone } from "./time.ts";

export const entityLayout: Layout<Entity> = {
  columns: [
    { title: "ID", cell: (entity) => entity.metadata.name, style: "primary" },
    { title: "Class", cell: (entity) => entity.entity_class },
    { title: "OS", cell: (entity) => entity.system.os },
    { title: "Subscriptions", cell: (entity) => joined(entity.subscriptions) },
    { title: "Last Seen", cell: (entity) => localTimeOrNone(entity.last_seen) },
  ],
  info: (entity, paint) => ({
    title: entity.metadata.name,
    rows: [
      ["Name", entity.metadata.name],
      ["Entity Class", entity.entity_class],
      ["Subscriptions", listed(entity.subscriptions)],
      ["Last Seen", localTimeOrNone(entity.last_seen)],
      ["Hostname", entity.system.hostname],
      ["OS", entity.system.os],
      ["Platform", entity.system.platform],
      ["Platform Family", entity.system.platform_family],
      ["Platform Version", entity.system.platform_version],
      ["Auto-Deregistration", paint.boolean(entity.deregister)],
      ["Deregistration Handler", entity.deregistration.handler],
    ],
  }),
};
