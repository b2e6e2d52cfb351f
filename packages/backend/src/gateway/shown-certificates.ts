/** The certificates that agents of this backend have shown, kept for 30 days after the last connect (U-321). */
import type { PeerCertificate } from "@sensu-ts/runtime";

const KEPT_MS = 30 * 86_400_000;
/** Some 3 KiB each. */
const MAX_KEPT = 20_000;

export interface ShownCertificate {
  /** DER of the leaf, then of what was sent with it. */
  readonly chain: readonly Buffer[];
  /** SHA-256 of the leaf, hexadecimal, lower case. */
  readonly fingerprint: string;
  /** Milliseconds. */
  readonly notAfter: number;
  readonly namespace: string;
  readonly entity: string;
  readonly address: string;
  readonly revoked: boolean;
  /** Milliseconds. */
  readonly seenAt: number;
}

export class ShownCertificates {
  /** By agent, the one that connected longest ago first. */
  readonly #shown = new Map<string, ShownCertificate>();

  /** The agent's newest replaces the one before. */
  add(agent: { namespace: string; name: string }, peer: PeerCertificate, address: string, now: number): void {
    const key = `${agent.namespace}/${agent.name}`;
    this.#shown.delete(key);
    this.#shown.set(key, {
      chain: [peer.raw, ...peer.chain],
      fingerprint: peer.fingerprint256,
      notAfter: peer.notAfter,
      namespace: agent.namespace,
      entity: agent.name,
      ...{ address, revoked: false, seenAt: now },
    });
    for (const [oldest, { seenAt }] of this.#shown) {
      if (this.#shown.size <= MAX_KEPT && now - seenAt < KEPT_MS) break;
      this.#shown.delete(oldest);
    }
  }

  /** The agent's session was ended, or refused, because its certificate is revoked. */
  revoked(agent: { namespace: string; name: string }, fingerprint: string): void {
    const key = `${agent.namespace}/${agent.name}`;
    const shown = this.#shown.get(key);
    if (shown?.fingerprint === fingerprint) this.#shown.set(key, { ...shown, revoked: true });
  }

  list(now: number): readonly ShownCertificate[] {
    return [...this.#shown.values()].filter(({ seenAt }) => now - seenAt < KEPT_MS);
  }
}
