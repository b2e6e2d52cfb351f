/** Certificate revocation lists, version 2 (S-63, S-81, S-82). */
import type { KeyObject } from "node:crypto";
import type { Certificate } from "./cert.ts";
import {
  children,
  context,
  contextPrimitive,
  expect,
  integer,
  readBits,
  readOid,
  readOnly,
  readSpan,
  readTime,
  sequence,
  TAG,
  time,
  tlv,
} from "./der.ts";
import { PkiError } from "./errors.ts";
import { extension, OID, readExtensions } from "./extensions.ts";
import { samePublicKey, signatureFor, signDocument, verifyDocument } from "./keys.ts";

/** Reason codes of RFC 5280 5.3.1; 0 is written by leaving the code out. */
export const REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
} as const;

export type Reason = keyof typeof REASONS;

export interface Revocation {
  /** Unsigned big-endian. */
  serial: Buffer;
  at: Date;
  reason: Reason;
}

/** DER of the list. `number` undefined: no CRL number, as cfssl's own lists have none. */
export function createCrl(
  issuer: Certificate,
  key: KeyObject,
  revoked: readonly Revocation[],
  thisUpdate: Date,
  nextUpdate: Date,
  number?: number,
): Buffer {
  if (!samePublicKey(key, issuer.publicKey)) throw new PkiError(2300, "Private key does not match public key");
  const entries = revoked.map(({ serial, at, reason }) => {
    const code = REASONS[reason];
    const reasonCode =
      code === 0 ? [] : [sequence(extension(OID.reasonCode, tlv(TAG.enumerated, Buffer.from([code]))))];
    return sequence(integer(serial), time(at), ...reasonCode);
  });
  const extensions: Buffer[] = [];
  if (issuer.subjectKeyId !== undefined) {
    extensions.push(extension(OID.authorityKeyIdentifier, sequence(contextPrimitive(0, issuer.subjectKeyId))));
  }
  if (number !== undefined) extensions.push(extension(OID.crlNumber, integer(number)));
  const body = sequence(
    integer(1),
    signatureFor(key).algorithm,
    issuer.subject,
    time(thisUpdate),
    time(nextUpdate),
    // RFC 5280 5.1.2.6: without entries the field itself is absent.
    ...(entries.length === 0 ? [] : [sequence(Buffer.concat(entries))]),
    ...(extensions.length === 0 ? [] : [context(0, sequence(...extensions))]),
  );
  return signDocument(body, key);
}

export interface Crl {
  issuer: Buffer;
  thisUpdate: Date;
  nextUpdate: Date | undefined;
  /** Serials in lower-case hex without leading zeros. */
  serials: Set<string>;
  /** Changes against another list, or entries of several issuers: not a list one can go by alone. */
  partial: boolean;
  verify(issuer: Certificate): boolean;
}

/** Issuing distribution point whose `indirectCRL [4]` is true. */
function isIndirect(id: string, value: Buffer): boolean {
  if (id !== OID.issuingDistributionPoint) return false;
  return children(readOnly(value, TAG.sequence)).some((part) => part.tag === 0x84 && part.content[0] !== 0);
}

/** Public lists have hundreds of thousands of entries: nothing is made for one but its serial. */
function serialsOf(entries: Buffer): Set<string> {
  const serials = new Set<string>();
  const [entry, serial] = [
    { start: 0, end: 0 },
    { start: 0, end: 0 },
  ];
  for (let at = 0; at < entries.length; at = entry.end) {
    readSpan(entries, at, entries.length, TAG.sequence, entry);
    readSpan(entries, entry.start, entry.end, TAG.integer, serial);
    let from = serial.start;
    while (from < serial.end - 1 && entries[from] === 0) from++;
    serials.add(entries.toString("hex", from, serial.end));
  }
  return serials;
}

/** Reads a list in DER. */
export function readCrl(der: Buffer): Crl {
  const [body, algorithm, signature] = children(readOnly(der, TAG.sequence));
  const fields = children(expect(body, TAG.sequence));
  if (fields[0]?.tag === TAG.integer) fields.shift();
  const [, issuer, thisUpdate, ...rest] = fields;
  const isTime = rest[0]?.tag === TAG.utcTime || rest[0]?.tag === TAG.generalizedTime;
  const nextUpdate = isTime ? readTime(rest.shift()) : undefined;
  const entries = rest[0]?.tag === TAG.sequence ? rest[0].content : Buffer.alloc(0);
  const wrapped = rest.find((one) => one.tag === 0xa0);
  const list = wrapped === undefined ? [] : readExtensions(expect(children(wrapped)[0], TAG.sequence), readOid);
  const id = readOid(children(expect(algorithm, TAG.sequence))[0]);
  return {
    issuer: expect(issuer, TAG.sequence).raw,
    thisUpdate: readTime(thisUpdate),
    nextUpdate,
    serials: serialsOf(entries),
    partial: list.some(({ oid, value }) => oid === OID.deltaCrlIndicator || isIndirect(oid, value)),
    verify: (ca) =>
      ca.subject.equals(expect(issuer, TAG.sequence).raw) &&
      verifyDocument(expect(body, TAG.sequence).raw, id, readBits(signature), ca.publicKey),
  };
}
