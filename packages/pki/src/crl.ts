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
  readTime,
  sequence,
  TAG,
  time,
  tlv,
} from "./der.ts";
import { PkiError } from "./errors.ts";
import { extension, OID } from "./extensions.ts";
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
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
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
  verify(issuer: Certificate): boolean;
}

/** Reads a list in DER. */
export function readCrl(der: Buffer): Crl {
  const [body, algorithm, signature] = children(readOnly(der, TAG.sequence));
  const fields = children(expect(body, TAG.sequence));
  if (fields[0]?.tag === TAG.integer) fields.shift();
  const [, issuer, thisUpdate, ...rest] = fields;
  const isTime = rest[0]?.tag === TAG.utcTime || rest[0]?.tag === TAG.generalizedTime;
  const nextUpdate = isTime ? readTime(rest.shift()) : undefined;
  const entries = rest[0]?.tag === TAG.sequence ? children(rest[0]) : [];
  const id = readOid(children(expect(algorithm, TAG.sequence))[0]);
  return {
    issuer: expect(issuer, TAG.sequence).raw,
    thisUpdate: readTime(thisUpdate),
    nextUpdate,
    serials: new Set(
      entries.map((entry) =>
        expect(children(entry)[0], TAG.integer)
          .content.toString("hex")
          .replace(/^(?:00)+(?=..)/, ""),
      ),
    ),
    verify: (ca) =>
      ca.subject.equals(expect(issuer, TAG.sequence).raw) &&
      verifyDocument(expect(body, TAG.sequence).raw, id, readBits(signature), ca.publicKey),
  };
}
