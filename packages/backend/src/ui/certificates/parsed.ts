/** Certificates taken apart. */
import { X509Certificate } from "node:crypto";
import { SensuError } from "@sensu-ts/core";
import { certificateBlocks } from "@sensu-ts/pki";
import { type CertificateInUse, certificateInUse } from "@sensu-ts/runtime";
import type { KnownCertificate } from "../ports.ts";

export interface Parsed {
  readonly known: KnownCertificate;
  readonly leaf: X509Certificate;
  /** What is sent with it. */
  readonly chain: readonly X509Certificate[];
}

export function parse(known: KnownCertificate): Parsed {
  const [leaf, ...chain] = known.chain;
  if (leaf === undefined) throw new SensuError("internal", `no certificate in what ${known.option} serves`);
  return { known, leaf, chain };
}

/** Those of a PEM text that can be read: a file may be half written. */
export function certificatesIn(pem: string): X509Certificate[] {
  return certificateBlocks(pem).flatMap((der) => {
    try {
      return [new X509Certificate(der)];
    } catch {
      return [];
    }
  });
}

export function factsOf(certificate: X509Certificate): CertificateInUse {
  return certificateInUse("", "", certificate);
}

const CURVE_BITS: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

export function keyBits({ publicKey }: X509Certificate): number {
  const details = publicKey.asymmetricKeyDetails;
  if (details?.modulusLength !== undefined) return details.modulusLength;
  if (publicKey.asymmetricKeyType === "ed25519") return 256;
  return CURVE_BITS[details?.namedCurve ?? ""] ?? 0;
}
