/** How long an agent's certificate is good for: event `agent-certificate` on its entity (S-104), and in the log. */
import { randomUUID } from "node:crypto";
import { Check, type Entity, Event, ObjectMeta, parseUuid } from "@sensu-ts/core";
import type { Clock, Logger, PeerCertificate } from "@sensu-ts/runtime";
import { Queue } from "../bus/queue.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { Entities } from "../state/entities.ts";
import type { CertificateStatus } from "./certificate-states.ts";

export const AGENT_CERTIFICATE = "agent-certificate";
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Events on their way to the store at once, when many agents connect. */
const AT_ONCE = 16;
/** Serials in memory; above it one may be logged more often than once a day. */
const MAX_LOGGED = 20_000;
const STATUSES = ["ok", "warning", "critical"] as const;

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
  /** When a certificate was last logged, milliseconds, by serial and issuer; the oldest first. */
  readonly #logged = new Map<string, number>();

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
    this.#logEnd(session, session.peer, now);
    this.#waiting.push(session);
    if (this.#running < AT_ONCE) void this.#work();
  }

  statusOf({ notAfter }: PeerCertificate): CertificateStatus {
    return STATUSES[this.#status(notAfter - this.#options.clock.now())];
  }

  /** Once a day for each certificate, however many agents show it. */
  #logEnd({ namespace, name }: Told, peer: PeerCertificate, now: number): void {
    const status = this.#status(peer.notAfter - now);
    if (status === 0) return;
    for (const [oldest, at] of this.#logged) {
      if (now - at < DAY_MS && this.#logged.size < MAX_LOGGED) break;
      this.#logged.delete(oldest);
    }
    const key = `${peer.serial} ${peer.issuer}`;
    if (this.#logged.has(key)) return;
    this.#logged.set(key, now);
    const fields = { namespace, agent: name, common_name: peer.commonName, serial: peer.serial };
    this.#options.log[status === 2 ? "error" : "warn"](fields, `agent's certificate ${untilWhen(peer, now)}`);
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
    return certificateEvent(entity, AGENT_CERTIFICATE, {
      status: this.#status(peer.notAfter - now),
      output: `certificate ${peer.subject}, serial ${peer.serial}, ${untilWhen(peer, now)}\n`,
      now,
    });
  }

  #status(left: number): 0 | 1 | 2 {
    const { warningMs, criticalMs } = this.#options;
    if (criticalMs > 0 && left <= criticalMs) return 2;
    return warningMs > 0 && left <= warningMs ? 1 : 0;
  }
}

function untilWhen({ notAfter }: PeerCertificate, now: number): string {
  const until = new Date(notAfter).toISOString();
  return notAfter < now ? `expired at ${until}` : `is valid until ${until}, ${span(notAfter - now)} left`;
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
