/** Signing: what a profile and a request together become, and the certificate of the CA itself (S-34 to S-53). */
import { type KeyObject, randomBytes } from "node:crypto";
import { type Certificate, createCertificate, isIssuedBy } from "./cert.ts";
import { type CertificateRequest, createRequest, readRequest } from "./csr.ts";
import { derNull, oid, sequence, TAG, tlv } from "./der.ts";
import { PkiError } from "./errors.ts";
import { extension, OID } from "./extensions.ts";
import { classifyHosts, type Hosts } from "./hosts.ts";
import { keyIdentifier, samePublicKey } from "./keys.ts";
import { caProfile, extendedUsageIds, keyUsageBits, type Policy, type Profile } from "./profiles.ts";
import { encodeSubject, readSubject, type Subject } from "./subject.ts";

const MINUTE = 60_000;
const DEFAULT_BACKDATE = 5 * MINUTE;

/** A CA that can sign: its certificate with the key that belongs to it. */
export interface Authority {
  certificate: Certificate;
  key: KeyObject;
}

/** Throws `mismatch` unless the key is the certificate's. */
export function createAuthority(certificate: Certificate, key: KeyObject, mismatch = 1000): Authority {
  if (!samePublicKey(key, certificate.publicKey)) {
    throw new PkiError(mismatch, "the CA's private key does not match its certificate");
  }
  return { certificate, key };
}

/** 20 bytes, the top bit cleared so that the number is positive (S-35). */
export function randomSerial(): Buffer {
  const serial = randomBytes(20);
  serial[0] = (serial[0] ?? 0) & 0x7f;
  return serial;
}

export interface SignRequest {
  request: CertificateRequest;
  profile: Profile;
  /** Takes the place of the request's names; undefined leaves them. */
  hosts?: Hosts | undefined;
  /** Takes the place of the request's subject. */
  subject?: Subject | undefined;
  crlUrl?: string | undefined;
  now: Date;
}

function policyExtension(policies: readonly Policy[]): Buffer {
  const values = policies.map(({ id, qualifiers }) => {
    const list = qualifiers.map(({ type, value }) =>
      type === "id-qt-cps"
        ? sequence(oid("1.3.6.1.5.5.7.2.1"), tlv(TAG.ia5String, Buffer.from(value)))
        : sequence(oid("1.3.6.1.5.5.7.2.2"), sequence(tlv(TAG.utf8String, Buffer.from(value)))),
    );
    return sequence(oid(id), ...(list.length === 0 ? [] : [sequence(...list)]));
  });
  return extension(OID.certificatePolicies, sequence(...values));
}

function checkNames(profile: Profile, subject: Subject, hosts: Hosts): void {
  const pattern = profile.nameWhitelist;
  if (pattern === undefined) return;
  const names = [
    ...(subject.commonName === "" ? [] : [subject.commonName]),
    ...hosts.dns,
    ...hosts.email,
    ...hosts.uri,
  ];
  if (names.some((name) => !pattern.test(name))) {
    throw new PkiError(5500, "a name of the request does not match the policy's whitelist");
  }
}

function checkCa(request: CertificateRequest, profile: Profile, issuer: Certificate | undefined): void {
  if (request.ca === undefined && profile.ca === undefined) return;
  if (profile.ca === undefined) throw new PkiError(5300, "the profile does not allow issuing a CA certificate");
  const limit = issuer?.ca?.maxPathLength;
  if (limit === undefined) return;
  const wanted = profile.ca.maxPathLength;
  if (limit === 0 || (wanted ?? 0) >= limit) {
    throw new PkiError(5300, "the path length of the CA certificate does not allow issuing this CA certificate");
  }
}

/** Start and end of validity: whole minutes, the start lies a little back so that clocks may differ (S-38, S-39). */
export function validity(profile: Profile, now: Date): { notBefore: Date; notAfter: Date } {
  const rounded = Math.round(now.getTime() / MINUTE) * MINUTE;
  const start = profile.notBefore?.getTime() ?? rounded - (profile.backdate ?? DEFAULT_BACKDATE);
  const end = profile.notAfter?.getTime() ?? start + profile.expiry;
  return { notBefore: new Date(start), notAfter: new Date(end) };
}

/**
 * Signs a request: PEM of the certificate. `issuer` undefined makes a self-signed one by `key`, which then is the
 * request's own.
 */
function sign(order: SignRequest, key: KeyObject, issuer: Certificate | undefined): string {
  const { request, profile } = order;
  checkCa(request, profile, issuer);
  const subject = order.subject ?? readSubject(request.subject);
  const hosts = order.hosts ?? request.hosts;
  checkNames(profile, subject, hosts);
  const name = encodeSubject(subject);
  const crlUrl = order.crlUrl || profile.crlUrl;
  return createCertificate(
    {
      serial: randomSerial(),
      subject: name,
      issuer: issuer?.subject ?? name,
      ...validity(profile, order.now),
      publicKeyInfo: request.publicKeyInfo,
      keyUsages: keyUsageBits(profile.usages),
      extendedKeyUsages: extendedUsageIds(profile.usages),
      ca: profile.ca,
      authorityKeyId: issuer && (issuer.subjectKeyId ?? keyIdentifier(issuer.publicKeyInfo)),
      // A CA is known by no name of a host; IP addresses stay, as in cfssl (S-53).
      hosts: profile.ca === undefined ? hosts : { dns: [], email: [], ip: hosts.ip, uri: [] },
      ocspUrls: profile.ocspUrl === "" ? [] : [profile.ocspUrl],
      issuerUrls: profile.issuerUrls,
      crlUrls: crlUrl ? [crlUrl] : [],
      others: [
        ...(profile.policies.length > 0 ? [policyExtension(profile.policies)] : []),
        ...(profile.ocspNoCheck ? [extension(OID.ocspNoCheck, derNull())] : []),
      ],
    },
    key,
  );
}

export function signRequest(order: SignRequest, authority: Authority): string {
  return sign(order, authority.key, authority.certificate);
}

export function selfSign(order: SignRequest, key: KeyObject): string {
  if (!samePublicKey(key, order.request.publicKey)) throw new PkiError(2300, "Private key does not match public key");
  return sign(order, key, undefined);
}

export interface CaRequest {
  subject: Subject;
  hosts: readonly string[];
  /** Milliseconds; undefined: five years. */
  expiry?: number | undefined;
  backdate?: number | undefined;
  maxPathLength?: number | undefined;
  /** Whether the request carries the constraint too: cfssl does so when a `ca` section was given. */
  constraintInRequest?: boolean;
  crlUrl?: string | undefined;
}

/** A self-signed CA certificate for `key`, with its request; both PEM. */
export function createCa(order: CaRequest, key: KeyObject, now: Date): { certificate: string; request: string } {
  const constraint = { maxPathLength: order.maxPathLength };
  const request = createRequest(
    encodeSubject(order.subject),
    classifyHosts(order.hosts),
    key,
    order.constraintInRequest === true ? constraint : undefined,
  );
  const base = caProfile();
  const profile = { ...base, expiry: order.expiry ?? base.expiry, backdate: order.backdate, ca: constraint };
  const certificate = selfSign({ request: readRequest(request), profile, crlUrl: order.crlUrl, now }, key);
  return { certificate, request };
}

/** The same CA once more: key, subject and names kept, new serial, as long from now as it once was (S-57, S-80). */
export function renewCa(authority: Authority, now: Date, expiry?: number): { certificate: string; request: string } {
  const old = authority.certificate;
  if (old.ca === undefined) throw new PkiError(1000, "the certificate is not a CA's");
  const subject = readSubject(old.subject);
  const request = createRequest(encodeSubject(subject), old.hosts, authority.key, old.ca);
  const profile = {
    ...caProfile(),
    expiry: expiry ?? old.notAfter.getTime() - old.notBefore.getTime(),
    ca: { maxPathLength: old.ca.maxPathLength },
  };
  const crlUrl = old.crlUrls[0];
  return { certificate: selfSign({ request: readRequest(request), profile, crlUrl, now }, authority.key), request };
}

/** Whether a chain of `issuers` leads from the certificate to a self-signed one among them. */
export function verifiesTo(certificate: Certificate, issuers: readonly Certificate[]): boolean {
  let current = certificate;
  for (let depth = 0; depth < 8; depth++) {
    const issuer = issuers.find((one) => isIssuedBy(current, one));
    if (issuer === undefined) return false;
    if (issuer.subject.equals(issuer.issuer)) return true;
    current = issuer;
  }
  return false;
}
