/**
 * Who is at the other end of a TLS connection, by certificate (S-175, S-182): the chain to a trusted authority,
 * validity, usage and revocation, each refusal with its reason. No verdict waits for another connection's.
 */
import { X509Certificate } from "node:crypto";
import { getCACertificates, type TLSSocket } from "node:tls";
import { SensuError } from "@sensu-ts/core";
import { type Certificate, certificateBlocks, fingerprint, formatName, readCertificate } from "@sensu-ts/pki";
import type { Logger } from "../log.ts";
import { buildChain, TrustAnchors, UNKNOWN_AUTHORITY } from "./chain.ts";
import { Revocation, type RevocationOptions } from "./revocation/revocation.ts";

export interface PeerCertificate {
  readonly commonName: string;
  readonly subject: string;
  /** Upper hex. */
  readonly serial: string;
  readonly issuer: string;
  /** Milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly fingerprint256: string;
  readonly raw: Buffer;
  /** What the peer sent besides. */
  readonly chain: readonly Buffer[];
}

export type PeerVerdict =
  | { readonly ok: true; readonly peer: PeerCertificate }
  /** `peer` is what the client claims to be, where its certificate could be read. */
  | { readonly ok: false; readonly reason: string; readonly peer?: PeerCertificate };

export interface PeerVerifierOptions {
  /** Empty: the system's authorities. */
  readonly trustedCaFile: string;
  /** Name of the option that gave the file, for messages. */
  readonly option: string;
  readonly revocation: Omit<RevocationOptions, "log" | "now">;
  readonly log: Logger;
  readonly now?: () => number;
}

const NONE = "tls: client didn't provide a certificate";
/** A chain longer than this is not read. */
const MAX_SENT = 10;
/**
 * What OpenSSL finds that is judged again here, by Go's rules: an authority in the file that is not self-signed is
 * trusted, and `anyExtendedKeyUsage` allows client authentication. Everything else it objects to refuses.
 */
const JUDGED_HERE: ReadonlySet<string> = new Set([
  "INVALID_PURPOSE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
]);

export class PeerVerifier {
  readonly #options: PeerVerifierOptions;
  readonly #now: () => number;
  readonly #revocation: Revocation;
  readonly #listeners = new Set<() => void>();
  #anchors = new TrustAnchors([]);

  constructor(options: PeerVerifierOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#revocation = new Revocation({ ...options.revocation, log: options.log, now: this.#now });
    this.#revocation.onChange(() => this.#changed());
  }

  /** Throws with the texts of S-115 when the trust file cannot serve. Resolves when the lists were asked for once. */
  async start(): Promise<void> {
    this.#anchors = new TrustAnchors(this.#readAuthorities());
    if (this.#options.trustedCaFile === "") {
      this.#options.log.warn(
        { option: this.#options.option, authorities: this.#anchors.certificates.length },
        `${this.#options.option} is not set: every client certificate of any public authority of this system is accepted`,
      );
    }
    await this.#revocation.start(() => this.#anchors.certificates);
  }

  async stop(): Promise<void> {
    await this.#revocation.stop();
  }

  /** Certificates in the trust file; empty with the system's authorities. */
  get authorities(): readonly Certificate[] {
    return this.#options.trustedCaFile === "" ? [] : this.#anchors.certificates;
  }

  /** A revocation list or the trusted authorities changed: live sessions must be rechecked (S-164). */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Never rejects. Waits at most some seconds, for what the certificate itself names. */
  async verify(socket: TLSSocket): Promise<PeerVerdict> {
    const sent = sentCertificates(socket);
    const [raw, ...rest] = sent;
    if (raw === undefined) return { ok: false, reason: NONE };
    let leaf: Certificate;
    let others: readonly Certificate[];
    try {
      leaf = readCertificate(raw);
      others = rest.map(readCertificate);
    } catch (error) {
      return { ok: false, reason: `client certificate cannot be read: ${(error as Error).message}` };
    }
    const peer = peerCertificate(leaf, rest);
    const objection = socket.authorized ? undefined : String(socket.authorizationError);
    const reason = await this.#judge(leaf, others, objection);
    return reason === undefined ? { ok: true, peer } : { ok: false, reason, peer };
  }

  /** Why a peer that was let in must go now; undefined when it may stay. */
  async recheck(peer: PeerCertificate): Promise<string | undefined> {
    return this.#chainReason(readCertificate(peer.raw), peer.chain.map(readCertificate));
  }

  async #judge(leaf: Certificate, sent: readonly Certificate[], objection: string | undefined) {
    const { obstacle } = this.#revocation;
    if (obstacle !== undefined) return obstacle;
    if (objection !== undefined) {
      if (!JUDGED_HERE.has(objection)) return `x509: certificate is refused by OpenSSL: ${objection}`;
      // Name constraints are OpenSSL's alone to judge, and it may have reported something else instead.
      if ([leaf, ...sent].some(hasNameConstraints)) return UNKNOWN_AUTHORITY;
    }
    return this.#chainReason(leaf, sent);
  }

  async #chainReason(leaf: Certificate, sent: readonly Certificate[]): Promise<string | undefined> {
    const result = buildChain(leaf, sent, this.#anchors, this.#now());
    return result.ok ? this.#revocation.check(result.chain) : result.reason;
  }

  /** Takes a changed trust file; a bad one leaves everything as it is and throws. */
  reloadAuthorities(): void {
    this.#anchors = new TrustAnchors(this.#readAuthorities());
    this.#changed();
  }

  #readAuthorities(): readonly Certificate[] {
    const { trustedCaFile } = this.#options;
    const blocks = (trustedCaFile === "" ? getCACertificates("system") : [String(readCa(trustedCaFile))]).flatMap(
      certificateBlocks,
    );
    const readable = blocks.flatMap((der) => {
      try {
        return [readCertificate(der)];
      } catch {
        // Bundles hold certificates of kinds nobody uses here; they trust nobody then.
        return [];
      }
    });
    if (readable.length === 0) {
      throw new SensuError("invalid", `No certificates could be parsed out of ${trustedCaFile || "the system's roots"}`);
    }
    return readable;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** DER of the leaf and of what came with it, as sent. */
function sentCertificates(socket: TLSSocket): Buffer[] {
  const sent: Buffer[] = [];
  let next: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (next && sent.length < MAX_SENT) {
    sent.push(next.raw);
    next = next.issuerCertificate;
  }
  return sent;
}

function peerCertificate(leaf: Certificate, chain: readonly Buffer[]): PeerCertificate {
  return {
    commonName: leaf.commonName,
    subject: formatName(leaf.subject),
    serial: leaf.serial.toString("hex").toUpperCase(),
    issuer: formatName(leaf.issuer),
    notBefore: leaf.notBefore.getTime(),
    notAfter: leaf.notAfter.getTime(),
    fingerprint256: fingerprint(leaf.der),
    raw: leaf.der,
    chain,
  };
}

function hasNameConstraints(certificate: Certificate): boolean {
  return certificate.extensions.some(({ oid }) => oid === "2.5.29.30");
}
