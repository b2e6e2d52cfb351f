/** Event `agent-certificate` on an agent's entity: how long its certificate is good for (S-104). */
import { randomUUID } from "node:crypto";
import { Check, type Entity, Event, ObjectMeta, parseUuid } from "@sensu-ts/core";
import type { Clock, Logger, PeerCertificate } from "@sensu-ts/runtime";
import { Queue } from "../bus/queue.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { Entities } from "../state/entities.ts";

export const AGENT_CERTIFICATE = "agent-certificate";
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Events on their way to the store at once, when many agents connect. */
const AT_ONCE = 16;

export interface CertificateEventsOptions {
  /** Milliseconds before the end of validity; 0: never. */
  readonly warningMs: number;
  readonly criticalMs: number;
  readonly entities: Entities;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A session, as far as this goes. */
interface Told {
  readonly namespace: string;
  readonly name: string;
  readonly peer: PeerCertificate | undefined;
}

export class CertificateEvents {
  readonly #options: CertificateEventsOptions;
  /** When a session's event was last made, milliseconds. */
  readonly #told = new WeakMap<Told, number>();
  readonly #waiting = new Queue<Told>();
  #running = 0;

  constructor(options: CertificateEventsOptions) {
    this.#options = options;
  }

  /** Makes the event when the session has none of the last day, and its entity is registered. */
  tell(session: Told): void {
    const { warningMs, criticalMs, entities, clock } = this.#options;
    if (!session.peer || (warningMs === 0 && criticalMs === 0)) return;
    const now = clock.now();
    if (now - (this.#told.get(session) ?? Number.NEGATIVE_INFINITY) < DAY_MS) return;
    if (!entities.config(session.namespace, session.name)) return;
    this.#told.set(session, now);
    this.#waiting.push(session);
    if (this.#running < AT_ONCE) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running++;
    const { entities, ingest, log } = this.#options;
    for (let session = this.#waiting.shift(); session; session = this.#waiting.shift()) {
      const { namespace, name, peer } = session;
      const entity = entities.get(namespace, name);
      if (!entity || !peer) continue;
      try {
        await ingest.submit(this.#event(entity, peer));
      } catch (error) {
        log.error({ error, namespace, agent: name }, "error storing the event of an agent's certificate");
      }
    }
    this.#running--;
  }

  #event(entity: Entity, peer: PeerCertificate): Event {
    const now = this.#options.clock.now();
    const left = peer.notAfter - now;
    const until = new Date(peer.notAfter).toISOString();
    const text = left < 0 ? `expired at ${until}` : `is valid until ${until}, ${span(left)} left`;
    return certificateEvent(entity, AGENT_CERTIFICATE, {
      status: this.#status(left),
      output: `certificate ${peer.subject}, serial ${peer.serial}, ${text}\n`,
      now,
    });
  }

  #status(left: number): number {
    const { warningMs, criticalMs } = this.#options;
    if (criticalMs > 0 && left <= criticalMs) return 2;
    return warningMs > 0 && left <= warningMs ? 1 : 0;
  }
}

function span(milliseconds: number): string {
  const days = Math.floor(milliseconds / DAY_MS);
  return days >= 2 ? `${days} days` : `${Math.floor(milliseconds / HOUR_MS)} hours`;
}

/** Whoever is told of an agent's silence is told of its certificate too. `now` in milliseconds. */
export function certificateEvent(
  entity: Entity,
  name: string,
  { status, output, now }: { readonly status: number; readonly output: string; readonly now: number },
): Event {
  const seconds = Math.floor(now / 1000);
  const { namespace } = entity.metadata;
  return Event.create({
    timestamp: seconds,
    id: parseUuid(randomUUID()),
    entity,
    metadata: ObjectMeta.create({ namespace }),
    check: Check.create({
      metadata: ObjectMeta.create({ name, namespace }),
      interval: DAY_MS / 1000,
      handlers: entity.keepalive_handlers.length > 0 ? entity.keepalive_handlers : ["keepalive"],
      issued: seconds,
      executed: seconds,
      status,
      output,
    }),
  });
}
