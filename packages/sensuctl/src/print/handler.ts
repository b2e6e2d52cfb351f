import type { Handler } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import type { Paint } from "./paint.ts";
import { joined, listed } from "./text.ts";

// The gap after the word is U+2000, as in the original (C-58).
const GAP = "\u2000";

function execution(handler: Handler, paint: Paint): string {
  switch (handler.type) {
    case "tcp":
    case "udp": {
      const { host = "", port = 0 } = handler.socket ?? {};
      return handler.socket === undefined ? "" : `${paint.title("PUSH:")}${GAP}${handler.type}://${host}:${port}`;
    }
    case "pipe":
      return `${paint.title("RUN:")}${GAP}${GAP}${handler.command}`;
    case "set":
      return `${paint.title("CALL:")}${GAP}${joined(handler.handlers)}`;
    default:
      return "UNKNOWN";
  }
}

export const handlerLayout: Layout<Handler> = {
  columns: [
    { title: "Name", cell: (handler) => handler.metadata.name, style: "primary" },
    { title: "Type", cell: (handler) => handler.type },
    { title: "Timeout", cell: (handler) => String(handler.timeout) },
    { title: "Filters", cell: (handler) => joined(handler.filters) },
    { title: "Mutator", cell: (handler) => handler.mutator },
    { title: "Execute", cell: execution },
    { title: "Environment Variables", cell: (handler) => joined(handler.env_vars), style: "primary" },
    { title: "Assets", cell: (handler) => joined(handler.runtime_assets) },
  ],
  info: (handler, paint) => ({
    title: handler.metadata.name,
    rows: [
      ["Name", handler.metadata.name],
      ["Type", handler.type],
      ["Timeout", String(handler.timeout)],
      ["Filters", listed(handler.filters)],
      ["Mutator", handler.mutator],
      ["Execute", execution(handler, paint)],
      ["Environment Variables", listed(handler.env_vars)],
      ["Runtime Assets", listed(handler.runtime_assets)],
    ],
  }),
};
