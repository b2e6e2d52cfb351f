/** How the certificates of connected agents stand, in numbers: each in a series of its own would be too many (S 1.8). */
import type { Json } from "@sensu-ts/core";
import { instant, type PeerCertificate } from "@sensu-ts/runtime";

export type CertificateStatus = "ok" | "warning" | "critical";

export interface CertificateState {
  /** Different certificates. */
  readonly count: number;
  /** The earliest end of one of them, milliseconds. */
  readonly notAfter: number;
}

export type CertificateStates = ReadonlyMap<CertificateStatus, CertificateState>;

/** One that several agents show counts once. */
export function certificateStates(
  sessions: Iterable<{ readonly peer: PeerCertificate | undefined }>,
  statusOf: (peer: PeerCertificate) => CertificateStatus,
): CertificateStates {
  const seen = new Set<string>();
  const states = new Map<CertificateStatus, CertificateState>();
  for (const { peer } of sessions) {
    if (!peer || seen.has(peer.fingerprint256)) continue;
    seen.add(peer.fingerprint256);
    const status = statusOf(peer);
    const { count = 0, notAfter = Number.POSITIVE_INFINITY } = states.get(status) ?? {};
    states.set(status, { count: count + 1, notAfter: Math.min(notAfter, peer.notAfter) });
  }
  return states;
}

/** For `/health`, which anybody may read: numbers, no names. */
export function certificateStatesJson(states: CertificateStates): Json {
  return [...states].map(([status, { count, notAfter }]) => ({
    Status: status,
    Count: count,
    FirstNotAfter: instant(notAfter),
  }));
}
