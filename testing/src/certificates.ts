/**
 * A private PKI for tests: authorities, intermediates, and certificates with every fault a peer can show. Keys of a
 * kind that is slow to make (RSA) are made once a process and shared; the others are new for each certificate.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import {
  type Certificate,
  classifyHosts,
  createCertificate,
  createCrl,
  emptySubject,
  encodeSubject,
  extendedUsageIds,
  keyIdentifier,
  keyUsageBits,
  noHosts,
  privateKeyPem,
  publicKeyInfo,
  randomSerial,
  readCertificate,
} from "@sensu-ts/pki";

const DAY_MS = 86_400_000;

export type KeyKind = "p256" | "p384" | "ed25519" | "rsa2048" | "rsa1024";

/** Extended key usages as profiles name them; `none` writes no such extension: good for everything. */
const USAGES = {
  server: ["server auth"],
  client: ["client auth"],
  both: ["server auth", "client auth"],
  codeSigning: ["code signing"],
  ocspSigning: ["ocsp signing"],
  any: ["any"],
  none: [],
} as const;

export interface IssueOptions {
  /** One, several in their order, or none (`""`). Default: `agent`. */
  readonly cn?: string | readonly string[];
  /** Names and addresses; `[""]` makes the one empty name of the guide's agent certificate (S-52). Default: no names. */
  readonly san?: readonly string[];
  /** Extended key usage. Default: `client`. */
  readonly usage?: keyof typeof USAGES;
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in 90 days. */
  readonly notAfter?: Date;
  readonly key?: KeyKind;
  readonly crlUrls?: readonly string[];
  readonly ocspUrls?: readonly string[];
  /** Where the issuer's certificate is to be had. */
  readonly issuerUrls?: readonly string[];
}

/** A certificate with its key, in PEM. */
export class TestPair {
  readonly certificate: Certificate;
  readonly key: KeyObject;
  /** The leaf alone. */
  readonly pem: string;
  /** The leaf, then the intermediates up to but without the root. */
  readonly chainPem: string;

  constructor(pem: string, key: KeyObject, intermediates: readonly string[]) {
    this.pem = pem;
    this.key = key;
    this.chainPem = [pem, ...intermediates].join("");
    this.certificate = readCertificate(pem);
  }

  get keyPem(): string {
    return privateKeyPem(this.key);
  }

  /** Upper-case hex, as OpenSSL and our logs show it. */
  get serial(): string {
    return this.certificate.serial.toString("hex").toUpperCase();
  }

  /** `NAME.pem` (with the intermediates unless `truncated`) and `NAME-key.pem`. */
  write(folder: string, name: string, options: { truncated?: boolean } = {}): { certFile: string; keyFile: string } {
    const certFile = path.join(folder, `${name}.pem`);
    const keyFile = path.join(folder, `${name}-key.pem`);
    writeFileSync(keyFile, this.keyPem, { mode: 0o600 });
    writeFileSync(certFile, options.truncated ? this.pem : this.chainPem);
    return { certFile, keyFile };
  }
}

const rsaKeys = new Map<KeyKind, KeyObject>();

function newKey(kind: KeyKind): KeyObject {
  if (kind === "ed25519") return generateKeyPairSync("ed25519").privateKey;
  if (kind === "p256") return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  if (kind === "p384") return generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey;
  let key = rsaKeys.get(kind);
  if (!key) {
    key = generateKeyPairSync("rsa", { modulusLength: kind === "rsa1024" ? 1024 : 2048 }).privateKey;
    rsaKeys.set(kind, key);
  }
  return key;
}

/** DER of a subject with these common names, one RDN each. */
function subjectOf(cn: string | readonly string[]): Buffer {
  const names = typeof cn === "string" ? [cn] : cn;
  // A short SEQUENCE each: two bytes of head, then its RDN.
  const rdns = Buffer.concat(names.map((commonName) => encodeSubject({ ...emptySubject(), commonName }).subarray(2)));
  if (rdns.length > 127) throw new Error("test subject too long");
  return Buffer.concat([Buffer.from([0x30, rdns.length]), rdns]);
}

function issueCertificate(
  options: IssueOptions & { readonly subject: Buffer; readonly isCa: boolean },
  key: KeyObject,
  issuer: TestCa | undefined,
): string {
  const now = Date.now();
  return createCertificate(
    {
      serial: randomSerial(),
      subject: options.subject,
      issuer: issuer?.certificate.subject ?? options.subject,
      notBefore: options.notBefore ?? new Date(now - DAY_MS / 24),
      notAfter: options.notAfter ?? new Date(now + 90 * DAY_MS),
      publicKeyInfo: publicKeyInfo(key),
      keyUsages: keyUsageBits(options.isCa ? ["cert sign", "crl sign"] : ["signing", "key encipherment"]),
      extendedKeyUsages: options.isCa ? [] : extendedUsageIds(USAGES[options.usage ?? "client"]),
      ca: options.isCa ? { maxPathLength: undefined } : undefined,
      authorityKeyId: issuer && keyIdentifier(publicKeyInfo(issuer.key)),
      hosts: options.san ? classifyHosts(options.san) : noHosts(),
      ocspUrls: options.ocspUrls ?? [],
      issuerUrls: options.issuerUrls ?? [],
      crlUrls: options.crlUrls ?? [],
      others: [],
    },
    issuer?.key ?? key,
  );
}

/** A certificate that vouches for itself. */
export function selfSigned(options: IssueOptions = {}): TestPair {
  const key = newKey(options.key ?? "p256");
  return new TestPair(
    issueCertificate({ ...options, subject: subjectOf(options.cn ?? "agent"), isCa: false }, key, undefined),
    key,
    [],
  );
}

export class TestCa {
  readonly certificate: Certificate;
  readonly key: KeyObject;
  readonly pem: string;
  readonly #issuer: TestCa | undefined;

  private constructor(options: TestCaOptions, issuer: TestCa | undefined) {
    this.#issuer = issuer;
    this.key = newKey(options.key ?? "p256");
    const subject = subjectOf(options.cn ?? "Test CA");
    this.pem = issueCertificate({ ...options, subject, isCa: true }, this.key, issuer);
    this.certificate = readCertificate(this.pem);
  }

  static root(options: TestCaOptions = {}): TestCa {
    return new TestCa(options, undefined);
  }

  /** An authority below this one; what it issues carries it in `chainPem`. */
  intermediate(options: TestCaOptions = {}): TestCa {
    return new TestCa({ cn: "Test intermediate CA", ...options }, this);
  }

  /** PEM of the authorities between a leaf and the root, nearest first. */
  #intermediates(): string[] {
    return this.#issuer ? [this.pem, ...this.#issuer.#intermediates()] : [];
  }

  issue(options: IssueOptions = {}): TestPair {
    const key = newKey(options.key ?? "p256");
    const pem = issueCertificate({ ...options, subject: subjectOf(options.cn ?? "agent"), isCa: false }, key, this);
    return new TestPair(pem, key, this.#intermediates());
  }

  /** A pair for a server on this machine: `localhost` and both loopback addresses, unless other names are given. */
  issueServer(options: IssueOptions = {}): TestPair {
    return this.issue({ cn: "localhost", san: ["localhost", "127.0.0.1", "::1"], usage: "server", ...options });
  }

  /** DER of a list with the serials of `revoked`. */
  crl(revoked: readonly TestPair[], options: { readonly nextUpdate?: Date; readonly number?: number } = {}): Buffer {
    const now = new Date();
    return createCrl(
      this.certificate,
      this.key,
      revoked.map(({ certificate }) => ({ serial: certificate.serial, at: now, reason: "keyCompromise" })),
      now,
      options.nextUpdate ?? new Date(now.getTime() + DAY_MS),
      options.number,
    );
  }

  /** `NAME.pem`. */
  write(folder: string, name = "ca"): string {
    const file = path.join(folder, `${name}.pem`);
    writeFileSync(file, this.pem);
    return file;
  }
}

export interface TestCaOptions {
  readonly cn?: string;
  readonly key?: KeyKind;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}
