/** CheckConfig (the definition) and Check (the definition plus one result, inside events): R-67. */
import {
  bool,
  bytes,
  embedded,
  f64,
  type Infer,
  i32,
  i64,
  type Json,
  message,
  messages,
  optional,
  str,
  strings,
  u32,
} from "../codec/schema.ts";
import { Hook } from "./hook.ts";
import { ObjectMeta } from "./meta.ts";
import {
  HookList,
  MetricTag,
  MetricThreshold,
  ProxyRequests,
  ResourceReference,
  SecretReference,
  TimeWindowRepeated,
} from "./shared.ts";
import { TimeWindowWhen } from "./time-window.ts";

/** Fields that carry the same number in both messages. */
const common = {
  command: str(1, "O"),
  handlers: strings(3, "L"),
  high_flap_threshold: u32(4, "A"),
  interval: u32(5, "A"),
  low_flap_threshold: u32(6, "A"),
  publish: bool(9, "A"),
  runtime_assets: strings(10, "N"),
  subscriptions: strings(11, "L"),
  proxy_entity_name: str(13, "A"),
  check_hooks: messages(14, "N", () => HookList),
  stdin: bool(15, "A"),
  subdue: optional(16, "N", () => TimeWindowWhen),
  cron: str(17, "O"),
  ttl: i64(18, "A"),
  timeout: u32(19, "A"),
  proxy_requests: optional(20, "O", () => ProxyRequests),
  round_robin: bool(21, "A"),
};

export const CheckConfig = message(
  "CheckConfig",
  {
    ...common,
    extended_attributes: bytes(12, "-"),
    output_metric_format: str(22, "A"),
    output_metric_handlers: strings(23, "N"),
    env_vars: strings(24, "N"),
    metadata: embedded(26, "A", () => ObjectMeta),
    max_output_size: i64(27, "O"),
    discard_output: bool(28, "O"),
    secrets: messages(29, "N", () => SecretReference),
    output_metric_tags: messages(30, "O", () => MetricTag),
    scheduler: str(31, "-"),
    pipelines: messages(32, "L", () => ResourceReference),
    output_metric_thresholds: messages(33, "O", () => MetricThreshold),
    subdues: messages(34, "O", () => TimeWindowRepeated),
    fallback_pipeline: optional(35, "N", () => ResourceReference),
    ttl_status: i32(36, "O"),
    asset_status: strings(37, "O"),
  },
  {
    toJson(_value, tree) {
      const pipelines = tree["pipelines"] as unknown as Record<string, Json>[];
      for (const reference of pipelines) {
        if (reference["api_version"] === "") reference["api_version"] = "core/v2";
        if (reference["type"] === "") reference["type"] = "Pipeline";
      }
      return tree;
    },
  },
);
export interface CheckConfig extends Infer<typeof CheckConfig> {}

export const CheckHistory = message("CheckHistory", {
  status: u32(1, "A"),
  executed: i64(2, "A"),
  flapping: bool(3, "-"),
});
export interface CheckHistory extends Infer<typeof CheckHistory> {}

export const Check = message("Check", {
  ...common,
  duration: f64(22, "O"),
  executed: i64(23, "A"),
  history: messages(24, "N", () => CheckHistory),
  issued: i64(25, "A"),
  output: str(26, "A"),
  state: str(27, "O"),
  status: u32(28, "A"),
  total_state_change: u32(29, "A"),
  last_ok: i64(30, "A"),
  occurrences: i64(31, "A"),
  occurrences_watermark: i64(32, "A"),
  silenced: strings(33, "O"),
  hooks: messages(34, "O", () => Hook),
  output_metric_format: str(35, "A"),
  output_metric_handlers: strings(36, "N"),
  env_vars: strings(37, "N"),
  metadata: embedded(38, "A", () => ObjectMeta),
  max_output_size: i64(39, "O"),
  discard_output: bool(40, "O"),
  secrets: messages(41, "N", () => SecretReference),
  is_silenced: bool(42, "A"),
  output_metric_tags: messages(43, "O", () => MetricTag),
  scheduler: str(44, "A"),
  processed_by: str(45, "O"),
  pipelines: messages(46, "L", () => ResourceReference),
  output_metric_thresholds: messages(47, "O", () => MetricThreshold),
  subdues: messages(48, "O", () => TimeWindowRepeated),
  fallback_pipeline: optional(49, "A", () => ResourceReference),
  ttl_status: i32(50, "O"),
  asset_status: strings(51, "O"),
  extended_attributes: bytes(99, "-"),
});
export interface Check extends Infer<typeof Check> {}
