/** Takes an entity and its events away and tells the handlers (P-98, P-99). */
import { randomUUID } from "node:crypto";
import {
  deregistrationEvent,
  type Entity,
  type Event,
  KEEPALIVE,
  parseUuid,
  resolvedByDeregistration,
} from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { EventKey, EventStore } from "@sensu-ts/store";
import type { Bus } from "../bus/bus.ts";
import { committedEvent } from "../bus/committed-event.ts";
import type { Entities } from "../state/entities.ts";
import { decodeStored } from "../state/stored-event.ts";

export interface DeregistrationOptions {
  readonly entities: Entities;
  readonly events: EventStore;
  readonly bus: Bus;
  /** For entities that name no handler (`deregistration-handler`); empty is none. */
  readonly defaultHandler: string;
  readonly log: Logger;
  /** Told of each deleted event. */
  readonly forget: (key: EventKey) => void;
}

/** Events read at once; more than the keepalive alone. */
const PAGE = 200;

export class Deregistration {
  readonly #options: DeregistrationOptions;

  constructor(options: DeregistrationOptions) {
    this.#options = options;
  }

  /**
   * `now` is Unix seconds. The keepalive goes last: what a killed process has begun is found again by its deadline.
   */
  async deregister(entity: Entity, now: number): Promise<void> {
    const { entities, bus, defaultHandler, log } = this.#options;
    const { namespace, name } = entity.metadata;
    await entities.remove(namespace, name);
    for (let page = await this.#page(entity); page.length > 0; page = await this.#page(entity)) {
      const others = page.filter((event) => event.check?.metadata.name !== KEEPALIVE);
      for (const event of others.length > 0 ? others : page) await this.#resolve(event, namespace, name);
    }
    const handler = entity.deregistration.handler || defaultHandler;
    if (handler === "") {
      log.info({ namespace, entity: name }, "entity deregistered");
      return;
    }
    const event = deregistrationEvent(entity, handler, { now, id: parseUuid(randomUUID()) });
    await bus.post("event", committedEvent({ namespace, entity: name, check: "deregistration" }, event, 0));
  }

  async #page(entity: Entity): Promise<readonly Event[]> {
    const { namespace, name } = entity.metadata;
    const { events } = await this.#options.events.list({ namespace, entity: name, limit: PAGE });
    return events.map(decodeStored);
  }

  async #resolve(event: Event, namespace: string, entity: string): Promise<void> {
    const { events, bus, forget } = this.#options;
    const key = { namespace, entity, check: event.check?.metadata.name ?? "" };
    await events.delete(key);
    forget(key);
    await bus.publish("eventDeleted", key);
    await bus.post("event", committedEvent(key, resolvedByDeregistration(event), 0));
  }
}
