/**
 * From a client's certificate to a trusted one (S-175): names, signatures, validity, authority rights and extended
 * usages as Go checks them. Pure apart from the signatures. The handshake's own check by OpenSSL stands beside it
 * (peer.ts): this one gives the reason in words, and can be asked again while a session lives.
 */
import { X509Certificate } from "node:crypto";
import {
  type Certificate,
  EXTENDED_KEY_USAGES,
  formatName,
  isIssuedBy,
  KEY_USAGES,
  OID,
  readCertificate,
} from "@sensu-ts/pki";
import type { Alert } from "./alert.ts";

/** Why a certificate does not let in. */
export interface PeerObjection {
  readonly reason: string;
  /** How a strict handshake says it: as Go's servers do, or as RFC 8446 where that tells more. */
  readonly alert: Alert;
}

/** Leaf first, trusted one last. */
export type ChainResult =
  | { readonly ok: true; readonly chain: readonly Certificate[] }
  | ({ readonly ok: false } & PeerObjection);

export const UNKNOWN_AUTHORITY: PeerObjection = {
  reason: "x509: certificate signed by unknown authority",
  alert: "unknown_ca",
};
const MAX_LENGTH = 8;
/** Signatures checked for one client; each costs it nothing and us some ten microseconds. */
const MAX_SIGNATURES = 40;
const CERT_SIGN = KEY_USAGES["cert sign"] as number;
const CLIENT_AUTH = EXTENDED_KEY_USAGES["client auth"] as string;
const ANY = EXTENDED_KEY_USAGES["any"] as string;
const WEAK = /SHA1|MD5/;
/** Critical extensions whose meaning is honoured here or by OpenSSL. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.subjectAltName,
  OID.basicConstraints,
  OID.nameConstraints,
  OID.extendedKeyUsage,
  OID.certificatePolicies,
  OID.crlDistributionPoints,
  OID.authorityKeyIdentifier,
  OID.subjectKeyIdentifier,
  OID.authorityInfoAccess,
  "2.5.29.33",
  "2.5.29.36",
  "2.5.29.54",
]);

/** Those that can be read: bundles hold certificates of kinds nobody uses here, which then vouch for nobody. */
export function readableCertificates(pems: readonly string[]): readonly Certificate[] {
  return pems.flatMap((pem) => {
    try {
      return [readCertificate(pem)];
    } catch {
      return [];
    }
  });
}

/**
 * What somebody who trusts `authorities` (PEM) would say of a client that shows `shown`, leaf first; undefined when it
 * would be let in. `now` in milliseconds.
 */
export function refusalAsClient(
  shown: readonly X509Certificate[],
  authorities: readonly string[],
  now: number,
): string | undefined {
  const [leaf, ...sent] = readableCertificates(shown.map(String));
  if (leaf === undefined) return "the certificate cannot be read";
  const result = buildChain(leaf, sent, new TrustAnchors(readableCertificates(authorities)), now);
  return result.ok ? undefined : result.reason;
}

export class TrustAnchors {
  readonly certificates: readonly Certificate[];
  readonly #bySubject = new Map<string, Certificate[]>();

  constructor(certificates: readonly Certificate[]) {
    this.certificates = certificates;
    for (const one of certificates) {
      const key = one.subject.toString("base64");
      const same = this.#bySubject.get(key);
      if (same) same.push(one);
      else this.#bySubject.set(key, [one]);
    }
  }

  issuersOf(certificate: Certificate): readonly Certificate[] {
    return this.#bySubject.get(certificate.issuer.toString("base64")) ?? [];
  }

  has(certificate: Certificate): boolean {
    const same = this.#bySubject.get(certificate.subject.toString("base64")) ?? [];
    return same.some((one) => one.der.equals(certificate.der));
  }
}

/** `sent`: what came with the leaf, in any order. `now` in milliseconds. */
export function buildChain(
  leaf: Certificate,
  sent: readonly Certificate[],
  anchors: TrustAnchors,
  now: number,
): ChainResult {
  const unfit = unfitness(leaf, now);
  if (unfit !== undefined) return { ok: false, ...unfit };
  if (anchors.has(leaf)) return { ok: true, chain: [leaf] };
  let signatures = 0;
  /** The first thing that kept a signer from being taken: more telling than "unknown authority". */
  let obstacle: PeerObjection | undefined;
  const search = (path: readonly Certificate[]): readonly Certificate[] | undefined => {
    const last = path[path.length - 1] as Certificate;
    const steps = [
      ...anchors.issuersOf(last).map((issuer) => ({ issuer, trusted: true })),
      ...sent
        .filter((one) => one.subject.equals(last.issuer) && !path.some(({ der }) => der.equals(one.der)))
        .map((issuer) => ({ issuer, trusted: false })),
    ];
    for (const { issuer, trusted } of steps) {
      if (path.length >= MAX_LENGTH || ++signatures > MAX_SIGNATURES) return undefined;
      if (!isSignedBy(last, issuer)) continue;
      const why = authorityUnfitness(issuer, path.length - 1, now);
      if (why !== undefined) {
        obstacle ??= why;
        continue;
      }
      const found = trusted ? [...path, issuer] : search([...path, issuer]);
      if (found) return found;
    }
    return undefined;
  };
  const chain = search([leaf]);
  return chain ? { ok: true, chain } : { ok: false, ...(obstacle ?? UNKNOWN_AUTHORITY) };
}

/** What forbids a certificate itself to be used by a client, whoever signed it. */
export function unfitness(certificate: Certificate, now: number): PeerObjection | undefined {
  const moment = new Date(now);
  const at = `current time ${rfc3339(moment)}`;
  const outside = (how: string): PeerObjection => ({
    reason: `x509: certificate has expired or is not yet valid: ${at} is ${how}`,
    alert: "certificate_expired",
  });
  if (moment < certificate.notBefore) return outside(`before ${rfc3339(certificate.notBefore)}`);
  if (moment > certificate.notAfter) return outside(`after ${rfc3339(certificate.notAfter)}`);
  const { extendedKeyUsages } = certificate;
  if (extendedKeyUsages.length > 0 && !extendedKeyUsages.some((usage) => usage === CLIENT_AUTH || usage === ANY)) {
    return { reason: "x509: certificate specifies an incompatible key usage", alert: "unsupported_certificate" };
  }
  if (certificate.extensions.some(({ critical, oid }) => critical && !UNDERSTOOD.has(oid))) {
    return { reason: "x509: unhandled critical extension", alert: "bad_certificate" };
  }
  return undefined;
}

/** `below`: authorities between this one and the leaf. */
function authorityUnfitness(authority: Certificate, below: number, now: number): PeerObjection | undefined {
  const unfit = unfitness(authority, now);
  if (unfit) return { ...unfit, reason: `${unfit.reason} (certificate of ${formatName(authority.subject)})` };
  const mayNot: PeerObjection = {
    reason: "x509: invalid signature: parent certificate cannot sign this kind of certificate",
    alert: "bad_certificate",
  };
  if (!authority.ca) return mayNot;
  if (authority.keyUsages !== undefined && !authority.keyUsages.includes(CERT_SIGN)) return mayNot;
  const { maxPathLength } = authority.ca;
  if (maxPathLength !== undefined && below > maxPathLength)
    return { reason: "x509: too many intermediates for path length constraint", alert: "bad_certificate" };
  return undefined;
}

function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (WEAK.test(certificate.signatureAlgorithm)) return false;
  if (!certificate.issuer.equals(issuer.subject)) return false;
  try {
    // Algorithms pki does not know by name, such as RSA-PSS, are OpenSSL's.
    return isIssuedBy(certificate, issuer) || new X509Certificate(certificate.der).verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function rfc3339(date: Date): string {
  return date
    .toISOString()
    .replace(".000Z", "Z")
    .replace(/\.\d+Z$/, "Z");
}
