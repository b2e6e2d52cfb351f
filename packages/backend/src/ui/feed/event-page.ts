/** One event, as the event page follows it. */
import { Event, encodeJson, truncateOutput } from "@sensu-ts/core";
import type { CommittedEvent } from "../../bus/committed-event.ts";
import type { DeletedEvent } from "../../bus/topics.ts";
import type { Frame } from "../wire.ts";
import type { View } from "./view.ts";

export class EventPageView implements View {
  readonly namespace: string;
  readonly #entity: string;
  readonly #check: string;
  #pending: Event | "deleted" | undefined;

  constructor(key: { readonly namespace: string; readonly entity: string; readonly check: string }) {
    this.namespace = key.namespace;
    this.#entity = key.entity;
    this.#check = key.check;
  }

  /** The page reads the event itself through the ordinary API; here are only changes. */
  async load(): Promise<void> {}

  snapshot(): readonly Frame[] {
    return [];
  }

  watches(): Iterable<string> {
    return [this.#entity];
  }

  get dirty(): boolean {
    return this.#pending !== undefined;
  }

  offer(event: CommittedEvent): void {
    if (event.check === this.#check && event.entity === this.#entity) this.#pending = event.event;
  }

  remove(event: DeletedEvent): void {
    if (event.check === this.#check && event.entity === this.#entity) this.#pending = "deleted";
  }

  entitiesChanged(): void {}

  async flush(): Promise<readonly Frame[]> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return [];
    if (pending === "deleted") return [{ kind: "deleted" }];
    // As it is stored: pipelines get the whole output.
    const shown = truncateOutput(pending)?.stored ?? pending;
    return [{ kind: "event", event: JSON.parse(encodeJson(Event, shown)) }];
  }
}
