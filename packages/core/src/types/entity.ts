/** Entity as clients see it and its two stored halves. */
import {
  bool,
  bytes,
  embedded,
  type Infer,
  i32,
  i64,
  message,
  messages,
  optional,
  str,
  strings,
} from "../codec/schema.ts";
import { ObjectMeta } from "./meta.ts";
import { hasRedacted, redactEntity } from "./redact.ts";
import { Deregistration } from "./shared.ts";

export const NetworkInterface = message("NetworkInterface", {
  name: str(1, "O"),
  mac: str(2, "O"),
  addresses: strings(3, "N"),
});
export interface NetworkInterface extends Infer<typeof NetworkInterface> {}

export const Network = message("Network", { interfaces: messages(1, "N", () => NetworkInterface) });
export interface Network extends Infer<typeof Network> {}

export const Process = message("Process", { name: str(1, "A") });
export interface Process extends Infer<typeof Process> {}

export const System = message("System", {
  hostname: str(1, "O"),
  os: str(2, "O"),
  platform: str(3, "O"),
  platform_family: str(4, "O"),
  platform_version: str(5, "O"),
  network: embedded(6, "A", () => Network),
  arch: str(7, "O"),
  arm_version: i32(8, "O"),
  libc_type: str(9, "A"),
  vm_system: str(10, "A"),
  vm_role: str(11, "A"),
  cloud_provider: str(12, "A"),
  float_type: str(13, "O"),
  processes: messages(14, "N", () => Process),
});
export interface System extends Infer<typeof System> {}

export const Entity = message(
  "Entity",
  {
    entity_class: str(1, "A"),
    system: embedded(3, "A", () => System),
    subscriptions: strings(4, "N"),
    last_seen: i64(5, "A"),
    deregister: bool(6, "A"),
    deregistration: embedded(7, "A", () => Deregistration),
    user: str(11, "O"),
    extended_attributes: bytes(12, "-"),
    redact: strings(13, "O"),
    metadata: embedded(14, "A", () => ObjectMeta),
    sensu_agent_version: str(15, "A"),
    keepalive_handlers: strings(16, "O"),
  },
  {
    toJson: (value, tree, { redact }) => (redact ? redactEntity(value.redact, tree) : tree),
    plainJson: (value, { redact }) => !redact || !hasRedacted(value),
  },
);
export interface Entity extends Infer<typeof Entity> {}

/** core/v3; `metadata` is absent only in a hand-made message, never in a valid one. */
export const EntityConfig = message(
  "EntityConfig",
  {
    metadata: optional(1, "N", () => ObjectMeta),
    entity_class: str(2, "A"),
    user: str(3, "O"),
    subscriptions: strings(4, "N"),
    deregister: bool(5, "A"),
    deregistration: embedded(6, "A", () => Deregistration),
    keepalive_handlers: strings(7, "O"),
    redact: strings(8, "O"),
  },
  {
    toJson: (value, tree, { redact }) => (redact ? redactEntity(value.redact, tree) : tree),
    plainJson: (value, { redact }) => !redact || !hasRedacted(value),
  },
);
export interface EntityConfig extends Infer<typeof EntityConfig> {}

/** core/v3. */
export const EntityState = message("EntityState", {
  metadata: optional(1, "N", () => ObjectMeta),
  system: embedded(2, "A", () => System),
  last_seen: i64(3, "A"),
  sensu_agent_version: str(4, "A"),
});
export interface EntityState extends Infer<typeof EntityState> {}
