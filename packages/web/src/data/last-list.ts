/** The question that the events list showed last, so that an event leads back to it (U-151). */
type Search = Readonly<Record<string, string>>;

let last: { readonly namespace: string; readonly search: Search } | undefined;

export function keepEventsSearch(namespace: string, search: Search): void {
  last = { namespace, search };
}

/** `never`: the router knows no types of its query texts. */
export function lastEventsSearch(namespace: string): never {
  return (last?.namespace === namespace ? last.search : {}) as never;
}
