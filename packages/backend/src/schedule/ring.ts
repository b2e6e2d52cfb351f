/** Turns of one round-robin check in one ring (P-35 to P-37). */
export class Ring {
  /** The member that had the last turn. */
  #last = "";

  /**
   * The next `count` members in order of name, wrapping round and repeating when there are fewer; a member that left
   * is passed over. Empty when there are none.
   */
  take(members: readonly string[], count: number): readonly string[] {
    if (members.length === 0 || count === 0) return [];
    const sorted = [...members].sort();
    const after = sorted.findIndex((name) => name > this.#last);
    const start = Math.max(after, 0);
    const taken = Array.from({ length: count }, (_, i) => sorted[(start + i) % sorted.length] as string);
    this.#last = taken.at(-1) as string;
    return taken;
  }
}

/** Subscriptions of single agents have no ring (P-36). */
export function ringSubscriptions(subscriptions: readonly string[]): readonly string[] {
  return subscriptions.filter((subscription) => !subscription.startsWith("entity:"));
}
