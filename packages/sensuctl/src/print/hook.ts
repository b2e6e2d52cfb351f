import type { HookConfig } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";

export const hookLayout: Layout<HookConfig> = {
  columns: [
    { title: "Name", cell: (hook) => hook.metadata.name, style: "primary" },
    { title: "Command", cell: (hook) => hook.command },
    { title: "Timeout", cell: (hook) => String(hook.timeout) },
    { title: "Stdin?", cell: (hook) => String(hook.stdin) },
  ],
  info: (hook) => ({
    title: hook.metadata.name,
    rows: [
      ["Name", hook.metadata.name],
      ["Command", hook.command],
      ["Timeout", String(hook.timeout)],
      ["Stdin?", String(hook.stdin)],
      ["Namespace", hook.metadata.namespace],
    ],
  }),
};
