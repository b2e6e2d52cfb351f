import type { CheckConfig } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import { hookLists, joined, listed } from "./text.ts";

export const checkLayout: Layout<CheckConfig> = {
  columns: [
    { title: "Name", cell: (check) => check.metadata.name, style: "primary" },
    { title: "Command", cell: (check) => check.command },
    { title: "Interval", cell: (check) => String(check.interval) },
    { title: "Cron", cell: (check) => check.cron },
    { title: "Timeout", cell: (check) => String(check.timeout) },
    { title: "TTL", cell: (check) => String(check.ttl) },
    { title: "Subscriptions", cell: (check) => joined(check.subscriptions) },
    { title: "Handlers", cell: (check) => joined(check.handlers) },
    { title: "Assets", cell: (check) => joined(check.runtime_assets) },
    { title: "Hooks", cell: (check) => hookLists(check.check_hooks) },
    { title: "Publish?", cell: (check, paint) => paint.boolean(check.publish) },
    { title: "Stdin?", cell: (check) => String(check.stdin) },
    { title: "Metric Format", cell: (check) => check.output_metric_format },
    { title: "Metric Handlers", cell: (check) => joined(check.output_metric_handlers) },
  ],
  info: (check) => ({
    title: check.metadata.name,
    rows: [
      ["Name", check.metadata.name],
      ["Interval", String(check.interval)],
      ["Command", check.command],
      ["Cron", check.cron],
      ["Timeout", String(check.timeout)],
      ["TTL", String(check.ttl)],
      ["Subscriptions", listed(check.subscriptions)],
      ["Handlers", listed(check.handlers)],
      ["Runtime Assets", listed(check.runtime_assets)],
      ["Hooks", hookLists(check.check_hooks)],
      ["Publish?", String(check.publish)],
      ["Stdin?", String(check.stdin)],
      ["Proxy Entity Name", check.proxy_entity_name],
      ["Namespace", check.metadata.namespace],
      ["Metric Format", check.output_metric_format],
      ["Metric Handlers", listed(check.output_metric_handlers)],
    ],
  }),
};
