/**
 * Event `agent-tls-refused` in `sensu-system`: an agent whose certificate is refused would otherwise be seen only by
 * its silence (S-417). Anybody can be refused under any name, so the number of names is bounded.
 */
import { Entity, ObjectMeta, SensuError, validateName } from "@sensu-ts/core";
import type { Clock, Logger, PeerCertificate } from "@sensu-ts/runtime";
import type { Ingest } from "../ingest/ingest.ts";
import { certificateEvent } from "./certificate-events.ts";

export const AGENT_TLS_REFUSED = "agent-tls-refused";
const NAMESPACE = "sensu-system";
const EVERY_MS = 60_000;
/** Names with an open event; whoever comes on top is counted to the backend's own entity. */
const MAX_NAMES = 100;
/** The backend's own entity names nobody who could succeed: no refusal for so long resolves it. */
const QUIET_MS = 3_600_000;

export interface RefusedAgentsOptions {
  readonly ingest: Ingest;
  /** Entities whose event of that name is not resolved, with its time in milliseconds. */
  readonly unresolved: (namespace: string, check: string, limit: number) => Promise<ReadonlyMap<string, number>>;
  /** Name of the backend's own entity. */
  readonly backendEntity: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RefusedAgent {
  readonly reason: string;
  readonly address: string;
  /** What the agent calls itself. */
  readonly agent: string;
  readonly peer?: PeerCertificate | undefined;
}

export class RefusedAgents {
  readonly #options: RefusedAgentsOptions;
  /** Entities with an event that is not resolved. */
  readonly #open = new Set<string>();
  /** When an entity was last refused in an event, milliseconds. */
  readonly #last = new Map<string, number>();

  constructor(options: RefusedAgentsOptions) {
    this.#options = options;
  }

  /** Takes up what was open before the restart. */
  async start(): Promise<void> {
    for (const [entity, at] of await this.#options.unresolved(NAMESPACE, AGENT_TLS_REFUSED, MAX_NAMES)) {
      this.#open.add(entity);
      this.#last.set(entity, at);
    }
  }

  refused({ reason, address, agent, peer }: RefusedAgent): void {
    // Whoever shows neither certificate nor name, a port scan or a health probe, is no agent that is missed.
    if (!peer && agent === "") return;
    const now = this.#options.clock.now();
    const entity = this.#entityOf(peer);
    if (now - (this.#last.get(entity) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    this.#last.set(entity, now);
    this.#open.add(entity);
    const who = peer ? `${peer.subject}, serial ${peer.serial}` : `agent ${agent || "without a name"}`;
    this.#publish(entity, 2, `${who}, from ${address}: ${reason}\n`);
  }

  /** The certificate's subject got in. */
  accepted(peer: PeerCertificate): void {
    if (!this.#open.delete(peer.commonName)) return;
    this.#publish(peer.commonName, 0, `${peer.subject}, serial ${peer.serial}, is connected\n`);
  }

  /** To be called now and then. */
  sweep(): void {
    const { clock, backendEntity } = this.#options;
    const now = clock.now();
    const last = this.#last.get(backendEntity) ?? now;
    for (const [entity, at] of this.#last) {
      if (now - at >= EVERY_MS && !this.#open.has(entity)) this.#last.delete(entity);
    }
    if (now - last < QUIET_MS || !this.#open.delete(backendEntity)) return;
    this.#publish(backendEntity, 0, "nobody without a name was refused in the last hour\n");
  }

  #entityOf(peer: PeerCertificate | undefined): string {
    const { backendEntity } = this.#options;
    if (!peer || !isName(peer.commonName)) return backendEntity;
    return this.#open.has(peer.commonName) || this.#open.size < MAX_NAMES ? peer.commonName : backendEntity;
  }

  #publish(name: string, status: number, output: string): void {
    const { ingest, clock, log, backendEntity } = this.#options;
    const entity = Entity.create({
      entity_class: name === backendEntity ? "backend" : "proxy",
      metadata: ObjectMeta.create({ name, namespace: NAMESPACE }),
    });
    ingest
      .submit(certificateEvent(entity, AGENT_TLS_REFUSED, { status, output, now: clock.now() }))
      .catch((error: unknown) => log.error({ error, entity: name }, "error storing the event of a refused agent"));
  }
}

function isName(text: string): boolean {
  try {
    validateName("name", text);
    return true;
  } catch (error) {
    if (error instanceof SensuError) return false;
    throw error;
  }
}
