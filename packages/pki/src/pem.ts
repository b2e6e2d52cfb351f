import { PkiError } from "./errors.ts";

export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** DER of every block with this label, in order. */
export function fromPem(text: string, label: string): Buffer[] {
  const blocks = text.matchAll(new RegExp(`-----BEGIN ${label}-----([^-]*)-----END ${label}-----`, "g"));
  return [...blocks].map(([, body = ""]) => Buffer.from(body, "base64"));
}

/** The certificate files: a chain, leaf first. */
export function certificateBlocks(text: string): Buffer[] {
  return fromPem(text, "CERTIFICATE");
}

/** DER of a file that holds exactly one certificate (S-56). */
export function onlyCertificate(text: string): Buffer {
  const blocks = certificateBlocks(text);
  const [der] = blocks;
  if (der === undefined) throw new PkiError(1002, "Failed to decode certificate");
  if (blocks.length > 1) throw new PkiError(1003, "the PEM file should contain only one object");
  return der;
}
