/** Private keys: making, reading and writing them, and the signature each one gives (S-24, S-36, S-40). */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { bitString, children, derNull, oid, readBits, readOnly, sequence, TAG } from "./der.ts";
import { PkiError } from "./errors.ts";
import { type PemBlock, pemBlocks } from "./pem.ts";

/** As in a request: `rsa` 2048 to 8192, `ecdsa` 256, 384 or 521, `ed25519` (size 0). */
export interface KeyRequest {
  algo: string;
  size: number;
}

const CURVES: Record<number, string> = { 256: "prime256v1", 384: "secp384r1", 521: "secp521r1" };

export function generateKey({ algo, size }: KeyRequest): KeyObject {
  switch (algo) {
    case "rsa":
      if (size < 2048) throw new PkiError(2400, "RSA key is too weak");
      if (size > 8192) throw new PkiError(2400, "RSA key size too large");
      return generateKeyPairSync("rsa", { modulusLength: size }).privateKey;
    case "ecdsa": {
      const namedCurve = CURVES[size];
      if (namedCurve === undefined) throw new PkiError(2400, "invalid curve");
      return generateKeyPairSync("ec", { namedCurve }).privateKey;
    }
    case "ed25519":
      return generateKeyPairSync("ed25519").privateKey;
    default:
      throw new PkiError(2400, "invalid algorithm");
  }
}

/**
 * PEM as cfssl writes it: PKCS#1, SEC1, or PKCS#8 for Ed25519. With a passphrase PKCS#8 encrypted by AES-256, which
 * OpenSSL and Node read.
 */
export function privateKeyPem(key: KeyObject, passphrase?: string): string {
  if (passphrase !== undefined) {
    return String(key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }));
  }
  if (key.asymmetricKeyType === "rsa") return String(key.export({ type: "pkcs1", format: "pem" }));
  if (key.asymmetricKeyType === "ec") return String(key.export({ type: "sec1", format: "pem" }));
  return String(key.export({ type: "pkcs8", format: "pem" }));
}

/** What a file holds: the first block whose label says so, whatever kind of key it names (S-55). */
function keyBlock(pem: string): PemBlock | undefined {
  return pemBlocks(pem).find(({ label, der }) => /(^| )PRIVATE KEY$/.test(label) && der !== undefined);
}

function isEncrypted({ label, headers }: PemBlock): boolean {
  return label === "ENCRYPTED PRIVATE KEY" || headers.some((header) => /^Proc-Type: 4,ENCRYPTED$/.test(header));
}

export function isEncryptedKey(pem: string): boolean {
  const block = keyBlock(pem);
  return block !== undefined && isEncrypted(block);
}

/** Reads PKCS#1, SEC1 (an EC PARAMETERS block before it is skipped) or PKCS#8. Errors never quote the key. */
export function readPrivateKey(pem: string, passphrase?: string): KeyObject {
  const block = keyBlock(pem);
  if (block?.der === undefined) throw new PkiError(2002, "Failed to decode private key");
  if (!isEncrypted(block)) return readKeyDer(block.der);
  if (passphrase === undefined) throw new PkiError(2100, "Private key is encrypted.");
  try {
    return createPrivateKey({ key: block.text, passphrase });
  } catch {
    // The cause stays out: it may hold bytes of the key.
    throw new PkiError(2003, "the passphrase does not open the private key");
  }
}

/** The content tells the form: cfssl 1.6, for one, labels PKCS#8 of Ed25519 with a name that OpenSSL does not know. */
function readKeyDer(der: Buffer): KeyObject {
  for (const type of ["pkcs1", "pkcs8", "sec1"] as const) {
    try {
      return createPrivateKey({ key: der, format: "der", type });
    } catch {
      // The next form; and the cause stays out, it may hold bytes of the key.
    }
  }
  throw new PkiError(2003, "Failed to parse private key");
}

interface Signature {
  /** Name as Go prints it, such as `ECDSAWithSHA384`. */
  name: string;
  /** DER of the AlgorithmIdentifier. */
  algorithm: Buffer;
  /** Hash; null where the algorithm has its own. */
  hash: string | null;
}

const SIGNATURES = {
  SHA256WithRSA: { id: "1.2.840.113549.1.1.11", hash: "sha256" },
  SHA384WithRSA: { id: "1.2.840.113549.1.1.12", hash: "sha384" },
  SHA512WithRSA: { id: "1.2.840.113549.1.1.13", hash: "sha512" },
  SHA1WithRSA: { id: "1.2.840.113549.1.1.5", hash: "sha1" },
  ECDSAWithSHA256: { id: "1.2.840.10045.4.3.2", hash: "sha256" },
  ECDSAWithSHA384: { id: "1.2.840.10045.4.3.3", hash: "sha384" },
  ECDSAWithSHA512: { id: "1.2.840.10045.4.3.4", hash: "sha512" },
  Ed25519: { id: "1.3.101.112", hash: null },
} as const;

type SignatureName = keyof typeof SIGNATURES;

export function signatureNameOf(id: string): string | undefined {
  return (Object.keys(SIGNATURES) as SignatureName[]).find((name) => SIGNATURES[name].id === id);
}

function nameFor(key: KeyObject): SignatureName {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case "rsa": {
      const bits = details?.modulusLength ?? 0;
      if (bits >= 4096) return "SHA512WithRSA";
      return bits >= 3072 ? "SHA384WithRSA" : "SHA256WithRSA";
    }
    case "ec":
      if (details?.namedCurve === "secp521r1") return "ECDSAWithSHA512";
      return details?.namedCurve === "secp384r1" ? "ECDSAWithSHA384" : "ECDSAWithSHA256";
    case "ed25519":
      return "Ed25519";
    default:
      throw new PkiError(2200, "Private key algorithm is not RSA, ECC or Ed25519");
  }
}

export function signatureFor(key: KeyObject): Signature {
  const name = nameFor(key);
  const { id, hash } = SIGNATURES[name];
  return { name, hash, algorithm: name.endsWith("RSA") ? sequence(oid(id), derNull()) : sequence(oid(id)) };
}

/** `SEQUENCE { body, algorithm, signature }`: the shape of certificates, requests and CRLs. */
export function signDocument(body: Buffer, key: KeyObject): Buffer {
  const { algorithm, hash } = signatureFor(key);
  return sequence(body, algorithm, bitString(sign(hash, body, key)));
}

/** Whether `signature` over `body` by algorithm `id` is `key`'s. */
export function verifyDocument(body: Buffer, id: string, signature: Buffer, key: KeyObject): boolean {
  const name = signatureNameOf(id) as SignatureName | undefined;
  if (name === undefined) throw new PkiError(9003, `signature algorithm ${id} is not supported`);
  try {
    return verify(SIGNATURES[name].hash, body, key, signature);
  } catch {
    return false;
  }
}

/** DER of the SubjectPublicKeyInfo. */
export function publicKeyInfo(key: KeyObject): Buffer {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ type: "spki", format: "der" });
}

export function readPublicKeyInfo(der: Buffer): KeyObject {
  try {
    return createPublicKey({ key: der, type: "spki", format: "der" });
  } catch (error) {
    throw new PkiError(1003, "the public key is of a kind that is not supported", { cause: error });
  }
}

/** PKIX PEM, or the key of a certificate. */
export function readPublicKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw new PkiError(1003, "Failed to parse the public key", { cause: error });
  }
}

/** SHA-1 of the public key's bits: RFC 5280 4.2.1.2, method 1. SHA-1 names a key here, it protects nothing (S-44). */
export function keyIdentifier(spki: Buffer): Buffer {
  const [, bits] = children(readOnly(spki, TAG.sequence));
  return createHash("sha1").update(readBits(bits)).digest();
}

/** Whether a private (or public) key and a public key are one pair. */
export function samePublicKey(one: KeyObject, other: KeyObject): boolean {
  return publicKeyInfo(one).equals(publicKeyInfo(other));
}

/** For logs and lists: `rsa-2048`, `ecdsa-384`, `ed25519`. */
export function describeKey(key: KeyObject): string {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === "rsa") return `rsa-${details?.modulusLength}`;
  if (key.asymmetricKeyType === "ec") {
    return `ecdsa-${Object.entries(CURVES).find(([, curve]) => curve === details?.namedCurve)?.[0] ?? "?"}`;
  }
  return key.asymmetricKeyType ?? "?";
}

/** The request that makes a key of the same kind. */
export function keyRequestOf(key: KeyObject): KeyRequest {
  const [algo = "", size = "0"] = describeKey(key).split("-");
  return { algo, size: Number(size) };
}
