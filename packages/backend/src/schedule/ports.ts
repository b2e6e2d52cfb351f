/** What the scheduler needs from other rooms. */
import type { Asset, CheckConfig, CheckRequest, EntityConfig, HookConfig } from "@sensu-ts/core";

export type DefinitionKind = "check" | "asset" | "hook" | "entity";

/** Stored definitions, kept in memory by a cache: every call is synchronous and cheap. */
export interface Definitions {
  checks(): Iterable<CheckConfig>;
  check(namespace: string, name: string): CheckConfig | undefined;
  asset(namespace: string, name: string): Asset | undefined;
  /** All of the namespace, in name order. */
  assets(namespace: string): readonly Asset[];
  hook(namespace: string, name: string): HookConfig | undefined;
  /** Configurations of every class, in name order (P-31). */
  entities(namespace: string): readonly EntityConfig[];
  /** Called after a definition was made, changed or deleted; the answer ends the calls. */
  onChange(listener: (kind: DefinitionKind, namespace: string, name: string) => void): () => void;
}

export interface Publisher {
  /** Sends to every session that has the subscription; how many they were. */
  publish(namespace: string, subscription: string, request: CheckRequest): number;
}

export interface RingMembers {
  /** Agents with the subscription whose keepalive is in time (P-35), in any order. */
  members(namespace: string, subscription: string): readonly string[];
}

export interface EntityMatcher {
  /** Those for which every expression that can be parsed holds (P-32); none when there is no such expression. */
  match(expressions: readonly string[], entities: readonly EntityConfig[]): Promise<readonly EntityConfig[]>;
}

/** What the one who runs a check by hand may say. */
export interface AdhocRun {
  /** Replace the check's own when not empty. */
  readonly subscriptions: readonly string[];
  readonly creator: string;
  readonly reason: string;
}
