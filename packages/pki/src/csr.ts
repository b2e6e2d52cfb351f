/** Certificate requests, PKCS#10 (S-49). */
import type { KeyObject } from "node:crypto";
import {
  children,
  context,
  type Element,
  expect,
  integer,
  oid,
  readBits,
  readOid,
  readOnly,
  sequence,
  set,
  TAG,
} from "./der.ts";
import { PkiError } from "./errors.ts";
import { basicConstraintsExtension, extension, OID, readExtensions } from "./extensions.ts";
import { countHosts, encodeHosts, type Hosts, noHosts, readHosts } from "./hosts.ts";
import { publicKeyInfo, readPublicKeyInfo, signatureNameOf, signDocument, verifyDocument } from "./keys.ts";
import { fromPem, toPem } from "./pem.ts";

/** Basic constraints that a request for a CA asks for. */
export interface CaConstraint {
  /** undefined: no limit. */
  maxPathLength: number | undefined;
}

export interface CertificateRequest {
  der: Buffer;
  /** DER of the name. */
  subject: Buffer;
  publicKeyInfo: Buffer;
  publicKey: KeyObject;
  hosts: Hosts;
  ca: CaConstraint | undefined;
  signatureAlgorithm: string;
}

/** PEM of a request signed by its own key; `subject` is DER. */
export function createRequest(subject: Buffer, hosts: Hosts, key: KeyObject, ca?: CaConstraint): string {
  const extensions: Buffer[] = [];
  if (countHosts(hosts) > 0) extensions.push(extension(OID.subjectAltName, encodeHosts(hosts)));
  if (ca !== undefined) extensions.push(basicConstraintsExtension(true, ca.maxPathLength));
  const attributes = extensions.length === 0 ? [] : [sequence(oid(OID.extensionRequest), set(sequence(...extensions)))];
  const body = sequence(integer(0), subject, publicKeyInfo(key), context(0, ...attributes));
  return toPem("CERTIFICATE REQUEST", signDocument(body, key));
}

function requestedExtensions(attributes: Element | undefined): ReturnType<typeof readExtensions> {
  if (attributes === undefined) return [];
  for (const attribute of children(expect(attributes, 0xa0))) {
    const [id, values] = children(expect(attribute, TAG.sequence));
    if (readOid(id) !== OID.extensionRequest) continue;
    const [list] = children(expect(values, TAG.set));
    return readExtensions(expect(list, TAG.sequence), readOid);
  }
  return [];
}

/** Reads PEM or DER; throws 9002 or 9003, also when the request is not signed by its own key. */
export function readRequest(file: string | Buffer): CertificateRequest {
  const text = typeof file === "string" ? file : file.toString("latin1");
  const [block] = [...fromPem(text, "CERTIFICATE REQUEST"), ...fromPem(text, "NEW CERTIFICATE REQUEST")];
  const der = block ?? (typeof file === "string" ? undefined : file);
  if (der === undefined || der.length === 0) throw new PkiError(9002, "CSR Decode failed");
  let request: CertificateRequest;
  let signed: boolean;
  try {
    const [body, algorithm, signature] = children(readOnly(der, TAG.sequence));
    const [, subject, spki, attributes] = children(expect(body, TAG.sequence));
    const algorithmId = readOid(children(expect(algorithm, TAG.sequence))[0]);
    const publicKeyDer = expect(spki, TAG.sequence).raw;
    const publicKey = readPublicKeyInfo(publicKeyDer);
    const extensions = requestedExtensions(attributes);
    const names = extensions.find((one) => one.oid === OID.subjectAltName);
    const constraint = extensions.find((one) => one.oid === OID.basicConstraints);
    request = {
      der,
      subject: expect(subject, TAG.sequence).raw,
      publicKeyInfo: publicKeyDer,
      publicKey,
      hosts: names === undefined ? noHosts() : readHosts(names.value),
      ca: constraint === undefined ? undefined : readCaConstraint(constraint.value),
      signatureAlgorithm: signatureNameOf(algorithmId) ?? algorithmId,
    };
    signed = verifyDocument(expect(body, TAG.sequence).raw, algorithmId, readBits(signature), publicKey);
  } catch (error) {
    throw new PkiError(9003, "Failed to parse the certificate request", { cause: error });
  }
  if (!signed) throw new PkiError(9003, "the certificate request is not signed by its own key");
  return request;
}

/** undefined for `CA:FALSE`. */
export function readCaConstraint(value: Buffer): CaConstraint | undefined {
  const parts = children(readOnly(value, TAG.sequence));
  if (parts[0]?.tag !== TAG.boolean || parts[0].content[0] === 0) return undefined;
  const limit = parts[1];
  return {
    maxPathLength:
      limit === undefined
        ? undefined
        : expect(limit, TAG.integer).content.readUIntBE(0, Math.min(limit.content.length, 6)),
  };
}
