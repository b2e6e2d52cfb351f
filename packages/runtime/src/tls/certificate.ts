/** The facts of a certificate that people and programs are shown. */
import type { X509Certificate } from "node:crypto";

/** A certificate that a program serves, trusts or has met. */
export interface CertificateInUse {
  /** The option that names it. */
  readonly option: string;
  readonly path: string;
  readonly commonName: string;
  readonly subject: string;
  /** Hexadecimal, upper case. */
  readonly serial: string;
  readonly issuer: string;
  /** Subject alternative names, host names and addresses alike. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SHA-256 of the certificate, hexadecimal, lower case. */
  readonly fingerprint: string;
  /** Such as `RSA 2048`, `EC prime256v1`, `Ed25519`. */
  readonly key: string;
}

export function certificateInUse(option: string, path: string, certificate: X509Certificate): CertificateInUse {
  return {
    ...{ option, path },
    commonName: commonNameOf(certificate),
    subject: nameText(certificate.subject),
    serial: certificate.serialNumber.toUpperCase(),
    issuer: nameText(certificate.issuer),
    names: alternativeNames(certificate.subjectAltName),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    key: keyText(certificate),
  };
}

/** Node writes one attribute a line. */
function nameText(name: string | undefined): string {
  return (name ?? "").split("\n").join(", ");
}

/** The last one counts when there are several (S-176). */
function commonNameOf(certificate: X509Certificate): string {
  const names = (certificate.subject ?? "").split("\n").filter((line) => line.startsWith("CN="));
  return names.at(-1)?.slice(3) ?? "";
}

function keyText({ publicKey }: X509Certificate): string {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  const type = publicKey.asymmetricKeyType ?? "unknown";
  if (modulusLength !== undefined) return `${type.toUpperCase()} ${modulusLength}`;
  if (namedCurve !== undefined) return `EC ${namedCurve}`;
  return type === "ed25519" ? "Ed25519" : type;
}

/** Of Node's text form, `DNS:a, IP Address:10.0.0.1, DNS:"a, b"`: a value with special characters is a JSON string. */
export function alternativeNames(text: string | undefined): readonly string[] {
  return readNames(text).map(({ name }) => name);
}

/** Those that a server can be called by: URIs and mail addresses are for others. */
export function serverNames(text: string | undefined): {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
} {
  const of = (wanted: string) => readNames(text).flatMap(({ kind, name }) => (kind === wanted ? [name] : []));
  return { dns: of("DNS"), ip: of("IP Address") };
}

function readNames(text: string | undefined): readonly { readonly kind: string; readonly name: string }[] {
  const names: { kind: string; name: string }[] = [];
  for (const [, kind = "", quoted, plain] of (text ?? "").matchAll(
    /(DNS|IP Address|URI|email):(?:("(?:[^"\\]|\\.)*")|([^,]*))/g,
  )) {
    const name = quoted === undefined ? (plain ?? "") : String(JSON.parse(quoted));
    // An empty name is what cfssl writes for `-hostname=""` (S-52).
    if (name !== "") names.push({ kind, name: kind === "IP Address" ? plainAddress(name) : name });
  }
  return names;
}

function plainAddress(address: string): string {
  return address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/** As Go and our logs write a moment: RFC 3339, whole seconds, UTC. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+/, "");
}
