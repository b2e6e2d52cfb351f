/**
 * The alerts that refuse a client's certificate, as TLS records (RFC 5246 7.2, RFC 8446 5 and 6): Node has no call that
 * sends one.
 */
import { createCipheriv, createHmac } from "node:crypto";

export const ALERTS = {
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  unknown_ca: 48,
  access_denied: 49,
  internal_error: 80,
  certificate_required: 116,
} as const;

export type Alert = keyof typeof ALERTS;

const FATAL = 2;
const ALERT_RECORD = 21;
const DATA_RECORD = 23;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** What the AEAD of a TLS 1.3 suite is called in `node:crypto`. */
const SUITES: Readonly<Record<string, { readonly aead: string; readonly hash: string; readonly keyBytes: number }>> = {
  TLS_AES_128_GCM_SHA256: { aead: "aes-128-gcm", hash: "sha256", keyBytes: 16 },
  TLS_AES_256_GCM_SHA384: { aead: "aes-256-gcm", hash: "sha384", keyBytes: 32 },
  TLS_CHACHA20_POLY1305_SHA256: { aead: "chacha20-poly1305", hash: "sha256", keyBytes: 32 },
};

/** For TLS 1.2, as long as the server has not changed to encrypted records. */
export function plainAlert(alert: Alert): Buffer {
  return Buffer.concat([recordHeader(ALERT_RECORD, 2), fatal(alert)]);
}

/** For TLS 1.3 after the server's Finished. `undefined` for a suite that is not known here. */
export function sealedAlert(alert: Alert, suite: string, secret: Buffer, sequence: number): Buffer | undefined {
  return sealRecord(fatal(alert), suite, secret, sequence);
}

/** `content` of an alert as the record number `sequence` under an application traffic secret. */
export function sealRecord(content: Buffer, suite: string, secret: Buffer, sequence: number): Buffer | undefined {
  const known = SUITES[suite];
  if (!known) return undefined;
  const key = expandLabel(known.hash, secret, "key", known.keyBytes);
  const nonce = expandLabel(known.hash, secret, "iv", NONCE_BYTES);
  const low = NONCE_BYTES - 4;
  nonce.writeUInt32BE((nonce.readUInt32BE(low) ^ sequence) >>> 0, low);
  const inner = Buffer.concat([content, Buffer.of(ALERT_RECORD)]);
  const header = recordHeader(DATA_RECORD, inner.length + TAG_BYTES);
  const cipher = createCipheriv(known.aead as "chacha20-poly1305", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(header, { plaintextLength: inner.length });
  const sealed = Buffer.concat([header, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
  key.fill(0);
  return sealed;
}

function fatal(alert: Alert): Buffer {
  return Buffer.of(FATAL, ALERTS[alert]);
}

/** The version in it is TLS 1.2's in both protocols. */
function recordHeader(type: number, length: number): Buffer {
  return Buffer.of(type, 3, 3, length >> 8, length & 0xff);
}

/** HKDF-Expand-Label without context (RFC 8446 7.1), for results no longer than one hash: keys and nonces are. */
function expandLabel(hash: string, secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.of(length >> 8, length & 0xff, name.length), name, Buffer.of(0)]);
  return createHmac(hash, secret).update(info).update(Buffer.of(1)).digest().subarray(0, length);
}
