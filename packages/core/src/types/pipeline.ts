/** Handler, EventFilter, Mutator, Pipeline, Silenced. */
import { bool, embedded, type Infer, i64, message, messages, optional, str, strings, u32 } from "../codec/schema.ts";
import { ObjectMeta } from "./meta.ts";
import { ResourceReference, SecretReference } from "./shared.ts";
import { TimeWindowWhen } from "./time-window.ts";

export const HandlerSocket = message("HandlerSocket", { host: str(1, "O"), port: u32(2, "A") });
export interface HandlerSocket extends Infer<typeof HandlerSocket> {}

export const Handler = message("Handler", {
  metadata: embedded(1, "A", () => ObjectMeta),
  type: str(2, "O"),
  mutator: str(3, "O"),
  command: str(4, "O"),
  timeout: u32(5, "A"),
  socket: optional(6, "O", () => HandlerSocket),
  handlers: strings(7, "N"),
  filters: strings(8, "N"),
  env_vars: strings(9, "N"),
  runtime_assets: strings(13, "N"),
  secrets: messages(14, "N", () => SecretReference),
});
export interface Handler extends Infer<typeof Handler> {}

export const EventFilter = message("EventFilter", {
  metadata: embedded(1, "A", () => ObjectMeta),
  action: str(2, "O"),
  expressions: strings(3, "N"),
  when: optional(6, "O", () => TimeWindowWhen),
  runtime_assets: strings(8, "N"),
});
export interface EventFilter extends Infer<typeof EventFilter> {}

export const Mutator = message("Mutator", {
  metadata: embedded(1, "A", () => ObjectMeta),
  command: str(2, "O"),
  timeout: u32(3, "A"),
  env_vars: strings(4, "N"),
  runtime_assets: strings(8, "N"),
  secrets: messages(9, "N", () => SecretReference),
  type: str(10, "O"),
  eval: str(11, "O"),
});
export interface Mutator extends Infer<typeof Mutator> {}

export const PipelineWorkflow = message("PipelineWorkflow", {
  name: str(1, "A"),
  filters: messages(2, "O", () => ResourceReference),
  mutator: optional(3, "O", () => ResourceReference),
  handler: optional(4, "N", () => ResourceReference),
});
export interface PipelineWorkflow extends Infer<typeof PipelineWorkflow> {}

export const Pipeline = message("Pipeline", {
  metadata: embedded(1, "A", () => ObjectMeta),
  workflows: messages(2, "N", () => PipelineWorkflow),
  continue_on_error: bool(3, "O"),
});
export interface Pipeline extends Infer<typeof Pipeline> {}

export const FallbackPipeline = message("FallbackPipeline", {
  metadata: embedded(1, "A", () => ObjectMeta),
  pipelines: messages(2, "N", () => ResourceReference),
});
export interface FallbackPipeline extends Infer<typeof FallbackPipeline> {}

export const Silenced = message("Silenced", {
  metadata: embedded(1, "A", () => ObjectMeta),
  expire: i64(2, "A"),
  expire_on_resolve: bool(3, "A"),
  creator: str(4, "O"),
  check: str(5, "O"),
  reason: str(6, "O"),
  subscription: str(7, "O"),
  begin: i64(10, "A"),
  expire_at: i64(11, "A"),
  default_silenced_expiry: i64(12, "A"),
  max_silenced_expiry_allowed: i64(13, "A"),
});
export interface Silenced extends Infer<typeof Silenced> {}
