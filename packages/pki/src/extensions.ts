/** The certificate extensions this package writes and reads, with their object identifiers. */
import { bitString, boolean, children, type Element, integer, octetString, oid, sequence, TAG } from "./der.ts";

export const OID = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  crlNumber: "2.5.29.20",
  reasonCode: "2.5.29.21",
  deltaCrlIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
  nameConstraints: "2.5.29.30",
  crlDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  ocsp: "1.3.6.1.5.5.7.48.1",
  caIssuers: "1.3.6.1.5.5.7.48.2",
  ocspNoCheck: "1.3.6.1.5.5.7.48.1.5",
  extensionRequest: "1.2.840.113549.1.9.14",
} as const;

/** Bits of the key usage extension, first one first (S-31). */
export const KEY_USAGES: Readonly<Record<string, number>> = {
  signing: 0,
  "digital signature": 0,
  "content commitment": 1,
  "key encipherment": 2,
  "data encipherment": 3,
  "key agreement": 4,
  "cert sign": 5,
  "crl sign": 6,
  "encipher only": 7,
  "decipher only": 8,
};

export const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  any: "2.5.29.37.0",
  "server auth": "1.3.6.1.5.5.7.3.1",
  "client auth": "1.3.6.1.5.5.7.3.2",
  "code signing": "1.3.6.1.5.5.7.3.3",
  "email protection": "1.3.6.1.5.5.7.3.4",
  "s/mime": "1.3.6.1.5.5.7.3.4",
  "ipsec end system": "1.3.6.1.5.5.7.3.5",
  "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
  "ipsec user": "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  "ocsp signing": "1.3.6.1.5.5.7.3.9",
  "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
  "netscape sgc": "2.16.840.1.113730.4.1",
};

export function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

export function keyUsageExtension(bits: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.floor(Math.max(...bits) / 8) + 1);
  for (const bit of bits) {
    const index = bit >> 3;
    bytes[index] = (bytes[index] ?? 0) | (0x80 >> (bit & 7));
  }
  return extension(OID.keyUsage, bitString(bytes, 7 - (Math.max(...bits) & 7)), true);
}

/** `maxPathLength` undefined: no limit. */
export function basicConstraintsExtension(isCa: boolean, maxPathLength?: number): Buffer {
  const limit = maxPathLength === undefined ? [] : [integer(maxPathLength)];
  return extension(OID.basicConstraints, isCa ? sequence(boolean(true), ...limit) : sequence(), true);
}

export interface Extension {
  oid: string;
  critical: boolean;
  value: Buffer;
}

export function readExtensions(list: Element, oidOf: (element: Element | undefined) => string): Extension[] {
  return children(list).map((one) => {
    const parts = children(one);
    const value = parts.at(-1);
    const critical = parts[1]?.tag === TAG.boolean && parts[1].content[0] !== 0;
    return { oid: oidOf(parts[0]), critical, value: value?.tag === TAG.octetString ? value.content : Buffer.alloc(0) };
  });
}
