/** The entity every event of this agent carries: the effective configuration merged with the facts (W-29, W-86). */
import { Entity, type EntityConfig, ObjectMeta, type System } from "@sensu-ts/core";

/** Name of the configuration a backend sends when it has none. */
const NOT_FOUND = "not found";

export interface EntityOptions {
  /** As configured here. */
  readonly local: EntityConfig;
  /** The backend's configuration is ignored. */
  readonly agentManaged: boolean;
  readonly version: string;
  readonly system: () => System;
  /** Milliseconds. */
  readonly now: () => number;
}

export class AgentEntity {
  readonly #options: EntityOptions;
  #config: EntityConfig;

  constructor(options: EntityOptions) {
    this.#options = options;
    this.#config = options.local;
  }

  /** Back to the local configuration, until the backend of the next connection sends its own. */
  reset(): void {
    this.#config = this.#options.local;
  }

  receive(config: EntityConfig): void {
    // Without metadata it tells nothing; the original's agent would crash.
    if (this.#options.agentManaged || config.metadata === undefined || config.metadata.name === NOT_FOUND) return;
    this.#config = config;
  }

  current(): Entity {
    const { version, system, now } = this.#options;
    const config = this.#config;
    return Entity.create({
      metadata: config.metadata ?? ObjectMeta.create(),
      entity_class: config.entity_class,
      user: config.user,
      subscriptions: config.subscriptions,
      deregister: config.deregister,
      deregistration: config.deregistration,
      keepalive_handlers: config.keepalive_handlers,
      redact: config.redact,
      system: system(),
      sensu_agent_version: version,
      last_seen: Math.floor(now() / 1000),
    });
  }
}
