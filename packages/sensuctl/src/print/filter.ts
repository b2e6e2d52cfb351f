import type { EventFilter } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import { listed } from "./text.ts";

const JOINTS: Readonly<Record<string, string>> = { allow: " && ", deny: " || " };

export const filterLayout: Layout<EventFilter> = {
  columns: [
    { title: "Name", cell: (filter) => filter.metadata.name, style: "primary" },
    { title: "Action", cell: (filter) => filter.action },
    {
      title: "Expressions",
      cell: ({ action, expressions }) => expressions.map((text) => `(${text})`).join(JOINTS[action] ?? ", "),
    },
  ],
  info: (filter) => ({
    title: filter.metadata.name,
    rows: [
      ["Name", filter.metadata.name],
      ["Namespace", filter.metadata.namespace],
      ["Action", filter.action],
      ["Expressions", filter.expressions.join(" && ")],
      ["RuntimeAssets", listed(filter.runtime_assets)],
    ],
  }),
};
