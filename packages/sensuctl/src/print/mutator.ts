import type { Mutator } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import { joined, listed } from "./text.ts";

export const mutatorLayout: Layout<Mutator> = {
  columns: [
    { title: "Name", cell: (mutator) => mutator.metadata.name, style: "primary" },
    { title: "Command", cell: (mutator) => mutator.command, style: "primary" },
    { title: "Environment Variables", cell: (mutator) => joined(mutator.env_vars), style: "primary" },
    { title: "Timeout", cell: (mutator) => String(mutator.timeout), style: "primary" },
    { title: "Assets", cell: (mutator) => joined(mutator.runtime_assets) },
  ],
  info: (mutator) => ({
    title: mutator.metadata.name,
    rows: [
      ["Name", mutator.metadata.name],
      ["Command", mutator.command],
      ["Timeout", String(mutator.timeout)],
      ["Namespace", mutator.metadata.namespace],
      ["Runtime Assets", listed(mutator.runtime_assets)],
    ],
  }),
};
