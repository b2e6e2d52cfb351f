/** What is wrong with a certificate, or will be (U-326). */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { KnownCrl } from "../ports.ts";
import type { CertificateProblem } from "../wire.ts";
import { certificatesIn, keyBits, type Parsed } from "./parsed.ts";

export interface Surroundings {
  /** Every CA certificate this backend has. */
  readonly authorities: readonly X509Certificate[];
  /** Agents by the fingerprint of what they show. */
  readonly holders: ReadonlyMap<string, ReadonlySet<string>>;
  /** Milliseconds. */
  readonly now: number;
}

type Rule = (certificate: Parsed, around: Surroundings) => string | false | undefined;

const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const ANY_USAGE = "2.5.29.37.0";
const MIN_RSA_BITS = 2048;

const date = (at: Date) => at.toISOString().slice(0, 10);

const RULES: Readonly<Record<string, Rule>> = {
  expired: ({ leaf }, { now }) => leaf.validToDate.getTime() < now && `expired on ${date(leaf.validToDate)}`,
  not_yet_valid: ({ leaf }, { now }) =>
    leaf.validFromDate.getTime() > now && `not valid before ${date(leaf.validFromDate)}: is a clock wrong?`,
  outlives_ca({ leaf, chain }, { authorities }) {
    const ca = issuerOf(leaf, [...chain, ...authorities]);
    if (ca === undefined || ca.validToDate >= leaf.validToDate) return undefined;
    return `its CA ends before it, on ${date(ca.validToDate)}: renew the CA first`;
  },
  name_missing({ known, leaf }) {
    const missing = known.hosts.filter((host) => !covers(leaf, host));
    return (
      missing.length > 0 && `no subject alternative name for ${missing.join(", ")}, which this backend's URLs name`
    );
  },
  not_loaded({ known, leaf }) {
    const disk = known.onDisk === undefined ? undefined : certificatesIn(known.onDisk)[0];
    if (disk === undefined || disk.fingerprint256 === leaf.fingerprint256) return undefined;
    return `the file holds another certificate, valid until ${date(disk.validToDate)}, that is not in use yet`;
  },
  key_does_not_fit: ({ known }) => !known.keyFits && "the key file does not belong to the certificate file",
  chain_incomplete({ known, leaf, chain }, { authorities }) {
    if (known.role === "ca" || leaf.ca || issuerOf(leaf, [leaf, ...chain, ...authorities])) return undefined;
    // Only public authorities tell where their certificate is to be had; a private root need not be at hand here.
    const fromElsewhere = leaf.infoAccess?.includes("CA Issuers") ?? false;
    return fromElsewhere && "the intermediate certificate is missing from the file: clients will not find the root";
  },
  no_client_auth({ known, leaf }) {
    const usages = leaf.keyUsage as readonly string[] | undefined;
    // The pair of an etcd member is both sides' (S-140).
    if (!["agent", "store"].includes(known.role) || usages === undefined || usages.length === 0) return undefined;
    return !usages.includes(CLIENT_AUTH) && !usages.includes(ANY_USAGE) && "its usage does not include client auth";
  },
  // What its own dates and usages forbid is told by those rules.
  refused: ({ known: { refusal } }) =>
    refusal !== undefined &&
    !/expired or is not yet valid: current|incompatible key usage$/.test(refusal) &&
    `other members would refuse it: ${refusal}`,
  weak_key: ({ leaf }) =>
    leaf.publicKey.asymmetricKeyType === "rsa" &&
    keyBits(leaf) < MIN_RSA_BITS &&
    `RSA key of ${keyBits(leaf)} bits: issue it again with at least ${MIN_RSA_BITS}`,
  // A root's own signature is not what makes it trusted.
  sha1: ({ leaf }) =>
    leaf.subject !== leaf.issuer && /sha1/i.test(leaf.signatureAlgorithm ?? "") && "signed with SHA-1: issue it again",
  shared({ known }, { holders }) {
    const names = holders.get(known.fingerprint);
    if (known.role !== "agent" || names === undefined || names.size < 2) return undefined;
    return `${names.size} agents show this certificate: revoking it cuts off all of them`;
  },
  revoked: ({ known }) => known.revoked && "revoked by its CA",
};

/** The first is the worst. */
export function certificateProblems(certificate: Parsed, around: Surroundings): readonly CertificateProblem[] {
  return Object.entries(RULES).flatMap(([code, rule]) => {
    const text = rule(certificate, around);
    return text ? [{ code, text }] : [];
  });
}

export function measuredProblems(notAfter: number, now: number): readonly CertificateProblem[] {
  return notAfter < now ? [{ code: "expired", text: `expired on ${date(new Date(notAfter))}` }] : [];
}

export function crlProblems(crl: KnownCrl, now: number): readonly CertificateProblem[] {
  if (crl.nextUpdate === 0 || crl.nextUpdate > now) return [];
  const text = `out of date since ${date(new Date(crl.nextUpdate))}: sign it again (sensu-pki crl) and publish it`;
  return [{ code: "crl_out_of_date", text }];
}

function issuerOf(leaf: X509Certificate, candidates: readonly X509Certificate[]): X509Certificate | undefined {
  return candidates.find((ca) => leaf.checkIssued(ca));
}

function covers(leaf: X509Certificate, host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return (isIP(bare) === 0 ? leaf.checkHost(bare, { subject: "never" }) : leaf.checkIP(bare)) !== undefined;
}
