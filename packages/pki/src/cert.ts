/** X.509 certificates: building one field by field as cfssl does (S-34 to S-48), and reading any. */
import { createHash, type KeyObject } from "node:crypto";
import { type CaConstraint, readCaConstraint } from "./csr.ts";
import {
  children,
  context,
  contextPrimitive,
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
  time,
} from "./der.ts";
import { PkiError } from "./errors.ts";
import {
  basicConstraintsExtension,
  type Extension,
  extension,
  keyUsageExtension,
  OID,
  readExtensions,
} from "./extensions.ts";
import { countHosts, encodeHosts, type Hosts, noHosts, readHosts } from "./hosts.ts";
import {
  keyIdentifier,
  readPublicKeyInfo,
  signatureFor,
  signatureNameOf,
  signDocument,
  verifyDocument,
} from "./keys.ts";
import { onlyCertificate, toPem } from "./pem.ts";
import { readSubject } from "./subject.ts";

export interface CertificateTemplate {
  serial: Buffer;
  /** DER names. */
  subject: Buffer;
  issuer: Buffer;
  notBefore: Date;
  notAfter: Date;
  publicKeyInfo: Buffer;
  /** Bits of the key usage, none: extension absent. */
  keyUsages: readonly number[];
  /** Object identifiers in their order. */
  extendedKeyUsages: readonly string[];
  ca: CaConstraint | undefined;
  /** Issuer's subject key identifier; undefined on a self-signed certificate. */
  authorityKeyId: Buffer | undefined;
  hosts: Hosts;
  ocspUrls: readonly string[];
  issuerUrls: readonly string[];
  crlUrls: readonly string[];
  /** Whole extensions, written last. */
  others: readonly Buffer[];
}

function extensionsOf(template: CertificateTemplate): Buffer[] {
  const list: Buffer[] = [];
  if (template.keyUsages.length > 0) list.push(keyUsageExtension(template.keyUsages));
  if (template.extendedKeyUsages.length > 0) {
    list.push(extension(OID.extendedKeyUsage, sequence(...template.extendedKeyUsages.map(oid))));
  }
  list.push(basicConstraintsExtension(template.ca !== undefined, template.ca?.maxPathLength));
  list.push(extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(template.publicKeyInfo))));
  if (template.authorityKeyId !== undefined) {
    list.push(extension(OID.authorityKeyIdentifier, sequence(contextPrimitive(0, template.authorityKeyId))));
  }
  const access = [
    ...template.ocspUrls.map((url) => sequence(oid(OID.ocsp), contextPrimitive(6, Buffer.from(url)))),
    ...template.issuerUrls.map((url) => sequence(oid(OID.caIssuers), contextPrimitive(6, Buffer.from(url)))),
  ];
  if (access.length > 0) list.push(extension(OID.authorityInfoAccess, sequence(...access)));
  if (countHosts(template.hosts) > 0) {
    // A certificate without a subject is known by these names alone (S-46).
    const critical = template.subject.length === 2;
    list.push(extension(OID.subjectAltName, encodeHosts(template.hosts), critical));
  }
  if (template.crlUrls.length > 0) {
    const points = template.crlUrls.map((url) =>
      sequence(context(0, context(0, contextPrimitive(6, Buffer.from(url))))),
    );
    list.push(extension(OID.crlDistributionPoints, sequence(...points)));
  }
  return [...list, ...template.others];
}

/** PEM of the certificate, signed by the issuer's key. */
export function createCertificate(template: CertificateTemplate, issuerKey: KeyObject): string {
  const body = sequence(
    context(0, integer(2)),
    integer(template.serial),
    signatureFor(issuerKey).algorithm,
    template.issuer,
    sequence(time(template.notBefore), time(template.notAfter)),
    template.subject,
    template.publicKeyInfo,
    context(3, sequence(...extensionsOf(template))),
  );
  return toPem("CERTIFICATE", signDocument(body, issuerKey));
}

export interface Certificate {
  der: Buffer;
  /** Unsigned big-endian, without leading zeros. */
  serial: Buffer;
  subject: Buffer;
  issuer: Buffer;
  commonName: string;
  notBefore: Date;
  notAfter: Date;
  publicKeyInfo: Buffer;
  publicKey: KeyObject;
  signatureAlgorithm: string;
  hosts: Hosts;
  /** Bits; undefined when the extension is absent. */
  keyUsages: number[] | undefined;
  extendedKeyUsages: string[];
  ca: CaConstraint | undefined;
  subjectKeyId: Buffer | undefined;
  authorityKeyId: Buffer | undefined;
  crlUrls: string[];
  /** Responders the certificate names. */
  ocspUrls: string[];
  extensions: Extension[];
  /** For checking who signed it. */
  signed: { body: Buffer; algorithm: string; signature: Buffer };
}

function bitsOf(value: Buffer): number[] {
  const bytes = readBits(readOnly(value, TAG.bitString));
  return [...bytes].flatMap((byte, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (0x80 >> bit)).map((bit) => at * 8 + bit),
  );
}

function crlUrlsOf(value: Buffer): string[] {
  return children(readOnly(value, TAG.sequence)).flatMap((point) =>
    children(point)
      .filter((part) => part.tag === 0xa0)
      .flatMap(children)
      .filter((name) => name.tag === 0xa0)
      .flatMap(children)
      .filter((name) => name.tag === 0x86)
      .map((name) => name.content.toString("utf8")),
  );
}

function ocspUrlsOf(value: Buffer): string[] {
  return children(readOnly(value, TAG.sequence)).flatMap((description) => {
    const [method, location] = children(expect(description, TAG.sequence));
    return readOid(method) === OID.ocsp && location?.tag === 0x86 ? [location.content.toString("utf8")] : [];
  });
}

/** Reads one certificate, PEM (exactly one block) or DER; throws 1002 or 1003. */
export function readCertificate(file: string | Buffer): Certificate {
  const der = typeof file === "string" ? onlyCertificate(file) : file;
  try {
    return parse(der);
  } catch (error) {
    if (error instanceof PkiError) throw error;
    throw new PkiError(1003, "Failed to parse certificate", { cause: error });
  }
}

function parse(der: Buffer): Certificate {
  const [body, algorithm, signature] = children(readOnly(der, TAG.sequence));
  const fields = children(expect(body, TAG.sequence));
  // Version 1 certificates have no version field.
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [serial, , issuer, validity, subject, spki, ...rest] = fields;
  const [notBefore, notAfter] = children(expect(validity, TAG.sequence));
  const wrapped = rest.find((one) => one.tag === 0xa3);
  const list = wrapped === undefined ? undefined : children(wrapped)[0];
  const extensions = list === undefined ? [] : readExtensions(expect(list, TAG.sequence), readOid);
  const find = (id: string): Buffer | undefined => extensions.find((one) => one.oid === id)?.value;
  const names = find(OID.subjectAltName);
  const usage = find(OID.keyUsage);
  const extended = find(OID.extendedKeyUsage);
  const constraint = find(OID.basicConstraints);
  const ski = find(OID.subjectKeyIdentifier);
  const aki = find(OID.authorityKeyIdentifier);
  const points = find(OID.crlDistributionPoints);
  const access = find(OID.authorityInfoAccess);
  const publicKeyDer = expect(spki, TAG.sequence).raw;
  const algorithmId = readOid(children(expect(algorithm, TAG.sequence))[0]);
  const subjectDer = expect(subject, TAG.sequence).raw;
  return {
    der,
    serial: trimmed(expect(serial, TAG.integer).content),
    subject: subjectDer,
    issuer: expect(issuer, TAG.sequence).raw,
    commonName: readSubject(subjectDer).commonName,
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    publicKeyInfo: publicKeyDer,
    publicKey: readPublicKeyInfo(publicKeyDer),
    signatureAlgorithm: signatureNameOf(algorithmId) ?? algorithmId,
    hosts: names === undefined ? noHosts() : readHosts(names),
    keyUsages: usage === undefined ? undefined : bitsOf(usage),
    extendedKeyUsages: extended === undefined ? [] : children(readOnly(extended, TAG.sequence)).map(readOid),
    ca: constraint === undefined ? undefined : readCaConstraint(constraint),
    subjectKeyId: ski === undefined ? undefined : readOnly(ski, TAG.octetString).content,
    authorityKeyId:
      aki === undefined ? undefined : children(readOnly(aki, TAG.sequence)).find((one) => one.tag === 0x80)?.content,
    crlUrls: points === undefined ? [] : crlUrlsOf(points),
    ocspUrls: access === undefined ? [] : ocspUrlsOf(access),
    extensions,
    signed: { body: expect(body, TAG.sequence).raw, algorithm: algorithmId, signature: readBits(signature) },
  };
}

function trimmed(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  return bytes.subarray(start);
}

/** Whether `issuer` signed `certificate`: names fit, the issuer is a CA and the signature is its own. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (!certificate.issuer.equals(issuer.subject) || issuer.ca === undefined) return false;
  const { body, algorithm, signature } = certificate.signed;
  return signatureNameOf(algorithm) !== undefined && verifyDocument(body, algorithm, signature, issuer.publicKey);
}

export function serialDecimal(serial: Buffer): string {
  return BigInt(`0x${serial.toString("hex") || "0"}`).toString();
}

export function fingerprint(der: Buffer): string {
  return createHash("sha256").update(der).digest("hex");
}

export function certificatePem(certificate: Certificate): string {
  return toPem("CERTIFICATE", certificate.der);
}
