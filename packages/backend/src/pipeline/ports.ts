import type { Event } from "@sensu-ts/core";

/** Runs users' JavaScript away from this process's memory, within limits of time and memory. */
export interface Scripts {
  /**
   * ToBoolean of an expression's value on the event (P-113, P-123). Rejects when it throws or exceeds its limits.
   */
  test(expression: string, event: Event): Promise<boolean>;
  /** Result of a JavaScript mutator (P-130): the text that goes to the handler. Rejects with its error. */
  mutate(code: string, event: Event, variables: Readonly<Record<string, string>>, timeoutMs: number): Promise<string>;
}
