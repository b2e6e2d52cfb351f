/** An agent's entity from its keepalives: made at the first one, replaced when the agent manages it (P-97, W-63, W-64). */
import { type Entity, type Event, int, registrationEvent } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { Bus } from "../bus/bus.ts";
import { committedEvent } from "../bus/committed-event.ts";
import type { Entities } from "../state/entities.ts";

const MANAGED_BY = "sensu.io/managed_by";
const AGENT = "sensu-agent";

export class Registration {
  readonly #entities: Entities;
  readonly #bus: Bus;
  readonly #log: Logger;

  constructor(entities: Entities, bus: Bus, log: Logger) {
    this.#entities = entities;
    this.#bus = bus;
    this.#log = log;
  }

  /** True when memory says there is nothing to do for this keepalive. */
  known(event: Event, entity: Entity): boolean {
    if (entity.entity_class !== "agent") return true;
    const config = this.#entities.config(entity.metadata.namespace, entity.metadata.name);
    if (!config) return false;
    const managed = entity.metadata.labels[MANAGED_BY] === AGENT;
    const wasManaged = config.metadata?.labels[MANAGED_BY] === AGENT;
    return managed ? int(event.sequence) !== 1 : !wasManaged;
  }

  /** Makes or replaces the stored entity. `now` is Unix seconds. */
  async register(event: Event, entity: Entity, now: number): Promise<void> {
    const { namespace, name } = entity.metadata;
    if (await this.#entities.create(entity)) {
      // In line before whatever the agent sends from now on.
      const key = { namespace, entity: name, check: "registration" };
      await this.#bus.post("event", committedEvent(key, registrationEvent(entity, now), 0));
      return;
    }
    if (!this.known(event, entity)) await this.#entities.putConfig(entity);
    this.#log.debug({ namespace, entity: name }, "entity is registered");
  }
}
