/** Small messages that several types carry. */
import {
  bool,
  f64,
  type Infer,
  i64,
  type Json,
  message,
  messages,
  str,
  stringMap,
  strings,
  u32,
} from "../codec/schema.ts";

export const ResourceReference = message("ResourceReference", {
  name: str(1, "A"),
  type: str(2, "A"),
  api_version: str(3, "A"),
});
export interface ResourceReference extends Infer<typeof ResourceReference> {}

/** `name` is the environment variable, `secret` the Secret resource. */
export const SecretReference = message("Secret", { name: str(1, "O"), secret: str(2, "O") });
export interface SecretReference extends Infer<typeof SecretReference> {}

export const MetricTag = message("MetricTag", { name: str(1, "O"), value: str(2, "O") });
export interface MetricTag extends Infer<typeof MetricTag> {}

export const MetricPoint = message("MetricPoint", {
  name: str(1, "O"),
  value: f64(2, "A"),
  timestamp: i64(3, "A"),
  tags: messages(4, "N", () => MetricTag),
});
export interface MetricPoint extends Infer<typeof MetricPoint> {}

export const Metrics = message("Metrics", {
  handlers: strings(1, "N"),
  points: messages(2, "N", () => MetricPoint),
});
export interface Metrics extends Infer<typeof Metrics> {}

export const MetricThresholdTag = message("MetricThresholdTag", { name: str(1, "A"), value: str(2, "A") });
export interface MetricThresholdTag extends Infer<typeof MetricThresholdTag> {}

export const MetricThresholdRule = message("MetricThresholdRule", {
  min: str(1, "A"),
  max: str(2, "A"),
  status: u32(3, "A"),
});
export interface MetricThresholdRule extends Infer<typeof MetricThresholdRule> {}

export const MetricThreshold = message("MetricThreshold", {
  name: str(1, "A"),
  tags: messages(2, "N", () => MetricThresholdTag),
  thresholds: messages(3, "N", () => MetricThresholdRule),
  null_status: u32(4, "A"),
});
export interface MetricThreshold extends Infer<typeof MetricThreshold> {}

export const ProxyRequests = message("ProxyRequests", {
  entity_attributes: strings(1, "N"),
  splay: bool(2, "A"),
  splay_coverage: u32(3, "A"),
});
export interface ProxyRequests extends Infer<typeof ProxyRequests> {}

/** JSON is a single-entry object `{"<type>": ["h1"]}`. */
export const HookList = message(
  "HookList",
  { hooks: strings(1, "A"), type: str(2, "A") },
  {
    toJson: (value) => ({ [value.type]: value.hooks.length > 0 ? value.hooks : null }),
    fromJson: (tree) => {
      const [type, hooks] = Object.entries(tree)[0] ?? ["", null];
      return { type, hooks: hooks as Json };
    },
  },
);
export interface HookList extends Infer<typeof HookList> {}

export const Deregistration = message("Deregistration", { handler: str(1, "O") });
export interface Deregistration extends Infer<typeof Deregistration> {}

/** begin and end as `h:mmAM`. */
export const TimeWindowTimeRange = message("TimeWindowTimeRange", { begin: str(1, "A"), end: str(2, "A") });
export interface TimeWindowTimeRange extends Infer<typeof TimeWindowTimeRange> {}

const day = (no: number) => messages(no, "O", () => TimeWindowTimeRange);
export const TimeWindowDays = message("TimeWindowDays", {
  all: day(1),
  sunday: day(2),
  monday: day(3),
  tuesday: day(4),
  wednesday: day(5),
  thursday: day(6),
  friday: day(7),
  saturday: day(8),
});
export interface TimeWindowDays extends Infer<typeof TimeWindowDays> {}

/** */
export const TimeWindowRepeated = message("TimeWindowRepeated", {
  begin: str(1, "A"),
  end: str(2, "A"),
  repeat: strings(3, "N"),
});
export interface TimeWindowRepeated extends Infer<typeof TimeWindowRepeated> {}

export const AssetBuild = message("AssetBuild", {
  url: str(2, "O"),
  sha512: str(3, "O"),
  filters: strings(5, "N"),
  headers: stringMap(9, "N"),
});
export interface AssetBuild extends Infer<typeof AssetBuild> {}
