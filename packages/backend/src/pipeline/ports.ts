import type { Event } from "@sensu-ts/core";
import type { EventKey } from "@sensu-ts/store";

/** Other events, as the group of pipelines may see them (P-125). Both reject with `denied` when it may not. */
export interface EventReader {
  get(key: EventKey): Promise<Event | undefined>;
  /** All of the namespace. Rejects with `invalid` when they are too many for a script. */
  list(namespace: string): Promise<readonly Event[]>;
}

/** The expressions of one filter on one event, asked in order: what one changes in the event the next ones see (P-120). */
export interface Examination {
  /** ToBoolean of the value of expression `i` (P-113, P-123). Rejects when it throws or exceeds its limits. */
  test(i: number): Promise<boolean>;
}

/** Runs users' JavaScript away from this process's memory, within limits of time and memory. */
export interface Scripts {
  examine(event: Event, expressions: readonly string[]): Examination;
  /** Result of a JavaScript mutator (P-130): the text that goes to the handler. Rejects with its error. */
  mutate(code: string, event: Event, variables: Readonly<Record<string, string>>, timeoutMs: number): Promise<string>;
}
