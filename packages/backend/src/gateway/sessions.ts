/** The live sessions of this backend by agent; one agent may have several. */
import type { AgentSession, Session } from "./session.ts";

export class Sessions implements Iterable<Session> {
  readonly #byAgent = new Map<string, Set<Session>>();

  add(session: Session): void {
    const same = this.#byAgent.get(keyOf(session));
    if (same) same.add(session);
    else this.#byAgent.set(keyOf(session), new Set([session]));
  }

  delete(session: Session): void {
    const same = this.#byAgent.get(keyOf(session));
    same?.delete(session);
    if (same?.size === 0) this.#byAgent.delete(keyOf(session));
  }

  of(namespace: string, name: string): ReadonlySet<Session> | undefined {
    return this.#byAgent.get(keyOf({ namespace, name }));
  }

  *[Symbol.iterator](): Iterator<Session> {
    for (const sessions of this.#byAgent.values()) yield* sessions;
  }

  /** By namespace. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { namespace } of this) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
    return counts;
  }

  /** Of a namespace, of all when it is empty, in name order. */
  views(namespace: string): readonly AgentSession[] {
    return [...this]
      .filter((session) => namespace === "" || session.namespace === namespace)
      .map((session) => session.view())
      .sort((a, b) => (`${a.namespace}/${a.agent}` < `${b.namespace}/${b.agent}` ? -1 : 1));
  }
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
