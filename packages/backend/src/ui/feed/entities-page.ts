/** One page of the entities list. Names come from memory; statuses are asked only for rows whose events moved. */

import type { EventStore } from "@sensu-ts/store";
import type { CommittedEvent } from "../../bus/committed-event.ts";
import type { DeletedEvent } from "../../bus/topics.ts";
import { entityHealth, listEntities } from "../lists/entities.ts";
import type { UiEntities } from "../ports.ts";
import type { EntitiesPage, EntityListOrder, EntityRow, Frame, ListQuestion } from "../wire.ts";
import { STORE_EVERY_MS } from "./events-page.ts";
import type { Round, View } from "./view.ts";

/** Statuses asked for in one flush. */
const MAX_ASKED = 50;

export class EntitiesPageView implements View {
  readonly namespace: string;
  readonly #entities: UiEntities;
  readonly #events: EventStore;
  readonly #question: ListQuestion<EntityListOrder>;
  #page: EntitiesPage;
  readonly #rows = new Map<string, EntityRow>();
  /** Rows to send. */
  readonly #changed = new Set<string>();
  /** Rows whose worst status may be another now. */
  readonly #sick = new Set<string>();
  #reload = false;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(question: ListQuestion<EntityListOrder>, entities: UiEntities, events: EventStore) {
    this.namespace = question.namespace;
    this.#question = question;
    this.#entities = entities;
    this.#events = events;
    this.#page = { rows: [], matches: 0, offset: question.offset, limit: question.limit };
  }

  async load(): Promise<void> {
    this.#reload = false;
    this.#changed.clear();
    this.#sick.clear();
    this.#page = await listEntities(this.#entities, this.#events, this.#question);
    this.#rows.clear();
    for (const row of this.#page.rows) this.#rows.set(row.name, row);
  }

  snapshot(): readonly Frame[] {
    return [{ kind: "entities", page: { ...this.#page, rows: [...this.#rows.values()] } }];
  }

  watches(): Iterable<string> {
    return this.#rows.keys();
  }

  get dirty(): boolean {
    return this.#changed.size > 0 || this.#sick.size > 0 || this.#reload;
  }

  offer(event: CommittedEvent, moved: boolean): void {
    const row = this.#rows.get(event.entity);
    if (!row) return;
    if (moved) this.#sick.add(event.entity);
    const { lastSeen } = event;
    if (lastSeen <= row.lastSeen) return;
    this.#rows.set(event.entity, { ...row, lastSeen });
    this.#changed.add(event.entity);
  }

  remove(event: DeletedEvent): void {
    if (this.#rows.has(event.entity)) this.#sick.add(event.entity);
  }

  entitiesChanged(): void {
    this.#reload = true;
  }

  async flush({ now, mayAsk }: Round): Promise<readonly Frame[]> {
    if (mayAsk && now - this.#askedAt >= STORE_EVERY_MS && (this.#reload || this.#sick.size > 0)) {
      this.#askedAt = now;
      if (this.#reload) {
        const before = JSON.stringify(this.snapshot());
        await this.load();
        return JSON.stringify(this.snapshot()) === before ? [] : this.snapshot();
      }
      await this.#askHealth();
    }
    const frames: Frame[] = [];
    for (const name of this.#changed) {
      const row = this.#rows.get(name);
      if (row) frames.push({ kind: "entity", row });
    }
    this.#changed.clear();
    return frames;
  }

  async #askHealth(): Promise<void> {
    for (const name of [...this.#sick].slice(0, MAX_ASKED)) {
      this.#sick.delete(name);
      const health = await entityHealth(this.#events, this.namespace, name);
      const row = this.#rows.get(name);
      if (!row || (row.status === health.status && row.incidents === health.incidents)) continue;
      this.#rows.set(name, { ...row, ...health });
      this.#changed.add(name);
    }
  }
}
