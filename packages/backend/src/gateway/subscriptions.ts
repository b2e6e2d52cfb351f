/** Sessions by namespace and subscription. */
import type { Session } from "./session.ts";

export class Subscriptions {
  readonly #sessions = new Map<string, Set<Session>>();

  /** Replaces what the session had. */
  set(session: Session, subscriptions: Iterable<string>): void {
    const wanted = new Set(subscriptions);
    for (const old of session.subscriptions) if (!wanted.has(old)) this.#remove(session, old);
    for (const one of wanted) {
      const key = keyOf(session.namespace, one);
      const sessions = this.#sessions.get(key);
      if (sessions) sessions.add(session);
      else this.#sessions.set(key, new Set([session]));
    }
    session.subscriptions = wanted;
  }

  get(namespace: string, subscription: string): ReadonlySet<Session> | undefined {
    return this.#sessions.get(keyOf(namespace, subscription));
  }

  #remove(session: Session, subscription: string): void {
    const key = keyOf(session.namespace, subscription);
    const sessions = this.#sessions.get(key);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(key);
  }
}

function keyOf(namespace: string, subscription: string): string {
  return `${namespace}/${subscription}`;
}
