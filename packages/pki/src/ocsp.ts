/** Asking a responder about one certificate (RFC 6960), without nonce so that answers can be cached (S-187). */
import { createHash, type KeyObject } from "node:crypto";
import { type Certificate, isIssuedBy, readCertificate } from "./cert.ts";
import {
  children,
  derNull,
  type Element,
  expect,
  integer,
  octetString,
  oid,
  readBits,
  readOid,
  readOnly,
  readTime,
  sequence,
  TAG,
} from "./der.ts";
import { PkiError } from "./errors.ts";
import { EXTENDED_KEY_USAGES } from "./extensions.ts";
import { keyIdentifier, verifyDocument } from "./keys.ts";

const SHA1 = "1.3.14.3.2.26";
const BASIC_RESPONSE = "1.3.6.1.5.5.7.48.1.1";
const OCSP_SIGNING = EXTENDED_KEY_USAGES["ocsp signing"] as string;
/** Answers of the responder about itself, by number. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: "malformed request",
  2: "internal error",
  3: "try later",
  5: "signature required",
  6: "unauthorized",
};

/** Names the certificate by hashes of its issuer; SHA-1 is what every responder knows (W-22). */
function certificateId(certificate: Certificate, issuer: Certificate): Buffer {
  return sequence(
    sequence(oid(SHA1), derNull()),
    octetString(createHash("sha1").update(issuer.subject).digest()),
    octetString(keyIdentifier(issuer.publicKeyInfo)),
    integer(certificate.serial),
  );
}

/** DER of the request for one certificate. */
export function createOcspRequest(certificate: Certificate, issuer: Certificate): Buffer {
  return sequence(sequence(sequence(sequence(certificateId(certificate, issuer)))));
}

export interface OcspStatus {
  readonly status: "good" | "revoked" | "unknown";
  readonly thisUpdate: Date;
  /** Absent: newer information is always available. */
  readonly nextUpdate: Date | undefined;
}

/**
 * What the answer says about the certificate. Throws when the responder refused, the answer is about another
 * certificate, or nobody entitled signed it: the issuer itself, or a responder the issuer certified for that.
 */
export function readOcspResponse(der: Buffer, certificate: Certificate, issuer: Certificate, now: Date): OcspStatus {
  const [status, body] = children(readOnly(der, TAG.sequence));
  const code = expect(status, TAG.enumerated).content[0] ?? 0;
  if (code !== 0) throw new PkiError(0, `the OCSP responder refused: ${REFUSALS[code] ?? `status ${code}`}`);
  const [type, content] = children(expect(children(expect(body, 0xa0))[0], TAG.sequence));
  if (readOid(type) !== BASIC_RESPONSE) throw new PkiError(0, "the OCSP answer is of a kind that is not supported");
  const basic = children(readOnly(expect(content, TAG.octetString).content, TAG.sequence));
  const data = expect(basic[0], TAG.sequence);
  verifySigner(basic, data, issuer, now);
  const fields = children(data);
  if (fields[0]?.tag === 0xa0) fields.shift();
  const wanted = children(readOnly(certificateId(certificate, issuer), TAG.sequence));
  for (const single of children(expect(fields[2], TAG.sequence))) {
    const [id, answer, thisUpdate, ...rest] = children(single);
    if (!sameCertificate(children(expect(id, TAG.sequence)), wanted)) continue;
    const next = rest.find((one) => one.tag === 0xa0);
    return {
      status: statusOf(answer),
      thisUpdate: readTime(thisUpdate),
      nextUpdate: next === undefined ? undefined : readTime(children(next)[0]),
    };
  }
  throw new PkiError(0, "the OCSP answer is about another certificate");
}

function statusOf(answer: Element | undefined): OcspStatus["status"] {
  if (answer?.tag === 0x80) return "good";
  return answer?.tag === 0xa1 ? "revoked" : "unknown";
}

/** Algorithm (its parameters may be absent), name hash, key hash, serial. */
function sameCertificate(given: readonly Element[], wanted: readonly Element[]): boolean {
  const algorithm = readOid(children(expect(given[0], TAG.sequence))[0]);
  return algorithm === SHA1 && [1, 2, 3].every((at) => given[at]?.raw.equals(wanted[at]?.raw ?? Buffer.alloc(0)));
}

function verifySigner(basic: readonly Element[], data: Element, issuer: Certificate, now: Date): void {
  const algorithm = readOid(children(expect(basic[1], TAG.sequence))[0]);
  const signature = readBits(basic[2]);
  const signedBy = (key: KeyObject) => verifyDocument(data.raw, algorithm, signature, key);
  if (signedBy(issuer.publicKey)) return;
  const list = basic[3] === undefined ? [] : children(expect(children(expect(basic[3], 0xa0))[0], TAG.sequence));
  for (const { raw } of list) {
    const signer = readCertificate(raw);
    const entitled =
      signer.extendedKeyUsages.includes(OCSP_SIGNING) &&
      signer.notBefore <= now &&
      signer.notAfter >= now &&
      isIssuedBy(signer, issuer);
    if (entitled && signedBy(signer.publicKey)) return;
  }
  throw new PkiError(0, "the OCSP answer is not signed by the certificate's issuer or a responder of it");
}
