import { PkiError } from "./errors.ts";

export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

export interface PemBlock {
  readonly label: string;
  /** Undefined: the block is cut off, or something in it is not base64. */
  readonly der: Buffer | undefined;
  /** Such as `Proc-Type: 4,ENCRYPTED`. */
  readonly headers: readonly string[];
  /** The block as it stands in the file. */
  readonly text: string;
}

const DASHES = "-----";

/** Every block, in order; whatever stands between them is left out. */
export function pemBlocks(text: string): readonly PemBlock[] {
  return [...text.matchAll(/-----BEGIN ([^-\r\n]+)-----/g)].map(({ 0: begin, 1: label = "", index }) => {
    const start = index + begin.length;
    const last = `${DASHES}END ${label}${DASHES}`;
    const end = text.indexOf(DASHES, start);
    const whole = end >= 0 && text.startsWith(last, end);
    const lines = whole
      ? text
          .slice(start, end)
          .split("\n")
          .map((line) => line.trim())
      : [];
    const headers = lines.filter((line) => line.includes(":"));
    const base64 = lines.filter((line) => !line.includes(":")).join("");
    const readable = whole && base64.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(base64);
    const der = readable ? Buffer.from(base64, "base64") : undefined;
    return { label, der, headers, text: text.slice(index, whole ? end + last.length : start) };
  });
}

/** DER of every block with this label that can be read, in order. */
export function fromPem(text: string, label: string): Buffer[] {
  return pemBlocks(text).flatMap((block) => (block.label === label && block.der ? [block.der] : []));
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
