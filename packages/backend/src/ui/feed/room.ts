/** All live views of one namespace, and the index that tells at once which of them an event matters to. */
import type { CommittedEvent } from "../../bus/committed-event.ts";
import type { DeletedEvent } from "../../bus/topics.ts";
import type { Stream } from "./stream.ts";
import type { Topic } from "./topic.ts";
import type { View } from "./view.ts";

export interface OpenView {
  readonly topic: Topic;
  readonly view: View;
  readonly streams: Set<Stream>;
  /** Resolves when the first load is done. */
  readonly ready: Promise<void>;
  busy: boolean;
}

export class Room {
  readonly views = new Map<string, OpenView>();
  #watchers = new Map<string, View[]>();
  /** Keys last seen silenced, to notice when that ends. Only such keys: few. */
  readonly #silenced = new Set<string>();

  /** After a view's rows changed. */
  reindex(): void {
    const watchers = new Map<string, View[]>();
    for (const { view } of this.views.values()) {
      for (const entity of new Set(view.watches())) {
        const list = watchers.get(entity);
        if (list) list.push(view);
        else watchers.set(entity, [view]);
      }
    }
    this.#watchers = watchers;
  }

  /** On the path of every event: two lookups unless something here cares. True when a view collected something. */
  offer(event: CommittedEvent): boolean {
    // Not stored: registrations and metrics only.
    if (event.revision === 0) return false;
    const moved = this.#moved(event);
    if (moved) {
      for (const { view } of this.views.values()) view.offer(event, true);
      return true;
    }
    const watchers = this.#watchers.get(event.entity);
    if (!watchers) return false;
    for (const view of watchers) view.offer(event, false);
    return true;
  }

  remove(event: DeletedEvent): void {
    this.#silenced.delete(`${event.entity}/${event.check}`);
    for (const { view } of this.views.values()) view.remove(event);
  }

  #moved(event: CommittedEvent): boolean {
    const { definition, silenced, status, previousStatus } = event;
    if (!definition) return false;
    if (silenced || this.#silenced.size > 0) {
      const key = `${event.entity}/${event.check}`;
      if (silenced !== this.#silenced.has(key)) {
        if (silenced) this.#silenced.add(key);
        else this.#silenced.delete(key);
        return true;
      }
    }
    return previousStatus !== status;
  }
}
