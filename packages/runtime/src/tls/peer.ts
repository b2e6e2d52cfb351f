/**
 * Who is at the other end of a TLS connection, by certificate (S-175, S-182): the chain to a trusted authority,
 * validity, usage and revocation, each refusal with its reason. No verdict waits for another connection's.
 */
import type { TLSSocket } from "node:tls";
import { SensuError } from "@sensu-ts/core";
import { type Certificate, fingerprint, formatName, OID, readCertificate } from "@sensu-ts/pki";
import type { Logger } from "../log.ts";
import { buildChain, type PeerObjection, readableCertificates, TrustAnchors, UNKNOWN_AUTHORITY } from "./chain.ts";
import { loadCa, MIN_RSA_BITS } from "./files.ts";
import { peerChain } from "./peer-chain.ts";
import { type CrlAtHand, Revocation, type RevocationOptions } from "./revocation/revocation.ts";
import { requireSystemRoots } from "./roots.ts";
import { FileWatch } from "./watch.ts";

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
  | (PeerObjection & { readonly ok: false; readonly peer?: PeerCertificate });

export interface PeerVerifierOptions {
  /** Empty: the system's authorities. */
  readonly trustedCaFile: string;
  /** Name of the option that gave the file, for messages. */
  readonly option: string;
  readonly revocation: Omit<RevocationOptions, "log" | "now">;
  readonly log: Logger;
  readonly now?: () => number;
  /** Between two looks at the trust file. */
  readonly pollMs?: number;
}

const NONE: PeerObjection = { reason: "tls: client didn't provide a certificate", alert: "certificate_required" };
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
  readonly #watch: FileWatch;
  #anchors = new TrustAnchors([]);

  constructor(options: PeerVerifierOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#revocation = new Revocation({ ...options.revocation, log: options.log, now: this.#now });
    this.#revocation.onChange(() => this.#changed());
    const { trustedCaFile, pollMs } = options;
    this.#watch = new FileWatch({
      files: () => (trustedCaFile === "" ? [] : [trustedCaFile]),
      changed: () => this.#reloadAuthorities(),
      pollMs,
    });
  }

  /** Throws with the texts of S-115 when the trust file cannot serve. Resolves when the lists were asked for once. */
  async start(): Promise<void> {
    await this.#watch.start();
    this.#anchors = new TrustAnchors(this.#readAuthorities());
    const { trustedCaFile, option, log } = this.#options;
    if (trustedCaFile === "") {
      log.warn(
        { option, authorities: this.#anchors.certificates.length },
        `${option} is not set: every client certificate of any public authority of this system is accepted; set it to the CA of the agents`,
      );
    }
    await this.#revocation.start(() => this.#anchors.certificates);
  }

  async stop(): Promise<void> {
    await this.#watch.stop();
    await this.#revocation.stop();
  }

  /** Looks at the trust file now. */
  poll(): Promise<void> {
    return this.#watch.look();
  }

  /** SIGHUP: everything is read and fetched anew now. */
  async reload(): Promise<void> {
    this.#reloadAuthorities();
    await this.#revocation.refresh();
  }

  /** The configured revocation lists at hand. */
  crls(): readonly CrlAtHand[] {
    return this.#revocation.crls();
  }

  /** A revocation list or the trusted authorities changed: live sessions must be rechecked (S-164). */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Of a socket of a server that `createServer` made. Never rejects. Waits at most some seconds, for what the certificate itself names. */
  async verify(socket: TLSSocket): Promise<PeerVerdict> {
    const [raw, ...rest] = peerChain(socket);
    if (raw === undefined) return { ok: false, ...NONE };
    let leaf: Certificate;
    let others: readonly Certificate[];
    try {
      leaf = readCertificate(raw);
      others = rest.map(readCertificate);
    } catch (error) {
      return { ok: false, ...bad(`client certificate cannot be read: ${(error as Error).message}`) };
    }
    const peer = peerCertificate(leaf, rest);
    const opensslSays = socket.authorized ? undefined : String(socket.authorizationError);
    const objection = await this.#judge(leaf, others, opensslSays);
    return objection === undefined ? { ok: true, peer } : { ok: false, ...objection, peer };
  }

  /** Why a peer that was let in must go now; undefined when it may stay. */
  async recheck(peer: PeerCertificate): Promise<PeerObjection | undefined> {
    return this.#judgeChain(readCertificate(peer.raw), peer.chain.map(readCertificate));
  }

  async #judge(leaf: Certificate, sent: readonly Certificate[], opensslSays: string | undefined) {
    const { obstacle } = this.#revocation;
    // Nothing is wrong with the certificate.
    if (obstacle !== undefined) return { reason: obstacle, alert: "internal_error" } as const;
    if (opensslSays !== undefined) {
      if (!JUDGED_HERE.has(opensslSays)) {
        return bad(weakKey(leaf) ?? `x509: certificate is refused by OpenSSL: ${opensslSays}`);
      }
      // Name constraints are OpenSSL's alone to judge, and it may have reported something else instead.
      if ([leaf, ...sent].some(hasNameConstraints)) return UNKNOWN_AUTHORITY;
    }
    return this.#judgeChain(leaf, sent);
  }

  async #judgeChain(leaf: Certificate, sent: readonly Certificate[]): Promise<PeerObjection | undefined> {
    const result = buildChain(leaf, sent, this.#anchors, this.#now());
    if (!result.ok) return { reason: result.reason, alert: result.alert };
    const reason = await this.#revocation.check(result.chain);
    return reason === undefined ? undefined : { reason, alert: "certificate_revoked" };
  }

  /** False, and everything as before, for a file that cannot serve. */
  #reloadAuthorities(): boolean {
    const { trustedCaFile, option, log } = this.#options;
    try {
      this.#anchors = new TrustAnchors(this.#readAuthorities());
    } catch (error) {
      log.error({ option, path: trustedCaFile, error }, `${option} not reloaded, the present authorities stay`);
      return false;
    }
    const authorities = this.#anchors.certificates.map(({ subject }) => formatName(subject));
    if (trustedCaFile !== "") log.warn({ option, path: trustedCaFile, authorities }, `${option} reloaded`);
    this.#changed();
    return true;
  }

  #readAuthorities(): readonly Certificate[] {
    const { trustedCaFile } = this.#options;
    const readable = readableCertificates(trustedCaFile === "" ? requireSystemRoots().pem : loadCa(trustedCaFile));
    if (readable.length > 0) return readable;
    throw new SensuError("invalid", `No certificates could be parsed out of ${trustedCaFile || "the system's roots"}`);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function bad(reason: string): PeerObjection {
  return { reason, alert: "bad_certificate" };
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

/** OpenSSL has a rule for it but, through Node, no words. */
function weakKey({ publicKey }: Certificate): string | undefined {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS;
  return bits < MIN_RSA_BITS ? `x509: RSA key of ${bits} bits is too weak, it needs ${MIN_RSA_BITS}` : undefined;
}

function hasNameConstraints(certificate: Certificate): boolean {
  return certificate.extensions.some(({ oid }) => oid === OID.nameConstraints);
}
